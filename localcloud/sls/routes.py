"""The routing table of Log Service's API.

Actions are named after the operations; the resource is derived from the path (docs: RAM
authorization of Log Service).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from localcloud.request_body import RequestBody
from localcloud.sls import bodies, operations
from localcloud.sls.call import SlsCall, SlsOperation

_NAME: Final = r"(?P<\1>[^/]+)"


@dataclass(frozen=True)
class SlsRoute:
    """An operation.

    Attributes:
        name: the name in the API's spelling.
        method: HTTP method of its requests.
        path: path of its requests; ``{logstore}`` and ``{dashboard}`` are placeholders for names.
        operation: the function that carries it out.
        query: the supported parameters.
        body: model of the body; None if it has none.
        projects: returns the projects that the request concerns; None for the one in the host.
    """

    name: str
    method: str
    path: str
    operation: SlsOperation
    query: frozenset[str] = frozenset()
    body: type[RequestBody] | None = None
    projects: Callable[[SlsCall], Iterable[str]] | None = None
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\{(\w+)\}", _NAME, self.path)
        object.__setattr__(self, "_pattern", re.compile(pattern))

    def names(self, method: str, path: str) -> Mapping[str, str] | None:
        """Return the names in a request's path; None if the path is not this operation's."""
        match = self._pattern.fullmatch(path) if method == self.method else None
        return match and match.groupdict()

    @property
    def in_host(self) -> bool:
        """Whether the project must be in the host."""
        return self.projects is None

    @property
    def resource(self) -> str:
        """The RAM resource below the project, with a placeholder; empty for the project itself."""
        kind, _, rest = self.path.removeprefix("/").partition("/")
        if kind not in ("logstores", "dashboards"):
            return ""
        return f"{kind.removesuffix('s')}/{rest.partition('/')[0] or '*'}"


_PAGE: Final = frozenset({"offset", "size"})
_LOGSTORE: Final = "/logstores/{logstore}"
_INDEX: Final = f"{_LOGSTORE}/index"
_METERING: Final = f"{_LOGSTORE}/meteringmode"
_DASHBOARD: Final = "/dashboards/{dashboard}"

ROUTES: Final = (
    SlsRoute(
        "CreateProject",
        "POST",
        "/",
        operations.create_project,
        body=bodies.CreateProjectBody,
        projects=lambda call: [call.read(bodies.CreateProjectBody).project_name],
    ),
    SlsRoute("GetProject", "GET", "/", operations.get_project),
    SlsRoute(
        "ListProject",
        "GET",
        "/",
        operations.list_projects,
        query=_PAGE | {"projectName"},
        projects=lambda _: ["*"],
    ),
    SlsRoute("UpdateProject", "PUT", "/", operations.update_project, body=bodies.UpdateProjectBody),
    SlsRoute("DeleteProject", "DELETE", "/", operations.delete_project),
    SlsRoute("GetProjectPolicy", "GET", "/policy", operations.get_project_policy),
    SlsRoute(
        "TagResources",
        "POST",
        "/tag",
        operations.tag_resources,
        body=bodies.TagProjectsBody,
        projects=lambda call: call.read(bodies.TagProjectsBody).resource_id,
    ),
    SlsRoute(
        "UntagResources",
        "POST",
        "/untag",
        operations.untag_resources,
        body=bodies.UntagProjectsBody,
        projects=lambda call: call.read(bodies.UntagProjectsBody).resource_id,
    ),
    SlsRoute(
        "ListTagResources",
        "GET",
        "/tags",
        operations.list_tag_resources,
        query=frozenset({"resourceType", "resourceId"}),
        projects=operations.projects_in_query,
    ),
    SlsRoute(
        "CreateLogStore", "POST", "/logstores", operations.create_logstore, body=bodies.LogstoreBody
    ),
    SlsRoute(
        "ListLogStores",
        "GET",
        "/logstores",
        operations.list_logstores,
        query=_PAGE | {"logstoreName"},
    ),
    SlsRoute("GetLogStore", "GET", _LOGSTORE, operations.get_logstore),
    SlsRoute(
        "UpdateLogStore", "PUT", _LOGSTORE, operations.update_logstore, body=bodies.LogstoreBody
    ),
    SlsRoute("DeleteLogStore", "DELETE", _LOGSTORE, operations.delete_logstore),
    SlsRoute("ListShards", "GET", f"{_LOGSTORE}/shards", operations.list_shards),
    SlsRoute("GetLogStoreMeteringMode", "GET", _METERING, operations.get_metering_mode),
    SlsRoute(
        "UpdateLogStoreMeteringMode",
        "PUT",
        _METERING,
        operations.update_metering_mode,
        body=bodies.MeteringModeBody,
    ),
    SlsRoute("CreateIndex", "POST", _INDEX, operations.create_index, body=bodies.IndexBody),
    SlsRoute("GetIndex", "GET", _INDEX, operations.get_index),
    SlsRoute("UpdateIndex", "PUT", _INDEX, operations.update_index, body=bodies.IndexBody),
    SlsRoute("DeleteIndex", "DELETE", _INDEX, operations.delete_index),
    SlsRoute(
        "CreateDashboard",
        "POST",
        "/dashboards",
        operations.create_dashboard,
        body=bodies.DashboardBody,
    ),
    SlsRoute("GetDashboard", "GET", _DASHBOARD, operations.get_dashboard),
    SlsRoute(
        "UpdateDashboard", "PUT", _DASHBOARD, operations.update_dashboard, body=bodies.DashboardBody
    ),
    SlsRoute("DeleteDashboard", "DELETE", _DASHBOARD, operations.delete_dashboard),
)
