"""Log Service: projects, logstores, their indexes, and dashboards.

The calls, and so the required permissions, are those that the real provider was recorded to make.
Arguments that the local cloud's logstores do not support (hot storage, encryption, delimiters) are
stored in Terraform's state and have no effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final, Literal

from pydantic import Field

from localcloud.clock import iso_time
from localcloud.errors import CloudError
from localcloud.sls import Dashboard, FieldIndex, Index
from localcloud.terraform.arguments import Arguments
from localcloud.terraform.diagnostics import ArgumentError
from localcloud.terraform.resources.base import ResourceHandler
from localcloud.terraform.resources.tags import change_tags, observed_tags
from localcloud.terraform.session import Session
from localcloud.terraform.values import Object, Value, objects

_TAGGING: Final = ("log:TagResources", "log:UntagResources")


def project_arn(session: Session, project: str) -> str:
    """Return a project's ARN in RAM."""
    return f"acs:log:{session.region}:{session.account_id}:project/{project}"


def logstore_arn(session: Session, project: str, logstore: str) -> str:
    """Return a logstore's ARN in RAM."""
    return f"{project_arn(session, project)}/logstore/{logstore}"


def dashboard_arn(session: Session, project: str, dashboard: str) -> str:
    """Return a dashboard's ARN in RAM."""
    return f"{project_arn(session, project)}/dashboard/{dashboard}"


class ProjectArguments(Arguments):
    """Arguments of ``alicloud_log_project``; ``name`` is the older name."""

    project_name: str = ""
    name: str = ""
    description: str = ""
    tags: dict[str, str] = Field(default={})


class ProjectHandler(ResourceHandler[ProjectArguments]):
    """``alicloud_log_project``."""

    arguments = ProjectArguments

    async def create(self, session: Session, planned: ProjectArguments) -> str:
        name = planned.project_name or planned.name
        session.authorize("log:CreateProject", project_arn(session, name))
        # Names are unique across all accounts and regions.
        if any(name in account.sls.projects for account in session.cloud.accounts.values()):
            raise CloudError("ProjectAlreadyExist", f"There is already a project {name!r}.")
        session.account.sls.create_project(name, planned.description)
        self._tag(session, name, {}, planned.tags)
        return name

    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        session.authorize("log:GetProject", project_arn(session, id_))
        project = session.account.sls.projects.get(id_)
        if project is None:
            return None
        session.authorize("log:ListTagResources", project_arn(session, id_))
        session.authorize("log:GetProjectPolicy", project_arn(session, id_))
        return {
            "id": project.name,
            "name": project.name,
            "project_name": project.name,
            "description": project.description,
            "create_time": iso_time(project.created_at),
            "status": "Normal",
            **observed_tags(project.tags, state),
        }

    async def update(
        self, session: Session, id_: str, prior: ProjectArguments, planned: ProjectArguments
    ) -> None:
        if planned.description != prior.description:
            session.authorize("log:UpdateProject", project_arn(session, id_))
            session.account.sls.update_project(id_, planned.description)
        self._tag(session, id_, prior.tags, planned.tags)

    async def delete(self, session: Session, id_: str, prior: ProjectArguments) -> None:
        session.authorize("log:DeleteProject", project_arn(session, id_))
        if id_ in session.account.sls.projects:
            session.account.sls.delete_project(id_)

    @staticmethod
    def _tag(
        session: Session, name: str, prior: Mapping[str, str], planned: Mapping[str, str]
    ) -> None:
        project, arn = session.account.sls.project(name), project_arn(session, name)
        change_tags(session, project, arn, prior, planned, _TAGGING)


class LogstoreArguments(Arguments):
    """Arguments of ``alicloud_log_store``; ``project`` and ``name`` are older names."""

    project_name: str = ""
    project: str = ""
    logstore_name: str = ""
    name: str = ""
    retention_period: int = 30  # days
    shard_count: int = 2


