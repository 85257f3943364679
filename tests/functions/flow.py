"""A run's flows, as plain Python that calls the functions as FC does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from functions import index
from tests.functions.scene import BUCKET, Scene, invoke

Json = dict[str, Any]


class Flow:
    """Does by hand what the flows do."""

    def __init__(self, scene: Scene, context: object, *, first_run: int = 1) -> None:
        self.scene = scene
        self.context = context
        self._runs = count(first_run)

    def call(self, handler: Callable[[bytes, object], str], **event: object) -> Json:
        return invoke(handler, event, self.context)

    def start(self, **fields: object) -> Json:
        given = {"endpoint": self.scene.oss.url, "bucketName": BUCKET, **fields}
        return self.call(index.prepareRun, input=given, executionName=f"run-{next(self._runs)}")

    def run(self, **fields: object) -> Json:
        """A whole run as the flows make it, time passing as it waits; its summary."""
        started = self.start(**fields)
        if started["sharded"] == "false":
            return self.leg(started)
        for shard in started["shards"]:
            given = {"run": started["run"], "shard": shard}
            self.leg(self.call(index.prepareRun, input=given, executionName="child"))
        return self.end(started, totals=started["totals"])

    def end(self, started: Json, **sums: object) -> Json:
        """What the root does at last: looks at what each lister has listed, and sums up."""
        for shard in started["shards"]:
            look: Json = {"page": None, "standings": None, "more": "true"}
            while look.pop("more") == "true":
                look = self.call(
                    index.summarizeRun, run=started["run"], leg="look", shard=shard, **look
                )
        return self.call(index.summarizeRun, run=started["run"], leg=started["leg"], **sums)

    def leg(self, started: Json) -> Json:
        """What one execution of the main flow does."""
        run, marker, number, end = started["run"], started["marker"], started["page"], "false"
        sums: Json = {"totals": started["totals"], "results": []}
        while end == "false":
            page = self.list_page(run, number, marker, **sums)
            sums = {"totals": page["totals"], "results": []}
            if page["empty"] == "false":
                sums["results"] = self.restore(run, page)
                self.call(index.listArchiveFiles, run=run, page=page["page"], ahead="true")
                if run["waitFor"] == "page":
                    self._wait(run, "", page["marker"], page["firstWait"])
            last, marker, number, end = number, page["marker"], page["nextPage"], page["end"]
        if started["awaits"] == "true":
            self._wait(run, run["marker"], run["until"], run["pollInterval"])
        return self.end(started, page=last, **sums)

    def list_page(self, run: Json, page: int = 0, marker: str = "", **sums: object) -> Json:
        """A page."""
        return self.call(index.listArchiveFiles, run=run, marker=marker, page=page, **sums)

    def restore(self, run: Json, page: Json, *, twice: bool = False) -> list[str]:
        """All groups of a page; what each call answers in short."""
        answers = []
        for group in range(len(page["filesGroup"])):
            answer = self.restore_group(run, page, group)
            if twice:
                assert self.restore_group(run, page, group) == answer
            answers.append(answer["counts"])
        return answers

    def restore_group(self, run: Json, page: Json, group: int, **failure: object) -> Json:
        """One restore task."""
        return self.call(
            index.restore,
            run=run,
            files=page["filesGroup"][group],
            page=page["page"],
            group=group,
            archiveFilesCount=page["archiveFilesCount"],
            **failure,
        )

    def _wait(self, run: Json, cursor: str, until: str, seconds: int) -> None:
        for _ in range(250):
            self.scene.oss.advance(seconds)
            status = self.call(index.restoreStatus, run=run, after=cursor, until=until)
            if status["status"] == "success":
                return
            cursor, seconds = status["cursor"], status["waitSeconds"]
        pytest.fail("the objects are not readable after 250 looks")
