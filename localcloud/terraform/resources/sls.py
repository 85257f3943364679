"""Log Service: projects, logstores, their indexes, and dashboards.

The calls, and so the required permissions, are those that the real provider was seen to make.
Arguments that the local cloud's logstores do not have (hot storage, encryption, how a text
is split into words) are kept in Terraform's state and have no effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Literal

from pydantic import Field

from localcloud.errors import CloudError
from localcloud.sls import Dashboard, FieldIndex, Index
from localcloud.terraform.arguments import Arguments
from localcloud.terraform.diagnostics import ArgumentError
from localcloud.terraform.resources.base import ResourceHandler, iso_time
from localcloud.terraform.resources.tags import authorize_tags, observed_tags
from localcloud.terraform.session import Session
from localcloud.terraform.values import Object, Value, objects


def project_arn(session: Session, project: str) -> str:
    """The ARN that rights on a project are given for."""
    return f"acs:log:{session.region}:{session.account_id}:project/{project}"


def logstore_arn(session: Session, project: str, logstore: str) -> str:
    """The ARN that rights on a logstore are given for."""
    return f"{project_arn(session, project)}/logstore/{logstore}"


def dashboard_arn(session: Session, project: str, dashboard: str) -> str:
    """The ARN that rights on a dashboard are given for."""
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

    async def create(self, session: Session, wanted: ProjectArguments) -> str:
        name = wanted.project_name or wanted.name
        session.authorize("log:CreateProject", project_arn(session, name))
        # Names are unique over all accounts and regions.
        if any(name in account.sls.projects for account in session.cloud.accounts.values()):
            raise CloudError("ProjectAlreadyExist", f"There is a project {name!r} already.")
        session.account.sls.create_project(name, wanted.description)
        self._tag(session, name, {}, wanted.tags)
        return name

    async def read(self, session: Session, id_: str, known: Object) -> Object | None:
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
            **observed_tags(project.tags, known),
        }

    async def update(
        self, session: Session, id_: str, before: ProjectArguments, wanted: ProjectArguments
    ) -> None:
        if wanted.description != before.description:
            session.authorize("log:UpdateProject", project_arn(session, id_))
            session.account.sls.update_project(id_, wanted.description)
        self._tag(session, id_, before.tags, wanted.tags)

    async def delete(self, session: Session, id_: str, before: ProjectArguments) -> None:
        session.authorize("log:DeleteProject", project_arn(session, id_))
        if id_ in session.account.sls.projects:
            session.account.sls.delete_project(id_)

    @staticmethod
    def _tag(
        session: Session, name: str, before: Mapping[str, str], wanted: Mapping[str, str]
    ) -> None:
        authorize_tags(
            session,
            project_arn(session, name),
            before,
            wanted,
            tag="log:TagResources",
            untag="log:UntagResources",
        )
        session.account.sls.project(name).tags = dict(wanted)


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

    async def create(self, session: Session, wanted: LogstoreArguments) -> str:
        project = wanted.project_name or wanted.project
        name = wanted.logstore_name or wanted.name
        session.authorize("log:CreateLogStore", logstore_arn(session, project, name))
        session.account.sls.create_logstore(
            project, name, ttl=wanted.retention_period, shard_count=wanted.shard_count
        )
        return f"{project}:{name}"

    async def read(self, session: Session, id_: str, known: Object) -> Object | None:
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
            "mode": known.get("mode") or "standard",
            "metering_mode": known.get("metering_mode") or "ChargeByFunction",
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
        self, session: Session, id_: str, before: LogstoreArguments, wanted: LogstoreArguments
    ) -> None:
        project, name = _parts(id_)
        session.authorize("log:UpdateLogStore", logstore_arn(session, project, name))
        session.account.sls.update_logstore(project, name, ttl=wanted.retention_period)

    async def delete(self, session: Session, id_: str, before: LogstoreArguments) -> None:
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
        """The query in Log Service's syntax."""
        if not self.full_text and not self.field_search:
            raise ArgumentError("full_text", "Give full_text, field_search, or both.")
        fields = {f.name: FieldIndex(f.type, f.case_sensitive) for f in self.field_search}
        return Index(full_text=bool(self.full_text), fields=fields)


