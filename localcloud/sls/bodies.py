"""Request bodies of Log Service, as sent by alibabacloud-sls20201230 5.15.1."""

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
    """The body of CreateLogStore and UpdateLogStore; missing fields stay unchanged."""

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
        """Return the options that are set, by their names in the model."""
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
    """The body of CreateIndex and UpdateIndex."""

    line: IndexLineBody | None = None
    keys: dict[str, IndexKeyBody] = Field(default={})
    ttl: int | None = None  # from former versions; the logstore's applies
    max_text_len: Annotated[int, Field(alias="max_text_len", ge=64, le=16_384)] = 2_048

    @property
    def index(self) -> Index:
        """Return the defined index.

        Raises:
            CloudError: ``ParameterInvalid``, no index is defined.
        """
        if self.line is None and not self.keys:
            raise CloudError("ParameterInvalid", "an index needs line, keys, or both")
        fields = {name: FieldIndex(key.type, key.case_sensitive) for name, key in self.keys.items()}
        definition = self.model_dump_json(by_alias=True, exclude={"ttl"}, exclude_none=True)
        return Index(self.line is not None, fields, definition)


class DashboardBody(RequestBody):
    """The body of CreateDashboard and UpdateDashboard."""

    dashboard_name: str = Field(min_length=1)
    display_name: str = ""
    description: str = ""
    attribute: dict[str, JsonValue] = Field(default={})
    charts: list[dict[str, JsonValue]] = Field(default=[])

    @property
    def dashboard(self) -> Dashboard:
        """Return the described dashboard."""
        return Dashboard(
            self.dashboard_name,
            self.display_name,
            _json([*self.charts]),
            _json({**self.attribute}),
            self.description,
        )


def _json(value: JsonValue) -> str:
    """Serialize to JSON with numbers of any size, and null for infinity."""
    return to_json(value, inf_nan_mode="null").decode()


def _lower(value: object) -> object:
    """Convert to lower case: the provider sends PROJECT, the documentation has project."""
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
        """Return the tags, by key."""
        return {tag.key: tag.value for tag in self.tags}


class UntagProjectsBody(RequestBody):
    resource_type: ProjectType
    resource_id: tuple[str, ...]
    tags: tuple[str, ...] = ()
    all: bool = False


B = TypeVar("B", bound=RequestBody)


def read_body(kind: type[B], text: bytes) -> B:
    """Parse a body; raise ``ParameterInvalid`` for invalid or unsupported fields."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise CloudError("ParameterInvalid", describe_problems(error)) from error
