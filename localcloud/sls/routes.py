"""The routing table of Log Service's API.

Actions are named after the operations; the resource is derived from the path (docs: RAM
authorization of Log Service).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from localcloud.operation_row import OperationRow
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
        in_host: whether the project must be in the host.
        projects: returns the projects that the request concerns; None for the one in the host.
        resource: the RAM resource, below the project; empty for the project itself.
    """

    name: str
    method: str
    path: str
    operation: SlsOperation
    query: frozenset[str] = frozenset()
    body: type[RequestBody] | None = None
    in_host: bool = True
    projects: Callable[[SlsCall], Iterable[str]] | None = None
    resource: str = ""
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\{(\w+)\}", _NAME, self.path)
        object.__setattr__(self, "_pattern", re.compile(pattern))

    def names(self, method: str, path: str) -> Mapping[str, str] | None:
        """Return the names in a request's path; None if the path is not this operation's."""
        match = self._pattern.fullmatch(path) if method == self.method else None
        return match and match.groupdict()

    @property
    def row(self) -> OperationRow:
        """Return the operation as a row for the documentation."""
        fields = self.body.names() if self.body else ()
        host = "" if self.in_host else ", without a project in the host"
        request = f"{self.method} {self.path}{host}"
        return OperationRow(self.name, request, (*sorted(self.query), *fields))


_PAGE: Final = frozenset({"offset", "size"})
_LOGSTORE: Final = "/logstores/{logstore}"
_OF_LOGSTORE: Final = "logstore/{logstore}"
_INDEX: Final = f"{_LOGSTORE}/index"
_METERING: Final = f"{_LOGSTORE}/meteringmode"
_DASHBOARD: Final = "/dashboards/{dashboard}"
_OF_DASHBOARD: Final = "dashboard/{dashboard}"

ROUTES: Final = (
    SlsRoute(
        *("CreateProject", "POST", "/", operations.create_project),
        body=bodies.CreateProjectBody,
        in_host=False,
        projects=lambda call: [call.read(bodies.CreateProjectBody).project_name],
    ),
    SlsRoute("GetProject", "GET", "/", operations.get_project),
    SlsRoute(
        *("ListProject", "GET", "/", operations.list_projects),
        query=_PAGE | {"projectName"},
        in_host=False,
        projects=lambda _: ["*"],
    ),
    SlsRoute(
        *("UpdateProject", "PUT", "/", operations.update_project), body=bodies.UpdateProjectBody
    ),
    SlsRoute("DeleteProject", "DELETE", "/", operations.delete_project),
    SlsRoute("GetProjectPolicy", "GET", "/policy", operations.get_project_policy),
    SlsRoute(
        *("TagResources", "POST", "/tag", operations.tag_resources),
        body=bodies.TagProjectsBody,
        in_host=False,
        projects=lambda call: call.read(bodies.TagProjectsBody).resource_id,
    ),
    SlsRoute(
        *("UntagResources", "POST", "/untag", operations.untag_resources),
        body=bodies.UntagProjectsBody,
        in_host=False,
        projects=lambda call: call.read(bodies.UntagProjectsBody).resource_id,
    ),
    SlsRoute(
        *("ListTagResources", "GET", "/tags", operations.list_tag_resources),
        query=frozenset({"resourceType", "resourceId"}),
        in_host=False,
        projects=operations.projects_in_query,
    ),
    SlsRoute(
        *("CreateLogStore", "POST", "/logstores", operations.create_logstore),
        body=bodies.LogstoreBody,
        resource="logstore/*",
    ),
    SlsRoute(
        *("ListLogStores", "GET", "/logstores", operations.list_logstores),
        query=_PAGE | {"logstoreName"},
        resource="logstore/*",
    ),
    SlsRoute("GetLogStore", "GET", _LOGSTORE, operations.get_logstore, resource=_OF_LOGSTORE),
    SlsRoute(
        *("UpdateLogStore", "PUT", _LOGSTORE, operations.update_logstore),
        body=bodies.LogstoreBody,
        resource=_OF_LOGSTORE,
    ),
    SlsRoute(
        *("DeleteLogStore", "DELETE", _LOGSTORE, operations.delete_logstore), resource=_OF_LOGSTORE
    ),
    SlsRoute(
        *("ListShards", "GET", f"{_LOGSTORE}/shards", operations.list_shards),
        resource=_OF_LOGSTORE,
    ),
    SlsRoute(
        *("GetLogStoreMeteringMode", "GET", _METERING, operations.get_metering_mode),
        resource=_OF_LOGSTORE,
    ),
    SlsRoute(
        *("UpdateLogStoreMeteringMode", "PUT", _METERING, operations.update_metering_mode),
        body=bodies.MeteringModeBody,
        resource=_OF_LOGSTORE,
    ),
    SlsRoute(
        *("CreateIndex", "POST", _INDEX, operations.create_index),
        body=bodies.IndexBody,
        resource=_OF_LOGSTORE,
    ),
    SlsRoute("GetIndex", "GET", _INDEX, operations.get_index, resource=_OF_LOGSTORE),
    SlsRoute(
        *("UpdateIndex", "PUT", _INDEX, operations.update_index),
        body=bodies.IndexBody,
        resource=_OF_LOGSTORE,
    ),
    SlsRoute("DeleteIndex", "DELETE", _INDEX, operations.delete_index, resource=_OF_LOGSTORE),
    SlsRoute(
        *("CreateDashboard", "POST", "/dashboards", operations.create_dashboard),
        body=bodies.DashboardBody,
        resource="dashboard/*",
    ),
    SlsRoute("GetDashboard", "GET", _DASHBOARD, operations.get_dashboard, resource=_OF_DASHBOARD),
    SlsRoute(
        *("UpdateDashboard", "PUT", _DASHBOARD, operations.update_dashboard),
        body=bodies.DashboardBody,
        resource=_OF_DASHBOARD,
    ),
    SlsRoute(
        *("DeleteDashboard", "DELETE", _DASHBOARD, operations.delete_dashboard),
        resource=_OF_DASHBOARD,
    ),
)

UNSUPPORTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("PutLogs", "PullLogs", "GetCursor"),
            "only functions write lines",
        ),
        **dict.fromkeys(
            ("GetLogs", "GetLogsV2", "GetHistograms"),
            "queries: GET /logs of the control API shows the lines",
        ),
        **dict.fromkeys(
            ("CreateAlert", "CreateSavedSearch", "CreateScheduledSQL", "CreateETL"),
            "background processing of lines",
        ),
        "PutProjectPolicy": "permissions come from RAM alone",
        "MergeShard, SplitShard": "a logstore is not really sharded",
        "CreateConfig, CreateMachineGroup": "there are no machines to collect lines from",
    }
)
