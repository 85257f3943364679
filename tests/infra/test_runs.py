"""The rendered flows in the local cloud's engine, under every value of every switch."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from functions.page_builder import PageBuilder
from functions.page_handlers import page_response
from infra.model.names import Names
from localcloud.fnf.executions import Execution
from localcloud.settings import Settings, override
from tests.functions.scene import frozen, make_run
from tests.infra.application import THAW_SECONDS, Application
from tests.infra.environments import small_environment
from tests.localcloud.fnf.harness import Cloud, Json, events, output, scenario
from tests.localcloud.fnf.switches import every_switch
from thaw.entries import Entry
from thaw.errors import AccessDenied
from thaw.ledger_layout import SUMMARY
from thaw.limits import json_bytes
from thaw.lookup import FoundObject
from thaw.run_input_parser import parse_run

KEYS = [f"key-{number:03}" for number in range(35)]
LOOKING = Names(small_environment()).flow("lookFlow")


def run(application: Application, settings: Settings | None = None, **fields: object) -> Execution:
    """Run the flows on a fresh cloud; return the root execution."""

    async def play(cloud: Cloud) -> Execution:
        return await application.start(cloud, **fields)

    return scenario(play, settings=settings)


@cache
def page_by_page(settings: Settings) -> tuple[Application, Execution]:
    """Run once what several tests look at: a run that waits for each page."""
    application = Application(KEYS, ranges=3, looks=2)
    return application, run(application, settings)


@cache
def waiting_at_its_end(settings: Settings) -> tuple[Application, Execution]:
    """Run once what several tests look at: a run that waits for all pages together."""
    application = Application(KEYS)
    return application, run(application, settings, waitFor="run")


def seconds(execution: Execution) -> float:
    assert execution.stopped_at is not None
    return execution.stopped_at - execution.started_at


@every_switch
def test_a_run_thaws_each_object_once_page_by_page(settings: Settings) -> None:
    application, execution = page_by_page(settings)
    assert output(execution)["outcomes"] == {"requested": len(KEYS)}
    assert application.requests == Counter(KEYS)
    assert seconds(execution) >= 4 * THAW_SECONDS


@every_switch
def test_a_run_that_waits_at_its_end_waits_once(settings: Settings) -> None:
    _, execution = waiting_at_its_end(settings)
    assert output(execution)["outcomes"] == {"requested": len(KEYS)}
    assert THAW_SECONDS <= seconds(execution) < 2 * THAW_SECONDS


@every_switch
def test_a_group_that_fails_permanently_is_recorded_and_the_run_continues(
    settings: Settings,
) -> None:
    """A group that fails nine times succeeds at the tenth."""
    application = Application(KEYS, unavailable=Counter({"key-004": 1000, "key-020": 9}))
    execution = run(application, settings)
    assert output(execution)["outcomes"] == {"requested": len(KEYS) - 2, "failed": 2}
    assert [key for key in KEYS if application.recorded[key] == "failed"] == ["key-004", "key-005"]
    (failure,) = application.failures
    assert failure["error"].removeprefix("FC.") == "StorageUnavailable"
    assert failure["cause"] == "OSS answers 503"


@every_switch
def test_a_fatal_error_is_reported_and_ends_the_run_under_its_own_name(settings: Settings) -> None:
    denied = AccessDenied("oss:RestoreObject on acs:oss:*:*:archive/key-013")
    application = Application(KEYS, fatal_errors={"key-013": denied})
    execution = run(application, settings)
    assert execution.status == "Failed"
    assert execution.error.removeprefix("FC.") == "AccessDenied"
    assert execution.cause == str(denied)
    assert "key-020" not in application.requests, "nothing is sent after it"
    (notice,) = application.notices
    assert notice["error"].removeprefix("FC.") == "AccessDenied"
    assert str(denied) in notice["cause"]


@every_switch
def test_a_long_run_is_relayed(settings: Settings) -> None:
    application = Application(KEYS, relay_at_event=40)
    execution = run(application, settings, maxKeys=5)
    assert output(execution)["outcomes"] == {"requested": len(KEYS)}
    assert application.requests == Counter(KEYS)
    assert application.legs[:2] == ["root", "relay"]
    assert len(events(execution)) < 130


@every_switch
def test_several_listers_share_a_run_and_each_may_be_relayed(settings: Settings) -> None:
    application = Application(KEYS, relay_at_event=40)
    shards = [
        {"number": 0, "marker": "", "until": "key-017"},
        {"number": 1, "marker": "key-017", "until": ""},
    ]
    given = {"maxKeys": 5, "waitFor": "run", "shards": shards}
    execution = run(application, settings, **given)
    assert output(execution)["outcomes"] == {"requested": len(KEYS)}
    assert application.requests == Counter(KEYS)
    assert application.legs.count("shard") == 2
    assert application.legs.count("relay") >= 2
    assert THAW_SECONDS <= seconds(execution) < 2 * THAW_SECONDS


@every_switch
def test_a_page_of_thawing_objects_is_waited_for(settings: Settings) -> None:
    """It has no groups, and the documents do not say whether a foreach accepts an empty list."""

    async def play(cloud: Cloud) -> None:
        application = Application(KEYS[:10])
        application.readable_at = dict.fromkeys(KEYS[:10], cloud.core.clock.now() + 100)
        execution = await application.start(cloud)
        assert output(execution)["outcomes"] == {}
        assert seconds(execution) >= 100

    scenario(play, settings=settings)


@every_switch
def test_a_long_wait_continues_in_new_executions(settings: Settings) -> None:
    """An execution has events for a few hundred polls; a thaw may take two days."""

    async def play(cloud: Cloud) -> None:
        application = Application(KEYS[:10], relay_at_event=200, thaw_seconds=300)
        execution = await application.start(cloud, waitFor="run")
        assert output(execution)["outcomes"] == {"requested": 10}
        assert 300 <= seconds(execution) < 400
        assert len(cloud.workflow.flows.find(LOOKING).executions) > 2

    scenario(play, settings=settings)


@pytest.mark.parametrize("wait_for", ["page", "run", "none"])
def test_an_empty_bucket_is_a_short_run(wait_for: str) -> None:
    execution = run(Application([]), waitFor=wait_for)
    assert output(execution)["listed"] == 0


def test_a_run_that_waits_for_nothing_ends_when_every_request_is_sent() -> None:
    application = Application(KEYS)
    execution = run(application, waitFor="none")
    assert application.requests == Counter(KEYS)
    assert seconds(execution) < 2


def test_a_dry_run_never_calls_restore() -> None:
    application = Application(KEYS)
    assert output(run(application, dryRun=True))["unaccounted"] == len(KEYS)
    assert not application.requests


def test_the_output_of_a_run_is_its_summary() -> None:
    summary = output(run(Application(KEYS)))
    assert set(summary) == set(SUMMARY)
    assert summary["report"] == "oss://ledgers/runs/run-1/"


def test_an_environments_defaults_reach_the_run() -> None:
    async def play(cloud: Cloud) -> None:
        await Application(KEYS).start(cloud)
        (event,) = cloud.functions.events("prepareRun")
        assert event["defaults"] == {"maxKeys": 100, "groupSize": 1, "workers": 10}

    scenario(play)


def test_an_unknown_status_is_no_success() -> None:
    execution = run(Application(KEYS, status="done"))
    assert (execution.status, execution.error) == ("Failed", "UnknownStatus")


def test_a_page_of_failures_stays_within_an_executions_events() -> None:
    """Each of 100 groups is retried ten times, fails and is recorded."""
    keys = [f"key-{number:03}" for number in range(100)]
    application = Application(keys, unavailable=Counter(dict.fromkeys(keys, 1000)))
    execution = run(application, maxKeys=100, groupSize=1)
    assert output(execution)["outcomes"] == {"failed": 100}


class FullPages(Application):
    """An application whose pages are as full as those of the real ``listArchiveFiles``."""

    def list_archive_files(self, event: Json) -> Json:
        if event.get("ahead"):
            return {}
        run = parse_run(event["run"], foreach_limit=100)
        page = PageBuilder(run, page=event["page"], after=run.prefix, foreach_limit=100)
        for key in self.keys[event["page"] * run.max_keys :][: run.max_keys]:
            page.add(Entry(key, [FoundObject(frozen(key), 0)]))
        page.end = (event["page"] + 1) * run.max_keys >= len(self.keys)
        index = page.chunk().index
        first = event["page"] * run.max_keys
        self.pages[event["page"]] = self.keys[first : first + run.max_keys]
        return {**page_response(index, run), "totals": self.totals(event).to_json()}

    def restore(self, event: Json) -> Json:
        return {"counts": "Ar1Av1At1Ay1Ae1Au1An1Am1As1Cr1Cv1Ct1234"}


@pytest.mark.parametrize("measure", ["compact", "escaped"])
@pytest.mark.parametrize("letter", ["k", "档", "\x01", "\N{ICE CUBE}"])
def test_the_longest_keys_and_filters_and_the_fullest_pages_fit_every_step_and_event(
    measure: str, letter: str
) -> None:
    """Keys of 1,023 bytes, a hundred groups a page, and a run with the longest possible input."""
    text = letter * (1020 // len(letter.encode()))
    keys = [f"{text}{number:03}" for number in range(450)]
    full = {"maxKeys": 200, "groupSize": 2}
    room = 6_000 - json_bytes(make_run(include=["*"], **full).to_json())
    run_input = make_run(include=["*", "x" * room], waitFor="none", **full)
    application = FullPages(keys, relay_at_event=20)
    settings = override(Settings(), {"size_measure": measure})
    execution = run(application, settings, **run_input.to_json())
    assert output(execution)["failed"] == 0
    assert len(application.pages) == 3
    assert "relay" in application.legs


@every_switch
def test_the_next_page_is_listed_while_one_is_sent(settings: Settings) -> None:
    application, _ = waiting_at_its_end(settings)
    assert application.listed_ahead == [0, 1, 2, 3]


@every_switch
def test_a_page_that_could_not_be_listed_ahead_is_listed_later(settings: Settings) -> None:
    application = Application(KEYS, ahead_error=AccessDenied("not yet"))
    execution = run(application, settings, waitFor="run")
    assert output(execution)["outcomes"] == {"requested": len(KEYS)}


@every_switch
def test_all_objects_are_checked_once_more_at_the_end_in_parallel_ranges(
    settings: Settings,
) -> None:
    application, _ = page_by_page(settings)
    assert sorted(application.looks_done) == [0, 1, 100, 101, 200, 201]


def test_a_last_look_of_many_calls_stays_below_the_limit_of_events() -> None:
    application = Application(KEYS, ranges=80, looks=10)
    execution = run(application)
    assert output(execution)["verdict"]
    assert len(application.looks_done) == 800


def test_a_run_whose_last_look_fails_ends_with_that_error() -> None:
    execution = run(Application(KEYS, look_error=AccessDenied("oss:ListObjects")))
    assert (execution.status, execution.error) == ("Failed", "AccessDenied")
