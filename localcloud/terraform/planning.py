"""Plans the state after an apply from prior state and configuration.

Follows the provider's SDK (terraform-plugin-sdk v1): computed values are kept on update unless the
resource declares them volatile.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from localcloud.terraform.diagnostics import Path
from localcloud.terraform.schema import Block, NestedBlock, SchemaAttribute
from localcloud.terraform.shapes import conform
from localcloud.terraform.values import UNKNOWN, Object, Unknown, Value, is_object, objects, same


@dataclass(frozen=True, slots=True)
class ResourcePlan:
    """The effect of an apply.

    Attributes:
        planned: the planned state, with unknown values; the prior state if nothing changes.
        replace: the changed values that require a new resource.
    """

    planned: Object
    replace: tuple[Path, ...] = ()


def plan_create(block: Block, proposed: Object) -> ResourcePlan:
    """Plan a new resource.

    Args:
        block: the resource's schema.
        proposed: Terraform's merge of the configuration with an empty state.
    """
    return ResourcePlan(_fill(block, proposed, None))


def plan_update(
    block: Block, prior: Object, proposed: Object, config: Object, volatile: Collection[str]
) -> ResourcePlan:
    """Plan changes to an existing resource.

    Args:
        block: the resource's schema.
        prior: the prior state.
        proposed: Terraform's merge of the configuration with the prior state.
        config: the configuration alone.
        volatile: computed attributes that change on every update.
    """
    planned = _fill(block, proposed, prior)
    if all(same(field, prior.get(name), planned[name]) for name, field in block.fields.items()):
        return ResourcePlan(prior)
    for name in volatile:
        if config.get(name) is None:
            planned[name] = UNKNOWN
    return ResourcePlan(planned, tuple(_forced(block, prior, planned, ())))


def _fill(block: Block, proposed: Object, prior: Object | None) -> Object:
    filled = {
        name: _fill_attribute(attribute, proposed.get(name), prior, name)
        for name, attribute in block.attributes.items()
    }
    for name, nested in block.blocks.items():
        before = None if prior is None else prior.get(name)
        filled[name] = _fill_blocks(nested, proposed.get(name), before)
    return filled


def _fill_attribute(
    attribute: SchemaAttribute, value: Value, prior: Object | None, name: str
) -> Value:
    if value is None:
        if attribute.default is not None:
            return attribute.default
        return UNKNOWN if attribute.computed and prior is None else None
    if attribute.is_json and prior is not None and same(attribute, value, prior.get(name)):
        return prior[name]
    return value


def _fill_blocks(nested: NestedBlock, value: Value, prior: Value) -> Value:
    if value is None or isinstance(value, Unknown):
        return value
    if is_object(value):
        return _fill(nested, value, prior if is_object(prior) else None)
    before: list[Object | None] = list(objects(prior)) if nested.nesting == "list" else []
    elements = objects(value)
    before += [None] * (len(elements) - len(before))
    return [_fill(nested, element, old) for element, old in zip(elements, before, strict=False)]


def _forced(block: Block, prior: Object, planned: Object, path: Path) -> list[Path]:
    forced: list[Path] = []
    for name, field in block.fields.items():
        before, after = prior.get(name), planned[name]
        if same(field, before, after):
            continue
        if field.force_new:
            forced.append((*path, name))
        elif isinstance(field, NestedBlock) and field.nesting == "list":
            pairs = zip(objects(before), objects(after), strict=False)
            for index, (old, new) in enumerate(pairs):
                forced += _forced(field, old, new, (*path, name, index))
    return forced


def observe(block: Block, known: Object, observed: Object) -> Object:
    """Return the state after a refresh: what the cloud reports replaces the known state.

    An empty argument equals a missing one: the SDK does not distinguish them, so this must not
    appear as a change.
    """
    state = dict(known)
    for name, field in block.fields.items():
        if name not in observed:
            continue
        seen = observed[name]
        is_output = isinstance(field, SchemaAttribute) and field.mode == "computed"
        if is_output or not same(field, _without_empty(known.get(name)), _without_empty(seen)):
            state[name] = seen
    return conform(block, state)


def _without_empty(value: Value) -> Value:
    """Return the value with null for empty parts, recursively."""
    if is_object(value):
        value = {
            name: kept for name, part in value.items() if (kept := _without_empty(part)) is not None
        }
    elif isinstance(value, list):
        value = [_without_empty(element) for element in value]
    return None if value in ("", 0, False, [], {}) else value
