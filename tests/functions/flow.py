"""Runs of the rendered flows on the local cloud's engine, calling functions as FC does."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any

import orjson

from functions import index
from infra.blueprint.flows import FlowDefinition, render_flows
from localcloud.fnf.executions import Execution
from tests.functions.scene import BUCKET, Scene, invoke
from tests.infra.environments import small_environment
from tests.localcloud.fnf.harness import Cloud, Function, output, scenario

Json = dict[str, Any]
Handler = Callable[[bytes, object], str]

PATIENCE_SECONDS = 600
POLL_SECONDS = 31  # objects of class Archive thaw in 60 seconds: two looks


@cache
def rendered(relay_at_event: int) -> tuple[FlowDefinition, ...]:
    """Return the flows of an environment without notifications, the main one last."""
    return render_flows(small_environment(limits={"relay_at_event": relay_at_event}))


class Flow:
    """Runs on the bucket, and calls of single functions.

    Args:
        scene: the buckets.
        context: the context of each call.
        first_run: the number of the first run.
        relay_at_event: the number of events after which an execution hands over to a new one.
        calls: how often each task calls its function, since the service calls it at least once.
    """

    def __init__(
        self,
        scene: Scene,
        context: object,
        *,
        first_run: int = 1,
        relay_at_event: int = 4000,
        calls: int = 1,
    ) -> None:
        self.scene = scene
        self.context = context
        self._runs = count(first_run)
        self._relay_at_event = relay_at_event
        self._calls = calls
        self._failure: Exception | None = None

    def call(self, handler: Handler, **event: object) -> Json:
        """Call one function."""
        return invoke(handler, event, self.context)

    def start(self, **fields: object) -> Json:
        """Prepare a run, and return what it starts with."""
        return self.call(
            index.prepareRun, input=self._input(fields), executionName=f"run-{next(self._runs)}"
        )

    def execution(self, **fields: object) -> Execution:
        """Run to the end, however it ends; time passes during waits."""
        return scenario(lambda cloud: self._play(cloud, fields))

    def run(self, **fields: object) -> Json:
        """Run to the end, and return the output; time passes during waits.

        Raises:
            Exception: the function's error that ended the run.
        """
        execution = self.execution(**fields)
        if execution.status == "Failed" and self._failure is not None:
            raise self._failure
        return dict(output(execution))

    def end(self, started: Json, **sums: object) -> Json:
        """Do what the root does last: check every page again, and summarize."""
        run = started["run"]
        listed: Json = sums["totals"]  # type: ignore[assignment]
        left = self.call(index.summarizeRun, run=run, leg="pages", totals=listed)["ranges"]
        while left:
            looks = [
                self.call(index.restoreStatus, run=run, pages=pages, final="true") for pages in left
            ]
            some = [one for look in looks for one in look["left"]]
            left = self.call(index.summarizeRun, run=run, leg="left", left=some)["ranges"]
        return self.call(index.summarizeRun, run=run, leg=started["leg"], **sums)

    def list_page(self, run: Json, page: int = 0, marker: str = "", **sums: object) -> Json:
        """List a page."""
        return self.call(index.listArchiveFiles, run=run, marker=marker, page=page, **sums)

    def restore(self, run: Json, page: Json, *, twice: bool = False) -> list[str]:
        """Restore all groups of a page, and return the short result of each call."""
        answers = []
        for group in range(len(page["filesGroup"])):
            answer = self.restore_group(run, page, group)
            if twice:
                assert self.restore_group(run, page, group) == answer
            answers.append(answer["counts"])
        return answers

    def restore_group(self, run: Json, page: Json, group: int, **failure: object) -> Json:
        """Call one restore task."""
        return self.call(
            index.restore,
            run=run,
            files=page["filesGroup"][group],
            page=page["page"],
            group=group,
            archiveFilesCount=page["archiveFilesCount"],
            **failure,
        )

    def _input(self, fields: Json) -> Json:
        return {"endpoint": self.scene.oss.url, "bucketName": BUCKET, **fields}

    async def _play(self, cloud: Cloud, fields: Json) -> Execution:
        clock = cloud.core.clock
        began = clock.now(), self.scene.now()

        def catch_up() -> None:
            """Advance the separate clock of OSS by the same time."""
            late = (clock.now() - began[0]) - (self.scene.now() - began[1])
            if late > 0:
                self.scene.oss.advance(late)

        def function(handler: Handler) -> Function:
            def called(event: Json) -> Json:
                catch_up()
                try:
                    answer, *same = [self.call(handler, **event) for _ in range(self._calls)]
                except Exception as error:
                    if handler is not index.notifyRun:  # which raises the run's own error again
                        self._failure = error
                    raise
                assert all(again.get("counts") == answer.get("counts") for again in same)
                return answer

            return called

        cloud.functions.functions = {
            name: function(getattr(index, name)) for name in index.HANDLERS
        }
        flows = rendered(self._relay_at_event)
        for flow in flows:
            cloud.flow(flow.text, flow.name)
        execution = cloud.workflow.start_execution(
            flows[-1].name,
            name=f"run-{next(self._runs)}",
            input=orjson.dumps(self._input({"pollInterval": POLL_SECONDS, **fields})).decode(),
        )
        await execution.poll(PATIENCE_SECONDS)
        assert execution.ended, "the execution hangs"
        catch_up()
        return execution
