"""The functions as FC calls them, against a real OSS."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from functions import index
from localcloud.oss.restore import DAY
from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, RARE_POLLS, REPORTS, Context, Scene
from tests.functions.test_listing import AWKWARD_KEYS
from thaw import chosen_settings
from thaw.errors import (
    AccessDenied,
    InvalidDeployment,
    InvalidInput,
    NoSuchBucket,
    RunError,
    RunStopped,
)
from thaw.flow_steps import PAGE_STEPS
from thaw.ledger_reading import walk

Json = dict[str, Any]


def test_a_run_thaws_every_archived_object_and_touches_nothing_else(
    flow: Flow, scene: Scene
) -> None:
    scene.seed(AWKWARD_KEYS)
    scene.seed([f"cold/{n}" for n in range(9)], "ColdArchive")
    scene.seed([f"deep/{n}" for n in range(5)], "DeepColdArchive")
    scene.seed([f"warm/{n}" for n in range(5)], "Standard")
    scene.seed([f"warm/ia-{n}" for n in range(5)], "IA")
    archived = len(AWKWARD_KEYS) + 14

    summary = flow.run(**RARE_POLLS, maxKeys=10, groupSize=3)

    assert summary["outcomes"] == {"requested": archived}
    assert (summary["listed"], summary["scanned"]) == (archived, archived + 10)
    assert (summary["failed"], summary["unaccounted"]) == (0, 0)
    assert scene.requests("RestoreObject") == archived
    for key in [*AWKWARD_KEYS, "cold/7", "deep/4"]:
        scene.oss.bucket(BUCKET).get_object(key).read()


@pytest.mark.parametrize("wait_for", ["page", "run"])
@pytest.mark.parametrize("sharing", [{"shards": 4}, {"prefixes": ["a/", "b/", "c/"]}], ids=str)
def test_several_listers_thaw_the_same_objects_as_one(
    flow: Flow, scene: Scene, sharing: Json, wait_for: str
) -> None:
    keys = sorted(f"{letter}/{n:04d}" for letter in "abc" for n in range(20))
    scene.seed(keys)
    settings = {"maxKeys": 25, "groupSize": 5, "waitFor": wait_for}
    summary = flow.run(**settings, **sharing)
    assert summary["outcomes"] == {"requested": 60}
    assert (summary["listed"], summary["unaccounted"]) == (60, 0)
    assert scene.requests("RestoreObject") == 60
    recorded = [record.key for part in walk(scene.ledger()) for record in part.records]
    assert recorded == keys
    assert len([name for name in scene.report_names() if name.startswith("legs/")]) >= 3
    scene.oss.bucket(BUCKET).get_object("b/0019").read()


def test_a_run_with_prefixes_touches_nothing_else(flow: Flow, scene: Scene) -> None:
    scene.seed(["a/1", "b/1", "c/1"])
    assert flow.run(prefixes=["c/", "a/"])["outcomes"] == {"requested": 2}
    assert scene.requests("RestoreObject") == 2


def test_listers_share_the_rate(flow: Flow) -> None:
    started = flow.start(prefixes=["a/", "b/"], objectsPerSecond=100)
    given = {"run": started["run"], "shard": started["shards"][1]}
    leg = flow.call(index.prepareRun, input=given, executionName="child")
    assert leg["run"]["objectsPerSecond"] == 50
    assert (leg["run"]["prefix"], leg["page"], leg["leg"]) == ("b/", 1_000_000, "shard")


def test_a_rate_too_low_to_share_is_refused_at_the_start(flow: Flow) -> None:
    with pytest.raises(InvalidInput, match="objectsPerSecond"):
        flow.start(prefixes=["a/", "b/"], objectsPerSecond=0.5, maxKeys=100)


def test_a_second_run_sends_nothing(flow: Flow, scene: Scene) -> None:
    scene.seed([f"{n:03d}" for n in range(12)], "ColdArchive")
    flow.run(**RARE_POLLS, maxKeys=4, days=3)
    before = scene.requests("RestoreObject")
    summary = flow.run(**RARE_POLLS, maxKeys=4, days=3)
    assert scene.requests("RestoreObject") == before == 12
    assert summary["outcomes"] == {"already_readable": 12}


def test_a_run_after_expiry_thaws_again(flow: Flow, scene: Scene) -> None:
    scene.seed(["a"])
    flow.run(days=1)
    scene.oss.advance(DAY)
    assert flow.run(days=1)["outcomes"] == {"requested": 1}


def test_readable_objects_are_extended_on_request(flow: Flow, scene: Scene) -> None:
    scene.seed(["a"])
    flow.run(days=2)
    assert flow.run(days=3, extendReadable=True)["outcomes"] == {"extended": 1}
    assert scene.readable_days("a") == 5


@pytest.mark.parametrize("wait_for", ["page", "run"])
def test_a_run_waits_for_objects_thawed_by_somebody_else(
    flow: Flow, scene: Scene, wait_for: str
) -> None:
    scene.seed(["a"], "ColdArchive")
    scene.thaw("a")
    assert flow.run(**RARE_POLLS, waitFor=wait_for)["outcomes"] == {"already_thawing": 1}
    scene.oss.bucket(BUCKET).get_object("a").read()


def test_a_dry_run_sends_nothing_and_reports_what_it_would_request(
    flow: Flow, scene: Scene
) -> None:
    scene.seed([f"{n:03d}" for n in range(150)], size=1000)
    scene.seed(["folder/"], size=0)
    summary = flow.run(dryRun=True)
    assert scene.requests("RestoreObject") == 0
    assert (summary["planned"], summary["bytes"]) == ({"Archive": 150}, {"Archive": 150_000})
    assert (summary["outcomes"], summary["unaccounted"]) == ({"folder_marker": 1}, 0)


def test_a_dry_run_that_reaches_restore_is_refused(flow: Flow) -> None:
    run = flow.start(dryRun=True)["run"]
    with pytest.raises(InvalidInput, match="dry run sends nothing"):
        flow.call(
            index.restore,
            run=run,
            files={"offset": 0, "length": 9, "objects": 1},
            page=0,
            group=0,
        )


def test_prepare_run_records_the_complete_input(flow: Flow, scene: Scene) -> None:
    started = flow.start(marker="m", days=3)
    assert (started["marker"], started["page"], started["leg"]) == ("", 0, "root")
    assert started["run"]["runId"] == "run-1"
    chosen = ["groupSize", "maxKeys", "objectsPerSecond", "shards", "workers"]
    assert json.loads(scene.report("input.json")) == {**started["run"], "chosen": chosen}


def test_listers_are_chosen_by_the_number_of_objects_and_divide_them(
    flow: Flow, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chosen_settings, "OBJECTS_OF_LISTER", 72)
    scene.seed(f"{n:05d}" for n in range(0, 1100, 10))
    scene.seed((f"{n:05d}" for n in range(1100) if n % 10), "Standard")
    started = flow.start()
    assert (started["run"]["shards"], len(started["shards"])) == ("5", 5)
    assert (started["run"]["maxKeys"], started["run"]["groupSize"]) == (16_000, 1_000)
    summary = flow.run()
    assert (summary["outcomes"], summary["unaccounted"]) == ({"requested": 110}, 0)


@pytest.mark.parametrize("fields", [{}, {"groupSize": 1}, {"maxKeys": 30, "groupSize": 1}])
def test_a_run_uses_no_more_of_its_account_than_the_environment_permits(
    flow: Flow, scene: Scene, monkeypatch: pytest.MonkeyPatch, fields: dict[str, int]
) -> None:
    monkeypatch.setattr(chosen_settings, "OBJECTS_OF_LISTER", 300)
    limits = {"OBJECTS_PER_SECOND": "800", "STEPS_PER_SECOND": "20", "INSTANCES": "30"}
    for name, value in limits.items():
        monkeypatch.setenv(name, value)
    scene.seed(f"{n:05d}" for n in range(1500))
    started = flow.start(**fields)
    run, listers = started["run"], max(1, len(started["shards"]))
    groups = math.ceil(run["maxKeys"] / run["groupSize"])
    steps = (groups + PAGE_STEPS) * run["objectsPerSecond"] / run["maxKeys"]
    assert run["objectsPerSecond"] <= 800
    assert steps <= 20.001
    assert groups * listers <= 30


def test_the_environments_defaults_apply_to_fields_missing_in_the_input(
    flow: Flow, scene: Scene
) -> None:
    given = {"endpoint": scene.oss.url, "bucketName": BUCKET, "groupSize": 5, "workers": None}
    defaults = {"maxKeys": 200, "groupSize": 50, "workers": 16}
    run = flow.call(index.prepareRun, input=given, defaults=defaults, executionName="r")["run"]
    assert (run["maxKeys"], run["groupSize"], run["workers"]) == (200, 5, 16)


@pytest.mark.parametrize(
    ("fields", "awaits"),
    [
        ({}, "true"),
        ({"waitFor": "page"}, "false"),
        ({"waitFor": "none"}, "false"),
        ({"dryRun": True}, "false"),
    ],
)
def test_only_a_run_that_waits_at_its_end_and_sends_requests_awaits(
    flow: Flow, fields: Json, awaits: str
) -> None:
    assert flow.start(**fields)["awaits"] == awaits


def test_a_relay_leg_continues_where_the_previous_leg_stopped(flow: Flow, scene: Scene) -> None:
    run = flow.start()["run"]
    relay = {"relay": {"run": run, "marker": "k", "page": 41, "totals": {"listed": 7}}}
    puts = scene.requests("PutObject")
    leg = flow.call(index.prepareRun, input=relay, executionName="another")
    totals = leg.pop("totals")
    assert leg == {
        "run": run,
        "marker": "k",
        "page": 41,
        "leg": "relay",
        "awaits": "false",
        "sharded": "false",
        "shards": [],
        "copies": "false",
        "copiesAtOnce": 0,
    }
    assert totals["listed"] == 7
    assert scene.requests("PutObject") == puts


class Stopping(Flow):
    """A flow whose run is stopped before one of its calls; later calls get no response."""

    def __init__(self, scene: Scene, context: object, *, before_call: int) -> None:
        super().__init__(scene, context)
        self._calls_left = before_call

    def call(self, handler: Callable[[bytes, object], str], **event: object) -> Json:
        if self._calls_left == 0:
            self.scene.ledger().write("stop", b"changed my mind")
        stopped = self._calls_left <= 0
        self._calls_left -= 1
        answer = super().call(handler, **event)
        assert not stopped or handler is index.notifyRun, "it has answered after the stop"
        return answer


@pytest.mark.parametrize("settings", [{"maxKeys": 20, "groupSize": 10}, {"maxKeys": 7}])
@pytest.mark.parametrize("before_call", range(1, 10))
def test_a_stopped_run_ends_at_its_next_call_and_another_pays_nothing_twice(
    scene: Scene, context: Context, settings: Json, before_call: int
) -> None:
    keys = [f"{n:03d}" for n in range(30)]
    scene.seed(keys)
    stopping = Stopping(scene, context, before_call=before_call)
    with pytest.raises(RunStopped, match="changed my mind"):
        stopping.run(**settings)
    part = Counter(record.key for part in walk(scene.ledger()) for record in part.records)
    summary = Flow(scene, context, first_run=2).run(**settings)
    assert summary["listed"] == sum(summary["outcomes"].values()) == 30
    assert part.keys() | set(keys) == set(keys)
    assert scene.requests("RestoreObject") == 30
    assert scene.oss.meters()["oss.retrievals.Archive"] == 30
    for key in keys[::7]:
        scene.oss.bucket(BUCKET).get_object(key).read()


def test_every_function_but_the_first_checks_whether_the_run_was_stopped(
    flow: Flow, scene: Scene
) -> None:
    run = flow.start()["run"]
    scene.ledger().write("stop", b"")
    files = {"offset": 0, "length": 9, "objects": 1}
    for handler, event in (
        (index.prepareRun, {"input": {"relay": {"run": run}}, "executionName": "x"}),
        (index.prepareRun, {"input": {"run": run, "shard": {}}, "executionName": "x"}),
        (index.listArchiveFiles, {"run": run}),
        (index.restore, {"run": run, "files": files}),
        (index.restoreStatus, {"run": run}),
        (index.summarizeRun, {"run": run}),
    ):
        with pytest.raises(RunStopped):
            flow.call(handler, **event)
    assert scene.requests("RestoreObject") == 0


@pytest.mark.parametrize("kind", ["error", "late_error", "reset"])
def test_faults_repeated_calls_and_relays_duplicate_and_lose_nothing(
    flow: Flow, scene: Scene, kind: str
) -> None:
    keys = [f"{n:03d}" for n in range(100)]
    scene.seed(keys[:75])
    scene.seed(keys[75:], "ColdArchive")
    scene.fault(operation="*", kind=kind, rate=0.1)
    run = flow.start(maxKeys=40, groupSize=10)["run"]
    sums: Json = {"totals": {}, "results": []}
    marker, number, end = "", 0, "false"
    while end == "false":
        event = {"run": run, "marker": marker, "page": number, **sums}
        page, same = (flow.call(index.listArchiveFiles, **event) for _ in range(2))
        assert page["totals"] == same["totals"]
        flow.call(index.listArchiveFiles, run=run, page=number, ahead="true")
        sums = {"totals": page["totals"], "results": flow.restore(run, page, twice=True)}
        rolled = flow.call(index.summarizeRun, run=run, leg="relay", page=number, **sums)
        relay = {"run": run, "marker": page["marker"], "page": page["nextPage"], "totals": rolled}
        leg = flow.call(index.prepareRun, input={"relay": relay}, executionName="leg")
        sums = {"totals": leg["totals"], "results": []}
        marker, number, end = leg["marker"], leg["page"], page["end"]
    summary = flow.call(index.summarizeRun, run=run, page=number - 1, **sums)
    assert summary["listed"] == sum(summary["outcomes"].values()) == 100
    assert (summary["failed"], summary["unaccounted"]) == (0, 0)
    recorded = [record.key for part in walk(scene.ledger()) for record in part.records]
    assert sorted(recorded) == keys
    assert len(scene.report("report.csv").splitlines()) == 101
    meters = scene.oss.meters()
    assert meters["oss.retrievals.Archive"] + meters["oss.retrievals.ColdArchive.Standard"] == 100
    assert scene.requests("RestoreObject") <= 100  # requests that fail with an error are not billed


def test_wrong_input_is_refused_before_any_request(flow: Flow, scene: Scene) -> None:
    with pytest.raises(InvalidInput, match="tier"):
        flow.start(tier="Fast")
    assert scene.report_names() == []


@pytest.mark.parametrize("event", [b"", b"no json", b"[]", b"7", b"\xff"])
@pytest.mark.parametrize("name", index.HANDLERS)
def test_an_event_that_is_not_an_object_is_refused(
    context: Context, name: str, event: bytes
) -> None:
    with pytest.raises(InvalidInput, match=r"event|JSON"):
        getattr(index, name)(event, context)


@pytest.mark.parametrize("name", ["listArchiveFiles", "restore", "restoreStatus", "summarizeRun"])
def test_an_event_without_a_run_is_refused(context: Context, name: str) -> None:
    with pytest.raises(InvalidInput, match="run must be the object that prepareRun returned"):
        getattr(index, name)(b"{}", context)


def test_an_incomplete_relay_is_refused(flow: Flow) -> None:
    with pytest.raises(InvalidInput, match="run must be"):
        flow.call(index.prepareRun, input={"relay": {}}, executionName="x")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (None, "files must be a JSON object"),
        ({"storageClass": "Archive", "keys": ["a"]}, "another release of the flow: start the run"),
        ({"offset": 0, "length": 0, "objects": 1}, "length must be a whole number"),
        ({"offset": 0, "length": 9, "objects": 1}, "the ledger has lost pages/000000000.jsonl"),
    ],
)
def test_an_invalid_group_is_refused(flow: Flow, files: object, message: str) -> None:
    run = flow.start()["run"]
    with pytest.raises(RunError, match=message):
        flow.call(index.restore, run=run, files=files, page=0, group=0)


def test_a_repeated_restore_call_is_counted_once(flow: Flow, scene: Scene) -> None:
    scene.seed(["a", "b"])
    run = flow.start(groupSize=2)["run"]
    page = flow.call(index.listArchiveFiles, run=run, marker="", page=0)
    results = flow.restore(run, page, twice=True)
    summary = flow.call(index.summarizeRun, run=run, page=0, totals=page["totals"], results=results)
    assert sum(summary["outcomes"].values()) == summary["listed"] == 2
    assert scene.requests("RestoreObject") == 2


def test_a_group_that_the_flow_gave_up_on_is_recorded_as_failed(flow: Flow, scene: Scene) -> None:
    scene.seed(["a", "b"])
    run = flow.start(groupSize=2)["run"]
    page = flow.call(index.listArchiveFiles, run=run, marker="", page=0)
    answer = flow.call(
        index.restore,
        run=run,
        files=page["filesGroup"][0],
        page=0,
        group=0,
        failure={"error": "FC.Unknown", "cause": "nobody knows"},
    )
    assert answer == {"outcomes": {"failed": 2}, "counts": "Af2"}
    assert scene.requests("RestoreObject") == 0
    sums = {"page": 0, "totals": page["totals"], "results": ["Af2"]}
    assert flow.call(index.summarizeRun, run=run, **sums)["failed"] == 2
    assert "FC.Unknown,,failed: nobody knows" in scene.report("failures.csv")


def test_giving_up_on_a_group_keeps_what_was_recorded(flow: Flow, scene: Scene) -> None:
    """The call did its work but its response was lost; the objects are thawing nevertheless."""
    scene.seed(["a"])
    run = flow.start()["run"]
    page = flow.call(index.listArchiveFiles, run=run, marker="", page=0)
    event = {"run": run, "files": page["filesGroup"][0], "page": 0, "group": 0}
    flow.call(index.restore, **event)
    answer = flow.call(index.restore, **event, failure={"error": "FC.Unknown", "cause": ""})
    assert answer == {"outcomes": {"requested": 1}, "counts": "Ar1"}


@pytest.mark.parametrize(
    "missing", ["oss:ListObjects", "oss:RestoreObject", "oss:PutObject", "oss:GetObject"]
)
def test_each_permission_is_needed_and_a_missing_one_is_named(
    scene: Scene, context: Context, missing: str
) -> None:
    rights = {"oss:ListObjects", "oss:RestoreObject", "oss:PutObject", "oss:GetObject"}
    statement = {"Effect": "Allow", "Action": sorted(rights - {missing}), "Resource": "*"}
    keys = scene.oss.role_credential(json.dumps({"Version": "1", "Statement": [statement]}))
    scene.seed(["a"])
    with pytest.raises(AccessDenied, match=missing):
        Flow(scene, Context(keys)).run()


def test_the_minimal_permissions_are_sufficient(scene: Scene, context: Context) -> None:
    report = f"acs:oss:*:*:{REPORTS}/reports/*"
    statements: list[Json] = [
        {"Action": "oss:ListObjects", "Resource": f"acs:oss:*:*:{BUCKET}"},
        {"Action": "oss:RestoreObject", "Resource": f"acs:oss:*:*:{BUCKET}/*"},
        {"Action": "oss:ListObjects", "Resource": f"acs:oss:*:*:{REPORTS}"},
        {"Action": ["oss:PutObject", "oss:GetObject"], "Resource": report},
    ]
    policy = {"Version": "1", "Statement": [{"Effect": "Allow", **s} for s in statements]}
    scene.seed(["a"])
    summary = Flow(scene, Context(scene.oss.role_credential(json.dumps(policy)))).run()
    assert summary["outcomes"] == {"requested": 1}


def test_a_missing_bucket_ends_the_run_at_its_start(flow: Flow) -> None:
    with pytest.raises(NoSuchBucket, match="no-such-thing"):
        flow.start(bucketName="no-such-thing")


def test_a_deleted_bucket_ends_the_run_at_its_next_page(flow: Flow, scene: Scene) -> None:
    run = flow.start()["run"]
    scene.oss.bucket(BUCKET).delete_bucket()
    with pytest.raises(NoSuchBucket, match=BUCKET):
        flow.call(index.listArchiveFiles, run=run, marker="", page=0)


def test_a_missing_environment_variable_is_named(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPORT_BUCKET")
    with pytest.raises(InvalidDeployment, match="REPORT_BUCKET"):
        flow.start()


def test_credentials_may_come_from_the_environment(
    scene: Scene, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", scene.oss.root.access_key_id)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", scene.oss.root.secret)
    scene.seed(["a"])
    assert Flow(scene, object()).run()["outcomes"] == {"requested": 1}
