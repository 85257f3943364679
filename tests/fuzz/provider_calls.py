"""Hostile calls of the Terraform provider: values that match its schema, some of them spoiled."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import msgpack
from tfplugin_proto import tfplugin5_5_pb2 as pb

from localcloud.terraform.resources import DATA_SOURCES, RESOURCES
from localcloud.terraform.schema import Block, SchemaAttribute, load_schema
from localcloud.terraform.values import UNKNOWN, Unknown
from tests.fuzz.hostile import NUMBERS, Json, spoiled, spoiled_bytes, text, value
from tests.localcloud.fc.support import ECHO, zipped

_SCHEMA: Final = load_schema()
_DEEP: Final = (b"\x91" * 5_000 + b"\xc0", b"\x81\xa1a" * 5_000 + b"\xc0", b"\xdd\xff\xff\xff\xff")
_FLOW: Final = "version: v1\ntype: flow\nsteps:\n  - {type: pass, name: a}\n"
_POLICY: Final = json.dumps(
    {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "oss:*", "Resource": "*"}]}
)
# Texts that pass more checks of an argument of that name than random ones.
_TEXTS: Final[Mapping[str, str]] = {
    "definition": _FLOW,
    "document": _POLICY,
    "policy_document": _POLICY,
    "zip_file": base64.b64encode(zipped(ECHO)).decode(),
    "runtime": "python3.10",
    "type": "FDL",
    "policy_type": "Custom",
    "metric_dimensions": '[{"functionName": "one"}]',
}
_NAMES: Final = ("one", "two")


@dataclass(frozen=True)
class ProviderCall:
    """A call: the method's name and its message, which may be malformed."""

    method: str
    message: bytes


def provider_call(random: Random) -> ProviderCall:
    """Return a call of any method with any message."""
    method = random.choice(_OFTEN if random.random() < 0.6 else list(_METHODS))
    content = _METHODS[method](random).SerializeToString()
    return ProviderCall(method, _rarely_spoiled(random, content))


def _rarely_spoiled(random: Random, content: bytes) -> bytes:
    return spoiled_bytes(random, content) if random.random() < 0.1 else content


def fitting(random: Random, block: Block) -> dict[str, Json]:
    """Return a value that matches the schema."""
    found: dict[str, Json] = {}
    for name, attribute in block.attributes.items():
        left_out = attribute.mode != "required" and random.random() < 0.6
        found[name] = None if left_out else _fitting_attribute(random, name, attribute)
    for name, nested in block.blocks.items():
        if nested.nesting == "single":
            found[name] = None
        else:
            count = max(nested.min_items, random.choice((0, 0, 1)))
            found[name] = [fitting(random, nested) for _ in range(count)]
    return found


def _fitting_attribute(random: Random, name: str, attribute: SchemaAttribute) -> Json:
    element = attribute.element
    if attribute.type == "map":
        return {"a": "b"}
    if attribute.type in ("list", "set"):
        return [fitting(random, Block(attributes=element)) if isinstance(element, dict) else "one"]
    if attribute.enum and random.random() < 0.9:
        return random.choice(attribute.enum)
    if attribute.type == "bool":
        return random.random() < 0.5
    if attribute.type in ("int", "float"):
        return random.choice((1, 60, 128, 300, 512, 3_600))
    return _TEXTS.get(name) or random.choice(_NAMES)


def _packed(random: Random, document: Json) -> pb.DynamicValue:
    document = _hostile(random, document) if random.random() < 0.5 else document
    document = spoiled(random, document) if random.random() < 0.2 else document
    if isinstance(document, dict) and document and random.random() < 0.1:
        document[random.choice(list(document))] = UNKNOWN
    if random.random() < 0.05:
        content = json.dumps(document, default=str).encode()
        return pb.DynamicValue(json=_rarely_spoiled(random, content))
    content = msgpack.packb(document, default=_pack)
    if random.random() < 0.01:
        content = random.choice(_DEEP)
    return pb.DynamicValue(msgpack=_rarely_spoiled(random, content))


def _hostile(random: Random, document: Json) -> Json:
    """Make some texts and numbers of a document hostile, without changing their types."""
    if isinstance(document, dict):
        return {name: _hostile(random, part) for name, part in document.items()}
    if isinstance(document, list):
        return [_hostile(random, part) for part in document]
    if random.random() < 0.7 or document is None or isinstance(document, bool):
        return document
    return text(random) if isinstance(document, str) else random.choice(NUMBERS)


