"""JSON documents: serialization, parsing and size."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

import orjson
from pydantic import ValidationError

from fdl.tree import Json
from fdl.values import type_name

Document: TypeAlias = "dict[str, Json]"
EMPTY: Final[Document] = {}


def compact(value: Json) -> bytes:
    """Serialize JSON like the service: compact, with keys in order (as in transcripts)."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def parse_object(text: str | bytes) -> Document:
    """Parse a JSON object.

    Raises:
        ValueError: it is not JSON, or not an object.
    """
    value = orjson.loads(text)
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, found {type_name(value)}")  # noqa: TRY004 - malformed text, like text that is not JSON
    return value


def describe(error: ValidationError) -> str:
    """Describe the problem with each field, in one line."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
    )


def measure(how: Literal["compact", "escaped"]) -> Callable[[Json], int]:
    """Return the function that measures a document in bytes of JSON text."""
    return _escaped_size if how == "escaped" else _compact_size


def _compact_size(value: Json) -> int:
    return len(orjson.dumps(value))


def _escaped_size(value: Json) -> int:
    return len(json.dumps(value, separators=(",", ":")))
