"""Flows like those of public applications, written anew and run to their end.

Each uses what its kind is known for: paths with indices and nested projections, constants
of every type, retries by several policies, callbacks, children, messages, relays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TypeVar

import orjson
import pytest

from fdl.lint import lint
from fdl.semantics import Semantics
from localcloud.errors import CloudError
from localcloud.fnf.executions import Execution, ExecutionFilter
from localcloud.settings import Settings
from tests.localcloud.fnf.harness import Cloud, Function, Json, output, scenario, until

FOLDER = Path(__file__).parent / "public_flows"
FLOWS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
T = TypeVar("T")
Functions = dict[str, Function]


class BookTrainTicketError(Exception):
    """A function's own error, which the flow sees by the name of its class."""


class BatchProcessError(Exception):
    pass


class ErrorNeedsRetry(Exception):  # noqa: N818 - as the applications spell it
    pass


class TooBusy(Exception):  # noqa: N818 - the flow's error name
    pass


def definition(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def play(
    story: Callable[[Cloud], Awaitable[T]],
    *flows: str,
    functions: Callable[[Cloud], Functions] = lambda _: {},
    settings: Settings | None = None,
) -> T:
    """Play a scenario on a cloud with these flows."""

    async def main(cloud: Cloud) -> T:
        cloud.functions.functions |= functions(cloud)
        cloud.ram.create_policy("messages", MAY_PUBLISH, "", 0)
        cloud.ram.attach("messages", "flows")
        for name in flows:
            cloud.flow(definition(name), name)
        return await story(cloud)

    return scenario(main, settings=settings)


def run(
    name: str, given: Json, *children: str, functions: Functions | None = None
) -> tuple[Cloud, Execution]:
    """Run one flow to its end."""

    async def story(cloud: Cloud) -> tuple[Cloud, Execution]:
        return cloud, await cloud.run(given, flow=name)

    return play(story, *children, name, functions=lambda _: functions or {})


MAY_PUBLISH = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":["mns:PublishMessage"],'
    '"Resource":["*"]}]}'
)


def executions(cloud: Cloud, flow: str) -> list[Execution]:
    return cloud.workflow.list_executions(flow, which=ExecutionFilter()).items


def failing(times: int, error: Exception, result: Json) -> Function:
    """Return a function that fails a number of times, then works."""
    left = count(times, -1)

    def function(_: Json) -> Json:
        if next(left) > 0:
            raise error
        return result

    return function


@pytest.mark.parametrize("name", FLOWS)
def test_the_linter_finds_no_error_in_it(name: str) -> None:
    assert [f for f in lint(definition(name)) if f.severity == "error"] == []


def test_a_copy_continues_in_an_execution_that_is_named_after_its_page() -> None:
    def listing(event: Json) -> Json:
        page = int(event["marker"].removeprefix("page-") or "0")
        return {
            "groups": [[f"{page}-a", f"{page}-b"], [f"{page}-c"]],
            "large": [{"key": f"{page}-l", "parts": 2}],
            "marker": f"page-{page + 1}",
            "has_more": page < 2,
            "total": 3,
        }

    functions: Functions = {
        "listObjects": listing,
        "copyGroup": lambda event: {"keys": event["keys"]},
        "startUpload": lambda event: {"parts": list(range(event["object"]["parts"]))},
        "copyPart": lambda event: {"etag": f"etag-{event['part']}"},
    }

    async def story(cloud: Cloud) -> list[Execution]:
        given = {"marker": "", "limit": 3, "small_limit": 1024}
        first = await cloud.run(given, flow="copy_in_relays", name="first")
        again = await cloud.run(given, flow="copy_in_relays", name="again")  # finds its relay there
        assert (output(first)["copied"], output(first)["etags"]) == (
            ["0-a", "0-b", "0-c"],
            ["etag-0", "etag-1"],
        )
        assert output(again)["has_more"] is True
        return executions(cloud, "copy_in_relays")

    found = play(story, "copy_in_relays", functions=lambda _: functions)
    assert {execution.name for execution in found} == {"first", "again", "page-1", "page-2"}
    assert {execution.status for execution in found} == {"Succeeded"}


def test_a_copy_calls_itself_before_its_events_are_used_up() -> None:
    pages = iter(range(1, 100))
    slow = failing(1, BatchProcessError("busy"), None)

    def page(_: Json) -> Json:
        slow({})
        number = next(pages)
        return {"marker": str(number), "end": number == 9}

    cloud, execution = run("copy_by_itself", {"marker": ""}, functions={"copyPage": page})
    assert output(execution) == {"marker": "9"}
    assert len(executions(cloud, "copy_by_itself")) > 1


