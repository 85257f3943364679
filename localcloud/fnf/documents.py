"""JSON documents: serialization and parsing."""

from __future__ import annotations

from typing import Final, TypeAlias

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
