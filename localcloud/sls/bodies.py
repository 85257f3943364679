"""Bodies of requests to Log Service, as alibabacloud-sls20201230 5.15.1 sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, JsonValue, ValidationError
from pydantic_core import to_json

from localcloud.errors import CloudError
from localcloud.request_body import RequestBody, describe_problems
from localcloud.sls.model import TTL_DAYS, Dashboard, FieldIndex, Index


class CreateProjectBody(RequestBody):
    project_name: str
    description: str = ""


class UpdateProjectBody(RequestBody):
    description: str = ""


Days = Annotated[int | None, Field(ge=0, le=TTL_DAYS[1])]


class LogstoreBody(RequestBody):
    """Body of CreateLogStore and UpdateLogStore; missing fields stay unchanged."""

    logstore_name: str = ""
    ttl: int | None = None
    shard_count: int | None = None
    auto_split: bool | None = None
    max_split_shard: Annotated[int | None, Field(ge=0, le=256)] = None
    append_meta: bool | None = None
    enable_tracking: Annotated[bool | None, Field(alias="enable_tracking")] = None
    hot_ttl: Annotated[int | None, Field(alias="hot_ttl", ge=0, le=3_650)] = None
    infrequent_access_ttl: Annotated[
        int | None, Field(alias="infrequentAccessTTL", ge=0, le=3_650)
    ] = None
    mode: Literal["standard", "query"] | None = None
    telemetry_type: str | None = None

    @property
    def options(self) -> dict[str, Any]:
        """The given options, by their names in the model."""
        return self.changes(without=("logstore_name", "ttl", "shard_count"))


class MeteringModeBody(RequestBody):
    metering_mode: Literal["ChargeByFunction", "ChargeByDataIngest"]


class _IndexPart(RequestBody):
    token: tuple[str, ...] = ()
    case_sensitive: bool = False
    chn: bool = False


class IndexLineBody(_IndexPart):
    include_keys: Annotated[tuple[str, ...], Field(alias="include_keys")] = ()
    exclude_keys: Annotated[tuple[str, ...], Field(alias="exclude_keys")] = ()


class IndexKeyBody(_IndexPart):
    type: Literal["text", "long", "double", "json"]
    alias: str = ""
    doc_value: Annotated[bool, Field(alias="doc_value")] = False


class IndexBody(RequestBody):
    """Of CreateIndex and UpdateIndex."""

    line: IndexLineBody | None = None
    keys: dict[str, IndexKeyBody] = Field(default={})
    ttl: int | None = None  # of former versions: the logstore's counts
    max_text_len: Annotated[int, Field(alias="max_text_len", ge=64, le=16_384)] = 2_048

    @property
    def index(self) -> Index:
        """The index that it defines.

        Raises:
            CloudError: ``ParameterInvalid``, it defines none.
        """
        if self.line is None and not self.keys:
            raise CloudError("ParameterInvalid", "an index has line, keys, or both")
        fields = {name: FieldIndex(key.type, key.case_sensitive) for name, key in self.keys.items()}
        definition = self.model_dump_json(by_alias=True, exclude={"ttl"}, exclude_none=True)
        return Index(self.line is not None, fields, definition)


class DashboardBody(RequestBody):
    """Of CreateDashboard and UpdateDashboard."""

    dashboard_name: str = Field(min_length=1)
    display_name: str = ""
    description: str = ""
    attribute: dict[str, JsonValue] = Field(default={})
    charts: list[dict[str, JsonValue]] = Field(default=[])

    @property
    def dashboard(self) -> Dashboard:
        """The dashboard that it describes."""
        return Dashboard(
            self.dashboard_name,
            self.display_name,
            _json([*self.charts]),
            _json({**self.attribute}),
            self.description,
        )


def _json(value: JsonValue) -> str:
    """JSON text that every reader takes: numbers of any size, and null where one is infinite."""
    return to_json(value, inf_nan_mode="null").decode()


def _lower(value: object) -> object:
    """The provider writes PROJECT, the documents project."""
    return value.lower() if isinstance(value, str) else value


ProjectType = Annotated[Literal["project"], BeforeValidator(_lower)]


class ProjectTagBody(RequestBody):
    key: str
    value: str = ""


class TagProjectsBody(RequestBody):
    resource_type: ProjectType
    resource_id: tuple[str, ...]
    tags: tuple[ProjectTagBody, ...]

    @property
    def by_key(self) -> Mapping[str, str]:
        """The tags by their keys."""
        return {tag.key: tag.value for tag in self.tags}


class UntagProjectsBody(RequestBody):
    resource_type: ProjectType
    resource_id: tuple[str, ...]
    tags: tuple[str, ...] = ()
    all: bool = False


B = TypeVar("B", bound=RequestBody)


def read_body(kind: type[B], text: bytes) -> B:
    """A body as its model; ``ParameterInvalid`` names what is invalid or not supported here."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise CloudError("ParameterInvalid", describe_problems(error)) from error