def test_an_archive_is_unpacked_slice_by_slice_until_the_choice_falls_through() -> None:
    slices: Iterator[Json] = iter(
        [
            {"entries": ["a", "b"], "offset": 2},
            {"entries": [], "offset": 2},
            {"entries": ["c"], "offset": -1},
        ]
    )
    cloud, execution = run(
        "unzip",
        {"key": "x.zip"},
        functions={"slice": lambda _: next(slices), "unpack": lambda _: {}},
    )
    assert output(execution)["key"] == "x.zip"
    assert [event["entry"] for event in cloud.functions.events("unpack")] == ["a", "b", "c"]


def test_a_batch_continues_after_a_failure_and_each_error_has_its_own_retries() -> None:
    busy = failing(2, TooBusy("later"), {"size": 1})
    broken = failing(9, ValueError("no image"), {})

    def process(event: Json) -> Json:
        if event["key"] == "fine":
            return {"size": event["options"]["quality"]}
        return (busy if event["key"] == "busy" else broken)(event)

    cloud, execution = run(
        "batch_process", {"keys": ["fine", "busy", "broken"]}, functions={"process": process}
    )
    assert output(execution) == {"results": [80, 1, "ValueError"]}
    calls = [event["key"] for event in cloud.functions.events("process")]
    assert [calls.count(key) for key in ("fine", "busy", "broken")] == [1, 3, 2]


@pytest.mark.parametrize(
    ("verdicts", "published", "calls"),
    [(["yes"], True, 1), (["later", "later", "yes"], True, 3), (["no"], False, 1), ([7], False, 1)],
)
def test_an_audit_is_retried_where_the_child_asks_for_it(
    verdicts: list[Json], published: bool, calls: int
) -> None:
    left = iter(verdicts)

    def look(_: Json) -> Json:
        verdict = next(left)
        return verdict if isinstance(verdict, int) else {"verdict": verdict}

    cloud, execution = run(
        "audit_parent", {"document": "d"}, "audit_child", functions={"look": look}
    )
    assert output(execution)["published"] is published
    assert len(executions(cloud, "audit_child")) == calls


def test_comparing_a_boolean_with_a_text_depends_on_strict_types() -> None:
    async def story(cloud: Cloud) -> Execution:
        return await cloud.run({"document": "d"}, flow="audit_parent")

    strict = Settings(semantics=Semantics(equality="strict"))
    look: Functions = {"look": lambda _: {"verdict": "yes"}}
    execution = play(
        story, "audit_child", "audit_parent", functions=lambda _: look, settings=strict
    )
    assert output(execution)["published"] is False
    (warning,) = [f for f in lint(definition("audit_parent")) if f.rule == "boolean-as-string"]
    assert warning.where == "steps.isAudited.choices[0].condition"


def test_forks_are_joined_by_their_own_reports() -> None:
    def functions(cloud: Cloud) -> Functions:
        def report(event: Json) -> Json:
            given = event["everything"]
            value = orjson.dumps({"value": given["part"] * 10}).decode()
            cloud.workflow.report_task_succeeded(given["token"], value)
            return {}

        return {"report": report}

    async def story(cloud: Cloud) -> Execution:
        return await cloud.run({"parts": [1, 2, 3]}, flow="fork_and_join")

    execution = play(story, "fork_child", "fork_and_join", functions=functions)
    assert output(execution) == {"values": [10, 20, 30]}


def test_of_several_reports_on_one_token_the_first_decides() -> None:
    refusals: list[str] = []

    def functions(cloud: Cloud) -> Functions:
        def report(event: Json) -> Json:
            answer = orjson.dumps({"winner": event["who"]}).decode()
            try:
                cloud.workflow.report_task_succeeded(event["token"], answer)
            except CloudError as error:  # written to survive it, as the sample is
                refusals.append(error.code)
            return {}

        return {"report": report}

    async def story(cloud: Cloud) -> Execution:
        execution = await cloud.run({}, flow="wait_any")
        (branches,) = executions(cloud, "wait_any_branches")
        await branches.poll(5)
        assert branches.status == "Succeeded"
        return execution

    execution = play(story, "wait_any_branches", "wait_any", functions=functions)
    assert output(execution) == {"winner": "quick"}
    assert refusals == ["TaskAlreadyCompleted"]


def test_the_leftovers_of_a_stopped_child_are_cleaned_up() -> None:
    async def story(cloud: Cloud) -> Execution:
        with cloud.core.clock.running():
            parent = cloud.workflow.start_execution(
                "cleanup_after_stop", name="p", input='{"childName": "c"}'
            )
            await until(lambda: executions(cloud, "long_work"))
            await cloud.workflow.stop_execution(
                "long_work", "c", error="AnyCustomError", cause="enough"
            )
        await parent.poll(5)
        assert cloud.functions.events("cleanUp") == [{"why": "enough"}]
        return parent

    clean_up: Functions = {"cleanUp": lambda _: {"clean": True}}
    execution = play(story, "long_work", "cleanup_after_stop", functions=lambda _: clean_up)
    assert output(execution)["clean"] is True


