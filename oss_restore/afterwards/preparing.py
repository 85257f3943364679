"""Prepares runs that follow from a run of a deployment, and the questions that come before them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from functions.classify import State
from functions.contract import RunInput, run_folder
from oss_restore.afterwards.next_runs import (
    RETRIED,
    Retried,
    again,
    over_manifest,
    parse,
    write_retried,
)
from oss_restore.afterwards.standing import Standing, standing_of
from oss_restore.console import step
from oss_restore.door import Door
from oss_restore.forecast.prices import load_prices
from oss_restore.ledger import ledger_errors, open_ledger, read_input
from oss_restore.messages import reporting as say
from oss_restore.storage import open_store, storage_errors


def prepare_retry(
    door: Door, before: str, name: str, changes: Mapping[str, object]
) -> tuple[dict[str, Any], Retried]:
    """The input of a run over what failed in another; its manifest is in the report bucket then.

    Args:
        door: to the deployment.
        before: the run that had failures.
        name: of the new one.
        changes: of the input, by JSON names.

    Raises:
        OperatorError: there is no such run, the changes are wrong, or OSS refuses a call.
    """
    deployment = door.reported
    ledger = open_ledger(door.target, deployment, before)
    with ledger_errors(deployment, before):
        given = read_input(ledger)
        run = parse(given)
        key = run_folder(deployment.report_prefix, name) + RETRIED
        wanted = again(over_manifest(given, key), **changes)
        parse(wanted)
        source = open_store(door.target, run.bucket_name)
        to = open_ledger(door.target, deployment, name)
        return wanted, write_retried(ledger.failures(), run, source, to)


def input_of(door: Door, run: str, **changes: object) -> dict[str, Any]:
    """The input of a run, with changes.

    Raises:
        OperatorError: there is no such run, the changes are wrong, or OSS refuses a call.
    """
    with ledger_errors(door.reported, run):
        given = read_input(open_ledger(door.target, door.reported, run))
    wanted = again(given, **{"dryRun": False, **changes})
    parse(wanted)
    return wanted


def question_of_extension(door: Door, given: Mapping[str, Any], days: int) -> str:
    """What is about to stay readable for longer, and what that costs."""

    def counted(standing: Standing) -> str:
        return say.EXTEND_COUNTED(
            readable=standing.objects(State.READABLE),
            days=days,
            money=standing.money_a_day(load_prices()) * days,
            frozen=standing.objects(State.FROZEN),
        )

    return _question(door, given, counted, say.EXTEND_UNCOUNTED(days=days))


def question_of_upgrade(door: Door, given: Mapping[str, Any], tier: str) -> str:
    """What is about to be thawed sooner."""

    def counted(standing: Standing) -> str:
        return say.UPGRADE_COUNTED(
            thawing=standing.objects(State.THAWING),
            tier=tier,
            frozen=standing.objects(State.FROZEN),
        )

    return _question(door, given, counted, say.UPGRADE_UNCOUNTED(tier=tier))


def count(door: Door, run: RunInput) -> Standing:
    """Counts a run's scope by listing, and says on stderr how far it is.

    Raises:
        OperatorError: OSS refuses a call.
    """
    with step(say.COUNTING()) as shown, storage_errors("oss:ListObjects", run.bucket_name):
        return standing_of(
            open_store(door.target, run.bucket_name),
            run,
            lambda objects: shown.say(say.COUNTED(objects=objects)),
        )


def _question(
    door: Door, given: Mapping[str, Any], counted: Callable[[Standing], str], uncounted: str
) -> str:
    run = parse(given)
    if run.manifest is not None:
        return uncounted  # its objects are told by the manifest, not by a listing
    return counted(count(door, run))
