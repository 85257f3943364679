"""``prepareRun``, the start of each execution of the main flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from functions.copiers import target_store
from functions.copy_target import check_target
from functions.handling import handler
from functions.invocation import Invocation
from thaw.chosen_settings import copies_at_once, most_listers, settle, with_defaults
from thaw.json_reader import Reader
from thaw.manifest.chunks import Chunks
from thaw.manifest.files import find_files
from thaw.run_input import Run
from thaw.run_input_parser import parse_run, parse_run_input, start_run
from thaw.shards import Shard, share_out, whole
from thaw.totals import Totals


@handler
def prepare_run(invocation: Invocation) -> dict[str, object]:
    """Begin a leg of a run: ``{input, defaults, executionName}`` -> its start, see :func:`_leg`.

    Checks the input of a root execution and records it; ``defaults`` are those of the environment.
    The input of a relay, ``{relay: {run, marker, page, totals}}``, is passed on; that of one of
    several listers, ``{run, shard}``, becomes a run over its part of the keys.
    """
    event = invocation.event
    run_input, defaults = event.value("input"), event.value("defaults")
    name = event.required("executionName")
    event.finish(allow_unknown=True)
    if isinstance(run_input, Mapping) and "relay" in run_input:
        return _relay(Reader(run_input["relay"], "the relay's input"), invocation)
    if isinstance(run_input, Mapping) and "shard" in run_input:
        return _shard(Reader(run_input, "the shard's input"), invocation)
    if isinstance(run_input, Mapping) and isinstance(defaults, Mapping):
        run_input = with_defaults(run_input, defaults)
    limit, allowance = invocation.settings.foreach_limit, invocation.settings.allowance
    run = start_run(parse_run_input(run_input, foreach_limit=limit, allowance=allowance), name)
    run = invocation.settings.copies.check(run)
    if run.then is not None:
        check_target(target_store(invocation, run), run, invocation.settings.copies)
    ledger = invocation.ledger(run)
    if run.manifest is not None:
        files = find_files(invocation.manifest_store(run, run.manifest), run.manifest)
        Chunks(ledger, run).start(files)
    shards = share_out(invocation.store(run), run, most=most_listers(run, allowance))
    if run.then is not None and not shards:  # objects are copied in parallel to a separate lister
        shards = [whole(run)]
    run = settle(run, allowance, listers=max(1, len(shards)))
    ledger.write_json("input.json", {**run.to_json(), "chosen": sorted(run.chosen)})
    invocation.log.info("run prepared", run=run.run_id, bucket=run.bucket_name)
    for shard in shards:  # an error in one of them is an error of the run
        parse_run(shard.of(run).to_json(), foreach_limit=limit)
    at_once = copies_at_once(allowance, len(shards))
    leg = _leg(run, page=0, totals=Totals(), leg="root", shards=shards)
    return {**leg, "copiesAtOnce": at_once}


def _shard(shard_input: Reader, invocation: Invocation) -> dict[str, object]:
    whole_run = parse_run(shard_input.value("run"), foreach_limit=invocation.settings.foreach_limit)
    shard = Shard.parse(Reader(shard_input.value("shard"), "the shard"))
    shard_input.finish()
    invocation.ledger(whole_run).check_stop()
    run, page = shard.of(whole_run), shard.first_page
    invocation.log.info("shard started", run=run.run_id, page=page, prefix=run.prefix)
    return _leg(run, page=page, totals=Totals(), leg="shard")


def _relay(relay: Reader, invocation: Invocation) -> dict[str, object]:
    run = parse_run(relay.value("run"), foreach_limit=invocation.settings.foreach_limit)
    marker = relay.text("marker", "")
    page = relay.integer("page", 0)
    totals = Totals.from_json(relay.value("totals"))
    relay.finish()
    invocation.ledger(run).check_stop()
    invocation.log.info("run relayed", run=run.run_id, page=page)
    return _leg(run, marker=marker, page=page, totals=totals, leg="relay")


def _leg(
    run: Run,
    *,
    page: int,
    totals: Totals,
    leg: str,
    marker: str = "",
    shards: Sequence[Shard] = (),
) -> dict[str, object]:
    """Return the start of a leg of the run; ``marker`` is empty at the start of the lister's keys.

    Only the root waits for the objects, until they are readable or copied.
    """
    works = leg == "root" and not run.dry_run
    waits = works and run.wait_for == "run" and run.then is None
    return {
        "run": run.to_json(),
        "marker": marker,
        "page": page,
        "totals": totals.to_json(),
        "leg": leg,
        "awaits": "true" if waits else "false",
        "sharded": "true" if shards else "false",
        "shards": [shard.to_json() for shard in shards],
        "copies": "true" if works and run.then is not None else "false",
        "copiesAtOnce": 0,
    }