def _pack(item: Any) -> object:
    if isinstance(item, Unknown):
        return msgpack.ExtType(item.code, item.data)
    return str(item)  # a number too large for msgpack


def _any_of(random: Random, supported: Mapping[str, object], known: Mapping[str, Block]) -> str:
    if random.random() < 0.03:
        return text(random).encode(errors="replace").decode()
    return random.choice(list(supported) if random.random() < 0.95 else list(known))


def _resource(random: Random) -> tuple[str, Block]:
    name = _any_of(random, RESOURCES, _SCHEMA.resources)
    return name, _SCHEMA.resources.get(name, Block())


def _data_source(random: Random) -> tuple[str, Block]:
    name = _any_of(random, DATA_SOURCES, _SCHEMA.data_sources)
    return name, _SCHEMA.data_sources.get(name, Block())


def _state(random: Random, block: Block) -> dict[str, Json]:
    ids = ("one", "one:one", "role:one:Custom:one")
    return {**fitting(random, block), "id": random.choice(ids)}


def _validate_resource(random: Random) -> Any:
    name, block = _resource(random)
    config = _packed(random, fitting(random, block))
    return pb.ValidateResourceTypeConfig.Request(type_name=name, config=config)


def _validate_data_source(random: Random) -> Any:
    name, block = _data_source(random)
    config = _packed(random, fitting(random, block))
    return pb.ValidateDataSourceConfig.Request(type_name=name, config=config)


def _configuration(random: Random) -> pb.DynamicValue:
    if random.random() < 0.8:  # most leave the connection configured
        return pb.DynamicValue(msgpack=msgpack.packb({}))
    return _packed(random, fitting(random, _SCHEMA.provider_config))


def _upgrade(random: Random) -> Any:
    name, block = _resource(random)
    state = _state(random, block)
    content = json.dumps(spoiled(random, state) if random.random() < 0.5 else state).encode()
    raw = pb.RawState(json=_rarely_spoiled(random, content))
    return pb.UpgradeResourceState.Request(type_name=name, version=0, raw_state=raw)


def _read(random: Random) -> Any:
    name, block = _resource(random)
    state = _packed(random, _state(random, block))
    return pb.ReadResource.Request(type_name=name, current_state=state)


def _before_and_after(random: Random, block: Block) -> tuple[pb.DynamicValue, pb.DynamicValue]:
    """Return the states before and after a creation, an update or a deletion."""
    nothing = pb.DynamicValue(msgpack=b"\xc0")
    before = nothing if random.random() < 0.6 else _packed(random, _state(random, block))
    after = nothing if random.random() < 0.2 else _packed(random, fitting(random, block))
    return before, after


def _plan(random: Random) -> Any:
    name, block = _resource(random)
    before, after = _before_and_after(random, block)
    return pb.PlanResourceChange.Request(
        type_name=name, prior_state=before, proposed_new_state=after, config=after
    )


def _apply(random: Random) -> Any:
    name, block = _resource(random)
    before, after = _before_and_after(random, block)
    return pb.ApplyResourceChange.Request(
        type_name=name, prior_state=before, planned_state=after, config=after
    )


def _import(random: Random) -> Any:
    name, _ = _resource(random)
    id_ = random.choice(("one", "one:one", "role:one:Custom:one", str(value(random))))
    return pb.ImportResourceState.Request(type_name=name, id=id_)


def _read_data_source(random: Random) -> Any:
    name, block = _data_source(random)
    config = _packed(random, fitting(random, block))
    return pb.ReadDataSource.Request(type_name=name, config=config)


_METHODS: Final[Mapping[str, Callable[[Random], Any]]] = {
    "GetSchema": lambda _: pb.GetProviderSchema.Request(),
    "PrepareProviderConfig": lambda r: pb.PrepareProviderConfig.Request(config=_configuration(r)),
    "ValidateResourceTypeConfig": _validate_resource,
    "ValidateDataSourceConfig": _validate_data_source,
    "UpgradeResourceState": _upgrade,
    "Configure": lambda r: pb.Configure.Request(
        terraform_version="1.11.4", config=_configuration(r)
    ),
    "ReadResource": _read,
    "PlanResourceChange": _plan,
    "ApplyResourceChange": _apply,
    "ImportResourceState": _import,
    "ReadDataSource": _read_data_source,
    "Stop": lambda _: pb.Stop.Request(),
}
# The types with the most arguments.
_OFTEN: Final = ("ApplyResourceChange", "ReadResource", "PlanResourceChange")
