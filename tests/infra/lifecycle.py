"""A stack's whole life by the provider's calls, without Terraform."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

from infra.plan_checks.terraform_plan import PlannedResource, planned_resources
from localcloud.ram.credentials import Principal
from localcloud.terraform.connection import Connection
from localcloud.terraform.resources import RESOURCES
from localcloud.terraform.schema import load_schema
from localcloud.terraform.session import Session
from tests.localcloud.terraform.conftest import RunningCloud

Json = dict[str, Any]

_REFERENCE = re.compile(r"\$\{(\w+\.\w+)\.(\w+)\}")
_SCHEMA = load_schema()
_TO_TEXT = {
    "description": "Changed",
    "retention_period": 7,
    "display_name": "Changed",
    "describe": "Changed",
    "tags": {"application": "oss-restore"},
}


async def live(cloud: RunningCloud, caller: Principal, stack: str) -> None:
    """Create, read, change, read again and remove every resource of a stack.

    Everything that can be changed in place is changed: descriptions, documents, times; one tag gets
    another value and one is removed.

    Args:
        cloud: the cloud to deploy to.
        caller: the principal that deploys.
        stack: the synthesized stack's JSON.

    Raises:
        AccessDeniedError: the caller lacks a permission.
    """
    session = Session(caller, cloud, Connection("", None))
    resources = {found.address: found for found in planned_resources(stack)}
    order = list(TopologicalSorter(_needs(resources)).static_order())
    ids: dict[str, str] = {}
    bodies: dict[str, Json] = {}
    known: dict[str, Mapping[str, Any]] = {}

    async def look(address: str) -> None:
        handler = RESOURCES[resources[address].type]
        found = await handler.read(session, ids[address], bodies[address])
        assert found is not None, address
        known[address] = found

    for address in order:
        handler = RESOURCES[resources[address].type]
        bodies[address] = _body(resources[address], known)
        wanted = handler.arguments.model_validate(bodies[address])
        ids[address] = await handler.create(session, wanted)
        await look(address)
    for address in order:
        handler = RESOURCES[resources[address].type]
        changed = _changed(bodies[address])
        before, wanted = (handler.arguments.model_validate(b) for b in (bodies[address], changed))
        await handler.update(session, ids[address], before, wanted)
        bodies[address] = changed
        await look(address)
    for address in reversed(order):
        handler = RESOURCES[resources[address].type]
        before = handler.arguments.model_validate(bodies[address])
        await handler.delete(session, ids[address], before)


def _needs(resources: Mapping[str, PlannedResource]) -> dict[str, set[str]]:
    """Return the resources that each resource depends on."""
    return {
        address: {reference[1] for reference in _REFERENCE.finditer(json.dumps(dict(r.arguments)))}
        | {str(other) for other in _listed(r.arguments.get("depends_on", []))}
        for address, r in resources.items()
    }


def _body(resource: PlannedResource, known: Mapping[str, Mapping[str, Any]]) -> Json:
    """Return the arguments as the provider gets them: references resolved, every block a list."""
    text = _REFERENCE.sub(
        lambda found: str(known[found[1]][found[2]]), json.dumps(dict(resource.arguments))
    )
    blocks = _SCHEMA.resources[resource.type].blocks
    return {
        name: _listed(value) if name in blocks else value
        for name, value in json.loads(text).items()
    }


def _changed(body: Json) -> Json:
    changed = {**body, **{name: new for name, new in _TO_TEXT.items() if name in body}}
    if "tags" in body:
        assert set(body["tags"]) > set(changed["tags"])
    if "policy_document" in body:
        changed["policy_document"] = body["policy_document"].replace("Allow", "Deny", 1)
    return changed


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