class IndexHandler(ResourceHandler[IndexArguments]):
    """``alicloud_log_store_index``. Its id is ``PROJECT:LOGSTORE``."""

    arguments = IndexArguments

    async def create(self, session: Session, wanted: IndexArguments) -> str:
        arn = logstore_arn(session, wanted.project, wanted.logstore)
        session.authorize("log:GetLogStore", arn)
        session.authorize("log:CreateIndex", arn)
        session.account.sls.create_index(wanted.project, wanted.logstore, wanted.index)
        return f"{wanted.project}:{wanted.logstore}"

    async def read(self, session: Session, id_: str, known: Object) -> Object | None:
        project, name = _parts(id_)
        session.authorize("log:GetIndex", logstore_arn(session, project, name))
        index = None
        with suppress(CloudError):  # its logstore may no longer exist either
            index = session.account.sls.index(project, name)
        if index is None:
            return None
        return {
            "id": id_,
            "project": project,
            "logstore": name,
            "full_text": _full_text(index, known),
            "field_search": _fields(index, known),
        }

    async def update(
        self, session: Session, id_: str, before: IndexArguments, wanted: IndexArguments
    ) -> None:
        arn = logstore_arn(session, wanted.project, wanted.logstore)
        session.authorize("log:GetIndex", arn)
        session.authorize("log:UpdateIndex", arn)
        session.account.sls.update_index(wanted.project, wanted.logstore, wanted.index)

    async def delete(self, session: Session, id_: str, before: IndexArguments) -> None:
        project, name = _parts(id_)
        session.authorize("log:GetIndex", logstore_arn(session, project, name))
        session.authorize("log:DeleteIndex", logstore_arn(session, project, name))
        with suppress(CloudError):
            session.account.sls.delete_index(project, name)


def _full_text(index: Index, known: Object) -> list[Value]:
    """The block from the known state: it has arguments that the index does not store."""
    if not index.full_text:
        return []
    return [*objects(known.get("full_text"))] or [
        {"case_sensitive": False, "include_chinese": False}
    ]


def _fields(index: Index, known: Object) -> list[Value]:
    blocks = {block["name"]: block for block in objects(known.get("field_search"))}
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
        """The query in Log Service's syntax."""
        charts, attribute = self.char_list, self.attribute or "{}"
        return Dashboard(self.dashboard_name, self.display_name, charts, attribute)


class DashboardHandler(ResourceHandler[DashboardArguments]):
    """``alicloud_log_dashboard``. Its id is ``PROJECT:DASHBOARD``."""

    arguments = DashboardArguments

    async def create(self, session: Session, wanted: DashboardArguments) -> str:
        # The policies in Log Service's documents allow it on any dashboard of a project.
        any_dashboard = dashboard_arn(session, wanted.project_name, "*")
        session.authorize("log:CreateDashboard", any_dashboard)
        session.account.sls.create_dashboard(wanted.project_name, wanted.dashboard)
        return f"{wanted.project_name}:{wanted.dashboard_name}"

    async def read(self, session: Session, id_: str, known: Object) -> Object | None:
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
        self, session: Session, id_: str, before: DashboardArguments, wanted: DashboardArguments
    ) -> None:
        project, name = _parts(id_)
        session.authorize("log:UpdateDashboard", dashboard_arn(session, project, name))
        session.account.sls.update_dashboard(project, wanted.dashboard)

    async def delete(self, session: Session, id_: str, before: DashboardArguments) -> None:
        project, name = _parts(id_)
        session.authorize("log:DeleteDashboard", dashboard_arn(session, project, name))
        with suppress(CloudError):
            session.account.sls.delete_dashboard(project, name)


def _parts(id_: str) -> tuple[str, str]:
    project, separator, logstore = id_.partition(":")
    if not separator:
        raise CloudError("InvalidId", f"{id_!r} is not a logstore: its id is PROJECT:LOGSTORE.")
    return project, logstore