class LogstoreHandler(ResourceHandler[LogstoreArguments]):
    """``alicloud_log_store``. Its id is ``PROJECT:LOGSTORE``."""

    arguments = LogstoreArguments

    async def create(self, session: Session, planned: LogstoreArguments) -> str:
        project = planned.project_name or planned.project
        name = planned.logstore_name or planned.name
        session.authorize("log:CreateLogStore", logstore_arn(session, project, name))
        session.account.sls.create_logstore(
            project, name, ttl=planned.retention_period, shard_count=planned.shard_count
        )
        return f"{project}:{name}"

    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        project_name, name = _parts(id_)
        session.authorize("log:GetLogStore", logstore_arn(session, project_name, name))
        project = session.account.sls.projects.get(project_name)
        logstore = project.logstores.get(name) if project else None
        if logstore is None:
            return None
        for action in ("log:ListShards", "log:GetLogStoreMeteringMode"):
            session.authorize(action, logstore_arn(session, project_name, name))
        return {
            "id": id_,
            "project": project_name,
            "project_name": project_name,
            "name": name,
            "logstore_name": name,
            "retention_period": logstore.ttl,
            "create_time": int(logstore.created_at),
            "mode": state.get("mode") or "standard",
            "metering_mode": state.get("metering_mode") or "ChargeByFunction",
            "shards": [
                {
                    "id": shard.id,
                    "status": "readwrite",
                    "begin_key": shard.begin,
                    "end_key": shard.end,
                }
                for shard in logstore.shards
            ],
        }

    async def update(
        self, session: Session, id_: str, prior: LogstoreArguments, planned: LogstoreArguments
    ) -> None:
        project, name = _parts(id_)
        session.authorize("log:UpdateLogStore", logstore_arn(session, project, name))
        session.account.sls.update_logstore(project, name, ttl=planned.retention_period)

    async def delete(self, session: Session, id_: str, prior: LogstoreArguments) -> None:
        project_name, name = _parts(id_)
        session.authorize("log:DeleteLogStore", logstore_arn(session, project_name, name))
        project = session.account.sls.projects.get(project_name)
        if project and name in project.logstores:
            session.account.sls.delete_logstore(project_name, name)


class FullTextArguments(Arguments):
    """The ``full_text`` block."""


class FieldArguments(Arguments):
    """A ``field_search`` block."""

    name: str
    type: Literal["text", "long", "double", "json"] = "long"
    case_sensitive: bool = False


class IndexArguments(Arguments):
    """Arguments of ``alicloud_log_store_index``."""

    project: str
    logstore: str
    full_text: tuple[FullTextArguments, ...] = ()
    field_search: tuple[FieldArguments, ...] = ()

    @property
    def index(self) -> Index:
        """Convert the arguments to Log Service's form."""
        if not self.full_text and not self.field_search:
            raise ArgumentError("full_text", "Set full_text, field_search, or both.")
        fields = {f.name: FieldIndex(f.type, f.case_sensitive) for f in self.field_search}
        return Index(full_text=bool(self.full_text), fields=fields)


