"""The types that Alibaba Cloud's own generator of ROS templates accepts: ``ros_types.json``.

Each property has a ``type``: a name, the properties of a map, or a list of one of these; and its
constraints: ``required``, ``length``, ``range``, ``values``, ``pattern``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

TYPES: Final[Mapping[str, Mapping[str, Any]]] = json.loads(
    Path(__file__).with_suffix(".json").read_text()
)["types"]

_PLAIN: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "map": Mapping,
    "any": object,
}


def faults(kind: str, properties: Mapping[str, Any]) -> list[str]:
    """Yield the faults of a resource of a type."""
    return list(_of_map(kind, properties, TYPES[kind]))


def _of_map(
    path: str, given: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    yield from (f"{path}.{name}: unknown" for name in sorted(set(given) - set(known)))
    for name, rules in known.items():
        if name in given:
            yield from _of_value(f"{path}.{name}", given[name], rules)
        elif rules.get("required"):
            yield f"{path}.{name}: missing"


def _of_value(path: str, value: Any, rules: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(value, Mapping) and set(value) == {"Ref"}:
        return  # known when the stack is created
    wrong = list(_of_type(path, value, rules["type"]))
    yield from wrong
    if wrong:
        return
    if "length" in rules and not _within(len(value), rules["length"]):
        yield f"{path}: {len(value)} long, not {rules['length']}"
    if "range" in rules and not _within(value, rules["range"]):
        yield f"{path}: {value}, not {rules['range']}"
    if "values" in rules and value not in rules["values"]:
        yield f"{path}: {value!r} is none of {rules['values']}"
    if "pattern" in rules and not re.search(rules["pattern"], value):
        yield f"{path}: {value!r} does not match {rules['pattern']}"


def _of_type(path: str, value: Any, kind: Any) -> Iterator[str]:
    if isinstance(kind, list) and isinstance(value, list):
        for number, item in enumerate(value):
            yield from _of_value(f"{path}[{number}]", item, {"type": kind[0]})
    elif isinstance(kind, Mapping) and isinstance(value, Mapping):
        yield from _of_map(path, value, kind)
    elif not isinstance(kind, str) or not isinstance(value, _PLAIN[kind]):
        yield f"{path}: {type(value).__name__}, not {kind}"


def _within(number: float, bounds: list[float | None]) -> bool:
    low, high = bounds
    return (low is None or number >= low) and (high is None or number <= high)