@pytest.mark.parametrize(("end", "status"), [("success", "Succeeded"), ("failed", "Failed")])
def test_a_job_is_polled_until_it_is_done(end: str, status: str) -> None:
    answers = iter(["running", "running", end])
    cloud, execution = run(
        "poll_a_job",
        {"interval": 60, "size": 3},
        functions={
            "submit": lambda event: {"id": f"job-{event['request']['size']}"},
            "ask": lambda _: {"status": next(answers)},
        },
    )
    assert execution.status == status
    assert cloud.functions.events("ask") == [{"id": "job-3"}] * 3
    assert (execution.stopped_at or 0) - execution.started_at >= 180
    if status == "Succeeded":
        assert output(execution) == {"id": "job-3", "status": "success"}
    else:
        assert execution.error == "JobFailed"


@pytest.mark.parametrize(
    ("train_fails", "flight_fails", "status", "cancelled"),
    [(2, 0, "Succeeded", 0), (3, 0, "Failed", 0), (0, 1, "Failed", 1)],
)
def test_an_incomplete_booking_is_cancelled(
    train_fails: int, flight_fails: int, status: str, cancelled: int
) -> None:
    cloud, execution = run(
        "trip",
        {},
        functions={
            "bookTrain": failing(train_fails, BookTrainTicketError("full"), {"ticket": "t"}),
            "bookFlight": failing(flight_fails, RuntimeError("full"), {"ticket": "f"}),
            "cancelTrain": lambda _: {},
        },
    )
    assert execution.status == status
    assert cloud.functions.events("cancelTrain") == [{"ticket": "t"}] * cancelled
    if status == "Succeeded":
        assert output(execution) == {"train": "t", "flight": "f"}
    else:
        assert execution.error == "TripNotBooked"


def test_shards_are_read_in_parallel_and_merged() -> None:
    flaky = failing(2, ErrorNeedsRetry("again"), None)

    def extract(event: Json) -> Json:
        if event["shard"] == 5:
            flaky(event)
        return {"count": event["shard"] + event["position"]}

    _, execution = run(
        "etl",
        {"event": {"shards": [1, 5, 7]}},
        functions={
            "extract": extract,
            "reduce": lambda event: {"sum": sum(event["counts"])},
            "load": lambda event: {"to": event["to"], "rows": event["sum"]},
        },
    )
    result = output(execution)
    assert (result["sum"], result["loaded"], result["first"]) == (16, ["table", "file"], "table")


def test_a_model_is_trained_again_until_it_is_good_enough() -> None:
    accuracies = iter([0.3, 0.95])
    cloud, execution = run(
        "training",
        {"ready": "2099-01-01T00:00:00+08:00", "deploy": True},
        functions={
            "train": lambda _: {"ready": "2001-01-01T00:00:00Z"},
            "evaluate": lambda _: {"accuracy": next(accuracies)},
            "deploy": lambda _: {},
        },
    )
    assert output(execution) == {"accuracy": 0.95}
    assert len(cloud.functions.events("train")) == 2
    assert len(cloud.functions.events("deploy")) == 1


@pytest.mark.parametrize(("approved", "state"), [(True, "shipped"), (False, "dropped")])
def test_a_subscriber_of_the_topic_decides(approved: bool, state: str) -> None:
    async def story(cloud: Cloud) -> Execution:
        execution = cloud.workflow.start_execution("approval", input='{"order": 12}')
        await until(lambda: cloud.workflow.messages.all)
        body = orjson.loads(cloud.workflow.messages.all[0].body)
        assert body["order"] == 12
        answer = orjson.dumps({"approved": approved}).decode()
        cloud.workflow.report_task_succeeded(body["token"], answer)
        await execution.poll(5)
        return execution

    assert output(play(story, "approval"))["state"] == state


def test_a_function_is_called_every_few_seconds() -> None:
    cloud, execution = run(
        "every_few_seconds",
        {"payload": {"times": 4}},
        functions={"tick": lambda _: {}, "countDown": lambda event: {"rest": event["rest"] - 1}},
    )
    assert output(execution)["rest"] == 0
    assert len(cloud.functions.events("tick")) == 4
    assert (execution.stopped_at or 0) - execution.started_at >= 20


def test_an_upload_is_handled_by_its_bucket_and_key() -> None:
    upload = {"oss": {"bucket": {"name": "b"}, "object": {"key": "k"}}}
    cloud, execution = run("on_upload", {"events": [upload]}, functions={"handle": lambda e: e})
    assert output(execution) == {"bucket": "b", "key": "k", "headers": {}, "note": ""}
    assert len(cloud.functions.calls) == 1


def test_calling_an_unsupported_service_fails_with_its_name_and_is_caught() -> None:
    _, execution = run("faces", {"url": "https://example.com/a.png"})
    assert output(execution)["looked"] == "by hand"