class IndexHandler(ResourceHandler[IndexArguments]):
    """``alicloud_log_store_index``. Its id is ``PROJECT:LOGSTORE``."""

    arguments = IndexArguments

    async def create(self, session: Session, planned: IndexArguments) -> str:
        arn = logstore_arn(session, planned.project, planned.logstore)
        session.authorize("log:GetLogStore", arn)
        session.authorize("log:CreateIndex", arn)
        session.account.sls.create_index(planned.project, planned.logstore, planned.index)
        return f"{planned.project}:{planned.logstore}"

    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        project, name = _parts(id_)
        session.authorize("log:GetIndex", logstore_arn(session, project, name))
        index = None
        with suppress(CloudError):  # the logstore may no longer exist either
            index = session.account.sls.index(project, name)
        if index is None:
            return None
        return {
            "id": id_,
            "project": project,
            "logstore": name,
            "full_text": _full_text(index, state),
            "field_search": _fields(index, state),
        }

    async def update(
        self, session: Session, id_: str, prior: IndexArguments, planned: IndexArguments
    ) -> None:
        arn = logstore_arn(session, planned.project, planned.logstore)
        session.authorize("log:GetIndex", arn)
        session.authorize("log:UpdateIndex", arn)
        session.account.sls.update_index(planned.project, planned.logstore, planned.index)

    async def delete(self, session: Session, id_: str, prior: IndexArguments) -> None:
        project, name = _parts(id_)
        session.authorize("log:GetIndex", logstore_arn(session, project, name))
        session.authorize("log:DeleteIndex", logstore_arn(session, project, name))
        with suppress(CloudError):
            session.account.sls.delete_index(project, name)


def _full_text(index: Index, state: Object) -> list[Value]:
    """Return the block, with arguments from the state that the index does not store."""
    if not index.full_text:
        return []
    return [*objects(state.get("full_text"))] or [
        {"case_sensitive": False, "include_chinese": False}
    ]


def _fields(index: Index, state: Object) -> list[Value]:
    blocks = {block["name"]: block for block in objects(state.get("field_search"))}
    defaults: Object = {"include_chinese": False, "enable_analytics": True}
    return [
        {
            **blocks.get(name, defaults),
            "name": name,
            "type": field.type,
            "case_sensitive": field.case_sensitive,
        }
        for name, field in index.fields.items()
    ]


class DashboardArguments(Arguments):
    """Arguments of ``alicloud_log_dashboard``."""

    project_name: str
    dashboard_name: str
    display_name: str = ""
    char_list: str
    attribute: str = ""

    @property
    def dashboard(self) -> Dashboard:
        """Convert the arguments to Log Service's form."""
        charts, attribute = self.char_list, self.attribute or "{}"
        return Dashboard(self.dashboard_name, self.display_name, charts, attribute)


class DashboardHandler(ResourceHandler[DashboardArguments]):
    """``alicloud_log_dashboard``. Its id is ``PROJECT:DASHBOARD``."""

    arguments = DashboardArguments

    async def create(self, session: Session, planned: DashboardArguments) -> str:
        # The policies in Log Service's documentation allow it on any dashboard of a project.
        any_dashboard = dashboard_arn(session, planned.project_name, "*")
        session.authorize("log:CreateDashboard", any_dashboard)
        session.account.sls.create_dashboard(planned.project_name, planned.dashboard)
        return f"{planned.project_name}:{planned.dashboard_name}"

    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        project, name = _parts(id_)
        session.authorize("log:GetDashboard", dashboard_arn(session, project, name))
        try:
            dashboard = session.account.sls.dashboard(project, name)
        except CloudError:  # it or its project no longer exists
            return None
        return {
            "id": id_,
            "project_name": project,
            "dashboard_name": name,
            "display_name": dashboard.display_name,
            "char_list": dashboard.charts,
            "attribute": dashboard.attribute,
        }

    async def update(
        self, session: Session, id_: str, prior: DashboardArguments, planned: DashboardArguments
    ) -> None:
        project, name = _parts(id_)
        session.authorize("log:UpdateDashboard", dashboard_arn(session, project, name))
        session.account.sls.update_dashboard(project, planned.dashboard)

    async def delete(self, session: Session, id_: str, prior: DashboardArguments) -> None:
        project, name = _parts(id_)
        session.authorize("log:DeleteDashboard", dashboard_arn(session, project, name))
        with suppress(CloudError):
            session.account.sls.delete_dashboard(project, name)


def _parts(id_: str) -> tuple[str, str]:
    project, separator, logstore = id_.partition(":")
    if not separator:
        raise CloudError("InvalidId", f"{id_!r} is not a logstore: its id is PROJECT:LOGSTORE.")
    return project, logstore
