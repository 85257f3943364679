"""The context of one invocation of a function."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import oss2

from functions.credentials import Credentials, credentials_of
from functions.log import Log
from functions.oss_client import open_bucket
from functions.settings import RuntimeSettings
from thaw.errors import InvalidInput
from thaw.json_reader import Reader
from thaw.ledger import Ledger
from thaw.ledger_reading import READERS
from thaw.limits import RETRY_SECONDS
from thaw.retry import RetryPolicy, is_throttling
from thaw.run_input import ManifestInput, Run
from thaw.run_input_parser import parse_run
from thaw.store import Store

if TYPE_CHECKING:
    from thaw.manifest.reading import Manifest


@dataclass(frozen=True)
class Invocation:
    """The event and the credentials of an invocation, with access to buckets and the ledger.

    Attributes:
        event: the input from the flow.
        retry: the policy for every call to OSS, with this invocation's deadline.
    """

    event: Reader
    settings: RuntimeSettings
    credentials: Credentials
    environment: Mapping[str, str]
    retry: RetryPolicy
    log: Log

    @classmethod
    def start(
        cls, event: bytes | str, context: object, environment: Mapping[str, str], function: str
    ) -> Invocation:
        """Read the arguments of a handler.

        Raises:
            InvalidInput: the event is not a JSON object.
            InvalidDeployment: an environment variable is missing or invalid.
        """
        request = getattr(context, "request_id", "")
        started, retried = time.monotonic(), list[BaseException]()

        def so_far() -> Mapping[str, object]:
            return {
                "ms": round(1000 * (time.monotonic() - started)),
                "retries": len(retried),
                "throttled": sum(map(is_throttling, retried)),
            }

        return cls(
            event=Reader(_json(event), f"{function}'s event"),
            settings=RuntimeSettings.from_environment(environment),
            credentials=credentials_of(context, environment),
            environment=environment,
            retry=RetryPolicy(deadline=started + RETRY_SECONDS, on_retry=retried.append),
            log=Log({"function": function, "request": request}, so_far),
        )

    @property
    def run_id(self) -> str:
        """The id of the run, for the log; empty if the event has none.

        The root execution has no run yet; its name becomes the run's id.
        """
        run_input = self.event.value("input")
        legs = run_input if isinstance(run_input, Mapping) else {}
        relay = legs.get("relay")
        relayed = relay.get("run") if isinstance(relay, Mapping) else None
        for run in (self.event.value("run"), relayed, legs.get("run")):
            if isinstance(run, Mapping):
                return str(run.get("runId", ""))
        return str(self.event.value("executionName") or "")

    def run(self) -> Run:
        """Parse the run in the event.

        Raises:
            InvalidInput: the event has no valid run.
        """
        return parse_run(self.event.value("run"), foreach_limit=self.settings.foreach_limit)

    def store(self, run: Run) -> Store:
        """Open the run's bucket."""
        return self._open(run.endpoint, run.bucket_name, connections=max(run.workers, READERS))

    def ledger(self, run: Run) -> Ledger:
        """Open the run's ledger."""
        return self.ledger_of(run.run_id)

    def ledger_of(self, run_id: str) -> Ledger:
        """Open the ledger of the run with an id."""
        return Ledger(self._reports(), self.settings.report_prefix, run_id)

    def manifest(self, run: Run) -> Manifest | None:
        """Open the run's manifest, if it has one."""
        if run.manifest is None:
            return None
        from thaw.manifest.chunks import Chunks  # noqa: PLC0415 - only these runs import it
        from thaw.manifest.reading import Manifest  # noqa: PLC0415 - likewise, for cold starts

        chunks = Chunks(self.ledger(run), run)
        source = self.manifest_store(run, run.manifest)
        return Manifest(run, chunks, source=source, store=self.store(run))

    def manifest_store(self, run: Run, manifest: ManifestInput) -> Store:
        """Open the bucket with the manifest; the report bucket if it names none."""
        if manifest.bucket in ("", self.settings.report_bucket):
            return self._reports()
        return self._open(run.endpoint, manifest.bucket, connections=1)

    def bucket(self, endpoint: str, name: str, *, connections: int) -> oss2.Bucket:
        """Open a bucket for a number of threads."""
        return open_bucket(
            endpoint,
            name,
            credentials=self.credentials,
            environment=self.environment,
            connections=connections,
        )

    def _reports(self) -> Store:
        settings = self.settings
        return self._open(settings.report_endpoint, settings.report_bucket, connections=READERS)

    def _open(self, endpoint: str, name: str, *, connections: int) -> Store:
        return Store(self.bucket(endpoint, name, connections=connections), self.retry)


def _json(event: bytes | str) -> object:
    try:
        return json.loads(event)
    except ValueError as error:
        raise InvalidInput(f"the event is not JSON: {error}") from error
