"""A bucket of archived objects as six Python functions, in place of those of FC.

They fulfil the functions' contract with the flows, without their implementation.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache

from functions.notifying import same_error
from infra.blueprint.flows import FlowDefinition, render_flows
from localcloud.fnf.executions import Execution
from tests.infra.environments import small_environment
from tests.localcloud.fnf.harness import ROLE, Cloud, Json
from thaw.errors import StorageUnavailable
from thaw.ledger import Part
from thaw.totals import Totals

RUN = {
    "endpoint": "oss.example",
    "bucketName": "archive",
    "prefix": "",
    "marker": "",
    "until": "",
    "maxKeys": 10,
    "groupSize": 2,
    "waitFor": "page",
    "pollInterval": 10,
    "dryRun": False,
}
THAW_SECONDS = 65


@cache
def _flows(relay_at_event: int) -> tuple[FlowDefinition, ...]:
    settings = {"max_keys": 100, "group_size": 1, "workers": 10}
    return render_flows(
        small_environment(limits={"relay_at_event": relay_at_event}, run_defaults=settings)
    )


@dataclass
class Application:
    """The deployed application.

    Attributes:
        keys: the keys of the archived objects, sorted.
        relay_at_event: the environment's setting.
        thaw_seconds: how long each object takes to thaw.
        unavailable: how many more calls for a key fail with ``StorageUnavailable``.
        fatal_errors: the exception that a call for a key raises.
        refusal: the exception that ``prepareRun`` raises.
        requests: the number of restore requests for each object.
        recorded: the outcome of each object.
        legs: the kinds of the main flow's executions, in their order.
        failures: the failures that the flows passed to ``restore``.
        shard_totals: the totals of each of several listers.
        status: the status of ``restoreStatus`` while a thaw is unfinished.
        notices: the events of ``notifyRun``.
        notify_error: the exception that ``notifyRun`` raises.
        pages: the keys to send of each page.
        listed_ahead: the pages that were sent while the next one was listed.
        ahead_error: the exception of listing ahead.
        ranges: the number of page ranges that are checked in parallel.
        looks: the number of calls of the last look at each range.
        looks_done: the calls of the last look, each by its first remaining page.
        look_error: the exception of the last look.
    """

    keys: list[str]
    relay_at_event: int = 4000
    thaw_seconds: int = THAW_SECONDS
    unavailable: Counter[str] = field(default_factory=Counter)
    fatal_errors: dict[str, Exception] = field(default_factory=dict)
    refusal: Exception | None = None
    requests: Counter[str] = field(default_factory=Counter)
    recorded: dict[str, str] = field(default_factory=dict)
    readable_at: dict[str, float] = field(default_factory=dict)
    legs: list[str] = field(default_factory=list)
    failures: list[Json] = field(default_factory=list)
    status: str = "running"
    shard_totals: list[Totals] = field(default_factory=list)
    notices: list[Json] = field(default_factory=list)
    notify_error: Exception | None = None
    pages: dict[int, list[str]] = field(default_factory=dict)
    listed_ahead: list[int] = field(default_factory=list)
    ahead_error: Exception | None = None
    ranges: int = 1
    looks: int = 1
    looks_done: list[int] = field(default_factory=list)
    look_error: Exception | None = None

    async def start(self, cloud: Cloud, **fields: object) -> Execution:
        """Deploy the flows, and run the main one to its end."""
        self._now = cloud.core.clock.now
        cloud.functions.functions = {
            "prepareRun": self.prepare_run,
            "listArchiveFiles": self.list_archive_files,
            "restore": self.restore,
            "restoreStatus": self.restore_status,
            "summarizeRun": self.summarize_run,
            "notifyRun": self.notify_run,
        }
        flows = _flows(self.relay_at_event)
        for flow in flows:
            cloud.workflow.flows.create(flow.name, flow.text, role_arn=ROLE)
        return await cloud.run(fields, flow=flows[-1].name, name="run-1")

    def prepare_run(self, event: Json) -> Json:
        if self.refusal is not None:
            raise self.refusal
        relay = event["input"].get("relay")
        if relay:
            self.legs.append("relay")
            alone = {"sharded": "false", "shards": [], "copies": "false", "copiesAtOnce": 0}
            return {**relay, "leg": "relay", "awaits": "false", **alone}
        if "shard" in event["input"]:
            self.legs.append("shard")
            shard = event["input"]["shard"]
            run = {**event["input"]["run"], **shard}
            return {**self._start(run), "page": shard["number"] * 1000, "leg": "shard"}
        self.legs.append("root")
        given = event["input"].get("shards")
        shards = given if isinstance(given, list) else []
        run = {**RUN, **event["input"], "runId": event["executionName"], "shards": "1"}
        sharded = {"sharded": str(bool(shards)).lower(), "shards": shards}
        return {**self._start(run), **sharded}

    def _start(self, run: Json) -> Json:
        awaits = run["waitFor"] == "run" and not run["dryRun"]
        return {
            "run": run,
            "marker": run["marker"],
            "page": 0,
            "totals": {},
            "leg": "root",
            "awaits": str(awaits).lower(),
            "sharded": "false",
            "shards": [],
            "copies": "false",
            "copiesAtOnce": 0,
        }

    def list_archive_files(self, event: Json) -> Json:
        run = event["run"]
        if event.get("ahead"):
            self.listed_ahead.append(event["page"])
            if self.ahead_error:
                raise self.ahead_error
            return {}
        marker = event["marker"]
        keys = [key for key in self.keys if not run["until"] or key <= run["until"]]
        page = [key for key in keys if key > marker][: run["maxKeys"]]
        until = page[-1] if page else marker
        waiting = [key for key in page if key in self.readable_at]
        to_send = [] if run["dryRun"] else [key for key in page if key not in self.readable_at]
        groups = [
            {
                "offset": start,
                "length": 1,
                "objects": min(run["groupSize"], len(to_send) - start),
            }
            for start in range(0, len(to_send), run["groupSize"])
        ]
        self.pages.setdefault(event["page"], to_send)
        empty = not groups and not (waiting and run["waitFor"] == "page")
        return {
            "bucketName": run["bucketName"],
            "filesGroup": groups,
            "marker": until,
            "end": str(not keys or until >= keys[-1]).lower(),
            "empty": str(empty).lower(),
            "archiveFilesCount": len(to_send),
            "page": event["page"],
            "nextPage": event["page"] + 1,
            "firstWait": 20,
            "totals": self.totals(event).to_json(),
        }

    def totals(self, event: Json) -> Totals:
        """Return the totals that a flow passes on, with the results of the last page."""
        totals = Totals.from_json(event["totals"])
        totals.add_results(event["results"], lambda group: Part([]))
        return totals

    def restore(self, event: Json) -> Json:
        start, size = event["files"]["offset"], event["files"]["objects"]
        keys = self.pages[event["page"]][start : start + size]
        if "failure" in event:
            self.failures.append(event["failure"])
            self.recorded.update(dict.fromkeys(keys, "failed"))
            return {"counts": f"Af{len(keys)}"}
        for key in keys:
            if key in self.fatal_errors:
                raise self.fatal_errors[key]
            if self.unavailable[key] > 0:
                self.unavailable[key] -= 1
                raise StorageUnavailable("OSS answers 503")
        for key in keys:
            self.requests[key] += 1
            self.recorded[key] = "requested"
            self.readable_at[key] = self._now() + self.thaw_seconds
        return {"counts": f"Ar{len(keys)}"}

    def restore_status(self, event: Json) -> Json:
        if "pages" in event:
            return self.look(event)
        cursor = event["after"]
        for key in self.keys:
            if key > event["after"] and (not event["until"] or key <= event["until"]):
                if self.readable_at.get(key, 0) > self._now():
                    wait = event["run"]["pollInterval"]
                    return {"status": self.status, "cursor": cursor, "waitSeconds": wait}
                cursor = key
        return {"status": "success", "cursor": cursor, "waitSeconds": 0}

    def summarize_run(self, event: Json) -> Json:
        if event["leg"] == "left":
            left = event["left"]
            status = self.status if left else "success"
            wait = min((pages["waitSeconds"] for pages in left), default=0)
            return {"ranges": left, "status": status, "waitSeconds": wait}
        failures = zip(event.get("errors", []), event.get("causes", []), strict=True)
        for error, cause in failures:
            if error:
                raise same_error(error, cause)
        if event["leg"] == "pages":
            return {
                "ranges": [
                    {"first": 100 * number, "last": 100 * number + self.looks - 1}
                    for number in range(self.ranges)
                ]
            }
        if event["leg"] == "died":
            return {}
        totals = self.totals(event)
        if event["leg"] == "shard":
            self.shard_totals.append(totals)
        elif event["leg"] == "root":
            for shard in self.shard_totals:
                totals.add(shard)
        return {
            "runId": event["run"]["runId"],
            "dryRun": event["run"]["dryRun"],
            **totals.to_json(),
            "archived": len(self.keys),
            "outcomes": dict(totals.outcomes),
            "failed": totals.failed,
            "unaccounted": len(self.keys) - len(self.recorded),
            "wrongRows": 0,
            "verdict": {"sentence": "All is readable."},
            "report": "oss://ledgers/runs/run-1/",
        }

    def look(self, event: Json) -> Json:
        """Check a range of pages; the last look checks one page per call."""
        first, last = event["pages"]["first"], event["pages"]["last"]
        if event["final"] == "false":
            thawing = max(self.readable_at.values(), default=0) > self._now()
            wait = event["run"]["pollInterval"]
            return {"left": [{**event["pages"], "waitSeconds": wait}] if thawing else []}
        if self.look_error is not None:
            raise self.look_error
        self.looks_done.append(first)
        left = {"first": first + 1, "last": last, "waitSeconds": 1}
        return {"left": [left] if first < last else []}

    def notify_run(self, event: Json) -> Json:
        self.notices.append(event)
        if self.notify_error is not None:
            raise self.notify_error
        if event.get("passOn") == "true":
            raise same_error(event["error"], event["cause"])
        return {"notified": "ops: notified"}
