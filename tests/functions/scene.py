"""A bucket of archived objects, a report bucket, and the functions on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from functions.page_builder import PageBuilder
from functions.rate_limit import Pacer
from localcloud.faults import FaultRule
from localcloud.oss.model import StorageClass
from localcloud.oss.restore import DAY
from localcloud.oss.store import GeneratedObject
from localcloud.ram.credentials import Credential
from tests.localcloud.oss.running import RunningOss
from thaw.entries import Entry
from thaw.ledger import Ledger
from thaw.lookup import FoundObject
from thaw.outcomes import OutcomeRecord
from thaw.page_chunks import Chunk, PageObject
from thaw.retry import RetryPolicy
from thaw.run_input import Run
from thaw.run_input_parser import parse_run_input, start_run
from thaw.store import ListedObject, Store

BUCKET = "frozen-assets"
REPORTS = "thaw-reports"
FOREACH_LIMIT = 100

# For runs with objects that take days to thaw, when the number of polls does not matter.
RARE_POLLS: Mapping[str, Any] = {"pollInterval": 6 * 3600}

RETRY = RetryPolicy(sleep=lambda _: None)
NO_PACE = Pacer(None, 1, 0)


def make_run(**fields: object) -> Run:
    """Return a run with the article's settings and the given fields, named as in JSON."""
    article = {"maxKeys": 100, "groupSize": 1, "workers": 10, "shards": 1}
    given = {"endpoint": "http://127.0.0.1:1", "bucketName": BUCKET, **article, **fields}
    return start_run(parse_run_input(given, foreach_limit=FOREACH_LIMIT), "run-1")


def frozen(key: str, storage_class: str = "Archive", size: int = 10) -> ListedObject:
    """Return the listing entry of an object whose thaw has not been requested."""
    return ListedObject(key, size, storage_class, 1_700_000_000)


class Scene:
    """A running OSS with the frozen bucket and the report bucket."""

    def __init__(self, oss: RunningOss) -> None:
        self.oss = oss
        owner = oss.core.settings.account_id
        for name in (BUCKET, REPORTS):
            oss.do(partial(oss.storage.create_bucket, name, owner))

    def seed(self, keys: Iterable[str], storage_class: str = "Archive", size: int = 10) -> None:
        """Put objects into the frozen bucket."""
        seeds = [GeneratedObject(key, size, StorageClass(storage_class)) for key in keys]
        self.oss.do(lambda: self.oss.storage.seed(BUCKET, seeds))

    def symlink(self, key: str, target: str) -> None:
        """Put a symlink of class Archive into the frozen bucket."""
        seed = GeneratedObject(key, 0, StorageClass.ARCHIVE, target)
        self.oss.do(lambda: self.oss.storage.seed(BUCKET, [seed]))

    def thaw(self, *keys: str, tier: str | None = None, days: int = 1) -> None:
        """Request objects as somebody else would."""
        store = self.store()
        for key in keys:
            store.restore(key, days, tier)

    def now(self) -> float:
        """Return the cloud's time."""
        return self.oss.do(self.oss.core.clock.now)

    def fault(self, **rule: Any) -> None:
        """Add a fault rule for OSS."""
        self.oss.do(lambda: self.oss.core.faults.add(FaultRule(service="oss", **rule)))

    def readable_days(self, key: str) -> int:
        """Return for how many whole days an object stays readable."""

        def left() -> float:
            thaw = self.oss.storage.get_object(BUCKET, key).thaw
            return 0 if thaw is None else thaw.expires_at - self.oss.core.clock.now()

        return round(self.oss.do(left) / DAY)

    def requests(self, operation: str) -> int:
        """Return how many of these requests have been billed so far."""
        return int(self.oss.meters().get(f"oss.requests.{operation}", 0))

    def store(
        self,
        name: str = BUCKET,
        *,
        retry: RetryPolicy = RETRY,
        credential: Credential | None = None,
    ) -> Store:
        """Return a bucket as the functions use it, with retries that do not wait."""
        return Store(self.oss.bucket(name, credential=credential), retry)

    def ledger(self, prefix: str = "reports/") -> Ledger:
        """Return the ledger of the run that :func:`make_run` makes."""
        return Ledger(self.store(REPORTS), prefix, "run-1")

    def report(self, name: str, prefix: str = "reports/") -> str:
        """Return a file of that ledger."""
        body = self.store(REPORTS).get(f"{prefix}runs/run-1/{name}")
        assert body is not None, f"{name} was not written"
        return body.decode()

    def report_names(self) -> list[str]:
        """Return the names of the files of that ledger."""
        listing = self.store(REPORTS).list_after("", "")
        return [found.key.partition("runs/run-1/")[2] for found in listing.objects]


class Context:
    """The context that FC 2.0 passes to a handler."""

    def __init__(self, credential: Credential) -> None:
        self.request_id = "request-1"
        self.credentials = _Credentials(credential)


class _Credentials:
    def __init__(self, credential: Credential) -> None:
        self.access_key_id = credential.access_key_id
        self.access_key_secret = credential.secret
        self.security_token = credential.token


def invoke(
    handler: Callable[[bytes, object], str], event: Mapping[str, object], context: object
) -> dict[str, Any]:
    """Call a handler as FC does, with bytes as input and JSON as output."""
    answer = json.loads(handler(json.dumps(event).encode(), context))
    assert isinstance(answer, dict)
    return answer


def a_page(
    page: int = 0,
    keys: Iterable[str] = (),
    skipped: Sequence[OutcomeRecord] = (),
    *,
    scanned: int = 0,
    end: bool = True,
    **fields: object,
) -> Chunk:
    """Return a page with objects to request and records of objects that need no request."""
    builder = PageBuilder(make_run(**fields), page=page, after="", foreach_limit=FOREACH_LIMIT)
    for key in keys:
        builder.add(Entry(key, [FoundObject(frozen(key), 0)]))
    builder.add(Entry("z", (), skipped))
    for _ in range(scanned):
        builder.add(Entry("z", [FoundObject(frozen("z", "Standard"), 0)]))
    builder.end = end
    return builder.chunk()


def wanted(key: str, storage_class: str = "Archive", **more: Any) -> PageObject:
    """Return an object of a page that was listed long ago."""
    return PageObject(key, storage_class, 10, **{"listed_at": 0, **more})
