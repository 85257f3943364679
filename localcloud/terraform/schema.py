"""The provider's schema in Terraform's format, from the schema file.

The file contains names, types, flags, defaults and limits from the provider's source.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Any, Literal, TypeAlias

import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator
from tfplugin_proto import tfplugin5_5_pb2 as pb

Scalar: TypeAlias = Literal["string", "int", "float", "bool"]
CtyType: TypeAlias = "str | list[str | dict[str, CtyType] | CtyType]"
Default: TypeAlias = str | bool | int | float

_CTY_SCALARS = {
    "string": "string",
    "int": "number",
    "float": "number",
    "bool": "bool",
}


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SchemaAttribute(_Model):
    """An argument or computed value.

    Attributes:
        element: element type of a list, set or map: a scalar, or an object if it is only computed.
        range: minimum and maximum of a number, None for no bound; ``length`` likewise for a string.
        is_json: whether the string must be JSON, and is compared as JSON.
    """

    type: Scalar | Literal["list", "set", "map"]
    element: Scalar | dict[str, SchemaAttribute] | None = None
    mode: Literal["required", "optional", "optional+computed", "computed"]
    default: Annotated[Default | None, Field(union_mode="smart")] = None
    default_env: tuple[str, ...] = ()
    force_new: bool = False
    deprecated: bool = False
    sensitive: bool = False
    non_empty: bool = False
    is_json: bool = Field(default=False, alias="json")
    conflicts_with: tuple[str, ...] = ()
    exactly_one_of: tuple[str, ...] = ()
    required_with: tuple[str, ...] = ()
    enum: tuple[Default, ...] | None = None
    range: tuple[float | None, float | None] | None = None
    length: tuple[int | None, int | None] | None = None
    pattern: str | None = None

    @property
    def computed(self) -> bool:
        """Whether the provider sets it if the configuration does not."""
        return "computed" in self.mode

    @property
    def cty(self) -> CtyType:
        """Return the type in Terraform's JSON notation."""
        if self.element is None:
            return _CTY_SCALARS[self.type]
        if isinstance(self.element, dict):
            return [self.type, ["object", {name: a.cty for name, a in self.element.items()}]]
        return [self.type, _CTY_SCALARS[self.element]]


class Block(_Model):
    """Attributes and nested blocks."""

    attributes: dict[str, SchemaAttribute] = {}
    blocks: dict[str, NestedBlock] = {}

    @property
    def fields(self) -> dict[str, SchemaAttribute | NestedBlock]:
        """All members by name."""
        return {**self.attributes, **self.blocks}

    @model_validator(mode="before")
    @classmethod
    def _output_only_blocks_are_attributes(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Convert blocks that are only computed: to Terraform they are lists of objects."""
        blocks = dict(data.get("blocks", {}))
        attributes = dict(data.get("attributes", {}))
        for name, block in list(blocks.items()):
            if isinstance(block, dict) and block.get("computed_attribute"):
                del blocks[name]
                attributes[name] = {
                    "type": block["nesting"],
                    "element": block["attributes"],
                    "mode": "computed",
                    "deprecated": block.get("deprecated", False),
                }
        return {**data, "attributes": attributes, "blocks": blocks}


class NestedBlock(Block):
    """A block inside another."""

    nesting: Literal["list", "set", "single"]
    min_items: int = 0
    max_items: int | None = None
    force_new: bool = False
    deprecated: bool = False


class Root(Block):
    """A resource, a data source, or the provider's own configuration."""

    deprecated: bool = False

    @model_validator(mode="before")
    @classmethod
    def _timeouts_are_a_block(cls, data: dict[str, Any]) -> dict[str, Any]:
        operations = data.get("timeouts")
        attributes = {key: value for key, value in data.items() if key != "timeouts"}
        if not operations:
            return attributes
        optional = {"type": "string", "mode": "optional"}
        timeouts = {
            "nesting": "single",
            "attributes": {operation.lower(): optional for operation in operations},
        }
        return {**attributes, "blocks": {**data.get("blocks", {}), "timeouts": timeouts}}


class ProviderSchema(_Model):
    """The schemas of the provider, its resources and its data sources."""

    provider: str
    version: str
    commit: str
    about: str
    provider_config: Root
    resources: dict[str, Root]
    data_sources: dict[str, Root]


def load_schema() -> ProviderSchema:
    """Load the schema of the provider version that this cloud implements."""
    text = files(__package__).joinpath("alicloud-schema.json").read_bytes()
    return ProviderSchema.model_validate(orjson.loads(text))


_NESTING = {
    "list": pb.Schema.NestedBlock.NestingMode.LIST,
    "set": pb.Schema.NestedBlock.NestingMode.SET,
    "single": pb.Schema.NestedBlock.NestingMode.SINGLE,
}


def _attribute_message(name: str, attribute: SchemaAttribute) -> pb.Schema.Attribute:
    return pb.Schema.Attribute(
        name=name,
        type=orjson.dumps(attribute.cty),
        required=attribute.mode == "required",
        optional=attribute.mode.startswith("optional"),
        computed=attribute.computed,
        sensitive=attribute.sensitive,
        deprecated=attribute.deprecated,
    )


def _block_message(block: Block, *, deprecated: bool) -> pb.Schema.Block:
    return pb.Schema.Block(
        attributes=[_attribute_message(name, a) for name, a in block.attributes.items()],
        block_types=[
            pb.Schema.NestedBlock(
                type_name=name,
                block=_block_message(nested, deprecated=nested.deprecated),
                nesting=_NESTING[nested.nesting],
                min_items=nested.min_items,
                max_items=nested.max_items or 0,
            )
            for name, nested in block.blocks.items()
        ],
        deprecated=deprecated,
    )


def schema_message(root: Root) -> pb.Schema:
    """Return a schema as a message of the plugin protocol."""
    return pb.Schema(version=0, block=_block_message(root, deprecated=root.deprecated))
