"""Log Service (SLS): projects, logstores, their indexes and their lines. In-process only."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import TypeAdapter

from localcloud.core import Core
from localcloud.errors import CloudError

LINES_PER_LOGSTORE: Final = 200_000  # older lines are dropped, since they are kept in memory

_CHUNK: Final = 256  # lines per saved record
TTL_DAYS: Final = (1, 3_650)
SHARDS: Final = (1, 10)  # docs CreateLogStore
_HASH_SPACE: Final = 1 << 128  # of MD5 keys, divided among a logstore's shards

_PROJECT_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_LOGSTORE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class LogLine:
    """A log line.

    Attributes:
        time: cloud time, in seconds since 1970.
        contents: its fields.
    """

    time: float
    contents: Mapping[str, str]
    topic: str = ""
    source: str = ""


@dataclass(frozen=True)
class FieldIndex:
    """The index settings of a field."""

    type: Literal["text", "long", "double", "json"] = "text"
    case_sensitive: bool = False


@dataclass(frozen=True)
class Index:
    """A logstore's index: full text, and fields.

    Attributes:
        definition: JSON of the request that defined it; empty if there was none.
    """

    full_text: bool = True
    fields: Mapping[str, FieldIndex] = field(default_factory=dict)
    definition: str = ""


@dataclass(frozen=True)
class LogstoreOptions:
    """Settings of a logstore that are stored, without effect."""

    auto_split: bool = False
    max_split_shard: int = 0
    append_meta: bool = False
    enable_tracking: bool = False
    hot_ttl: int | None = None
    infrequent_access_ttl: int | None = None
    mode: str = "standard"
    telemetry_type: str = ""
    metering_mode: str = "ChargeByFunction"


@dataclass(frozen=True)
class LogShard:
    """A shard: the hashes from ``begin`` up to, not including, ``end``, in hex."""

    id: int
    begin: str
    end: str


@dataclass
class Logstore:
    """A logstore.

    Attributes:
        ttl: days that lines are kept.
        shard_count: number of shards that the service would write in parallel.
        lines: the latest :data:`LINES_PER_LOGSTORE` lines, in order of arrival.
        written: total number of lines written.
    """

    name: str
    ttl: int
    created_at: float
    index: Index | None = None
    lines: deque[LogLine] = field(default_factory=lambda: deque(maxlen=LINES_PER_LOGSTORE))
    written: int = 0
    shard_count: int = 2
    options: LogstoreOptions = LogstoreOptions()

    @property
    def shards(self) -> list[LogShard]:
        """Return the shards, which divide the hash space equally."""
        count = self.shard_count
        bounds = [f"{_HASH_SPACE * number // count:032x}" for number in range(count)]
        ends = [*bounds[1:], "f" * 32]
        keys = zip(bounds, ends, strict=True)
        return [LogShard(number, begin, end) for number, (begin, end) in enumerate(keys)]

    def append(self, lines: Iterable[LogLine]) -> range:
        """Add lines, dropping the oldest; return the chunks that changed."""
        first = self.written
        for line in lines:
            self.lines.append(line)
            self.written += 1
        return range(first // _CHUNK, -(-self.written // _CHUNK))

    def dump_chunk(self, chunk: int) -> bytes | None:
        """Return the lines of a chunk as JSON; None if all have been dropped."""
        oldest = self.written - len(self.lines)
        first, end = max(oldest, chunk * _CHUNK), min(self.written, (chunk + 1) * _CHUNK)
        if first >= end:
            return None
        return _LINES.dump_json([self.lines[number - oldest] for number in range(first, end)])

    def load_chunk(self, chunk: int, text: bytes) -> None:
        """Append what :meth:`dump_chunk` returned."""
        self.written = max(self.written, chunk * _CHUNK)
        self.append(_LINES.validate_json(text))


@dataclass(frozen=True)
class Dashboard:
    """A dashboard, which is stored but not rendered.

    Attributes:
        charts: JSON list.
        attribute: JSON object.
    """

    name: str
    display_name: str
    charts: str
    attribute: str = "{}"
    description: str = ""


@dataclass
class Project:
    """A project with its logstores and dashboards."""

    name: str
    description: str
    created_at: float
    logstores: dict[str, Logstore] = field(default_factory=dict)
    dashboards: dict[str, Dashboard] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


_State = TypeAdapter(dict[str, Project])
_LINES: Final = TypeAdapter(list[LogLine])
_WITHOUT_LINES: Final = {"__all__": {"logstores": {"__all__": {"lines", "written"}}}}


class LogService:
    """The Log Service of one account. Its error codes are SLS's."""

    def __init__(self, core: Core, account_id: str = "") -> None:
        self._core = core
        self._account_id = account_id
        self.projects: dict[str, Project] = {}

    def project(self, name: str) -> Project:
        """Return a project; raise ``ProjectNotExist`` if it does not exist."""
        try:
            return self.projects[name]
        except KeyError:
            raise CloudError("ProjectNotExist", f"project {name} does not exist", 404) from None

    def create_project(self, name: str, description: str = "") -> Project:
        """Create a project; ``ProjectAlreadyExist``, ``ParameterInvalid``."""
        if not _PROJECT_NAME.fullmatch(name):
            raise CloudError(
                "ParameterInvalid",
                f"{name!r} is not a project name: 3 to 63 lower-case letters, digits and -",
            )
        if name in self.projects:
            raise CloudError("ProjectAlreadyExist", f"project {name} already exists")
        project = Project(name, description, self._core.clock.now())
        self.projects[name] = project
        return project

    def update_project(self, name: str, description: str) -> Project:
        """Change a project's description."""
        project = self.project(name)
        project.description = description
        return project

    def delete_project(self, name: str) -> None:
        """Remove a project with everything in it."""
        self.project(name)
        del self.projects[name]

    def logstore(self, project: str, name: str) -> Logstore:
        """Return a logstore; raise ``ProjectNotExist`` or ``LogStoreNotExist``."""
        try:
            return self.project(project).logstores[name]
        except KeyError:
            raise CloudError("LogStoreNotExist", f"logstore {name} does not exist", 404) from None

    def create_logstore(
        self, project: str, name: str, *, ttl: int, shard_count: int = 2
    ) -> Logstore:
        """Create a logstore; ``LogStoreAlreadyExist``, ``ParameterInvalid``.

        Args:
            project: the project's name.
            name: the logstore's name.
            ttl: days that lines are kept, 1 to 3650 (3650: forever).
            shard_count: 1 to 10.
        """
        _check("ttl", ttl, TTL_DAYS)
        _check("shardCount", shard_count, SHARDS)
        if not _LOGSTORE_NAME.fullmatch(name):
            raise CloudError(
                "ParameterInvalid",
                f"{name!r} is not a logstore name: 2 to 63 lower-case letters, digits, - and _",
            )
        logstores = self.project(project).logstores
        if name in logstores:
            raise CloudError("LogStoreAlreadyExist", f"logstore {name} already exists")
        logstores[name] = Logstore(name, ttl, self._core.clock.now(), shard_count=shard_count)
        return logstores[name]

    def update_logstore(self, project: str, name: str, *, ttl: int) -> Logstore:
        """Change how many days lines are kept."""
        _check("ttl", ttl, TTL_DAYS)
        logstore = self.logstore(project, name)
        logstore.ttl = ttl
        return logstore

    def delete_logstore(self, project: str, name: str) -> None:
        """Remove a logstore with its lines."""
        self.logstore(project, name)
        del self.project(project).logstores[name]

    def index(self, project: str, logstore: str) -> Index:
        """Return a logstore's index; raise ``IndexConfigNotExist`` if it has none."""
        index = self.logstore(project, logstore).index
        if index is None:
            raise CloudError("IndexConfigNotExist", "index config doesn't exist", 404)
        return index

    def create_index(self, project: str, logstore: str, index: Index) -> None:
        """Create a logstore's index; ``IndexAlreadyExist``."""
        store = self.logstore(project, logstore)
        if store.index is not None:
            raise CloudError("IndexAlreadyExist", "log store index is already created")
        store.index = index

    def update_index(self, project: str, logstore: str, index: Index) -> None:
        """Change a logstore's index; ``IndexConfigNotExist``."""
        self.index(project, logstore)
        self.logstore(project, logstore).index = index

    def delete_index(self, project: str, logstore: str) -> None:
        """Remove a logstore's index; ``IndexConfigNotExist``."""
        self.index(project, logstore)
        self.logstore(project, logstore).index = None

    def dashboard(self, project: str, name: str) -> Dashboard:
        """Return a dashboard; raise ``ProjectNotExist`` or ``DashboardNotExist``."""
        try:
            return self.project(project).dashboards[name]
        except KeyError:
            raise CloudError("DashboardNotExist", f"dashboard {name} does not exist", 404) from None

    def create_dashboard(self, project: str, dashboard: Dashboard) -> None:
        """Create a dashboard in a project; ``ParameterInvalid`` if the name is taken."""
        dashboards = self.project(project).dashboards
        if dashboard.name in dashboards:  # assumed: the error's code
            raise CloudError("ParameterInvalid", f"dashboard {dashboard.name} already exists")
        dashboards[dashboard.name] = dashboard

    def update_dashboard(self, project: str, dashboard: Dashboard) -> None:
        """Change a dashboard; ``DashboardNotExist``."""
        self.dashboard(project, dashboard.name)
        self.project(project).dashboards[dashboard.name] = dashboard

    def delete_dashboard(self, project: str, name: str) -> None:
        """Remove a dashboard; ``DashboardNotExist``."""
        self.dashboard(project, name)
        del self.project(project).dashboards[name]

    def append(self, project: str, logstore: str, lines: Iterable[LogLine]) -> None:
        """Add lines, dropping the oldest if there are too many."""
        for chunk in self.logstore(project, logstore).append(lines):
            self._core.journal.touch("lines", self._account_id, project, logstore, f"{chunk:08d}")

    def query(
        self,
        project: str,
        logstore: str,
        *,
        since: float = 0,
        until: float = float("inf"),
        text: str = "",
        limit: int = 100,
    ) -> list[LogLine]:
        """Return the last lines that match, in order of time.

        Unlike SLS, this needs no index: it is for users of the local cloud.

        Args:
            project: the project's name.
            logstore: the logstore's name.
            since: start of the period in cloud time, inclusive.
            until: end of the period, exclusive.
            text: text that a field of the line must contain, ignoring case.
            limit: maximum number of lines.
        """
        store = self.logstore(project, logstore)
        oldest = max(since, self._core.clock.now() - store.ttl * 86_400)
        matches = [
            line
            for line in store.lines
            if oldest <= line.time < until and _contains(line, text.casefold())
        ]
        matches.sort(key=lambda line: line.time)
        return matches[max(0, len(matches) - limit) :]

    def snapshot(self) -> object:
        """Return the state without the lines, as JSON-compatible data."""
        return _State.dump_python(self.projects, mode="json", exclude=_WITHOUT_LINES)

    def restore(self, data: object) -> None:
        """Replace the current contents with what :meth:`snapshot` returned."""
        self.projects = _State.validate_python(data)


def _contains(line: LogLine, text: str) -> bool:
    return not text or any(text in value.casefold() for value in line.contents.values())


def _check(name: str, value: int, limits: tuple[int, int]) -> None:
    low, high = limits
    if not low <= value <= high:
        raise CloudError("ParameterInvalid", f"{name} is {value}; it must be {low} to {high}")
