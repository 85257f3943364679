"""Writes the JSON Schema of environment files, for editors (``make schema``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from infra.model.config_model import sections_in
from infra.model.environment import Environment

SCHEMA_FILE: Final = Path(__file__).parents[2] / "environments" / "schema.json"

_ATTRIBUTES: Final = re.compile(r"\n\s*Attributes:\n(.*)", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r"^ {8}(\w+): (.*(?:\n {9,}.*)*)", re.MULTILINE)
_ITEMS: Final = re.compile(r'"items": {"\$ref": "#/\$defs/(\w+)"}')


def schema_text() -> str:
    """Return the schema as the file's text.

    Only fields of list items are required: any other field may be set in the defaults.
    """
    schema = Environment.model_json_schema()
    definitions = {**schema["$defs"], Environment.__name__: schema}
    items = set(_ITEMS.findall(json.dumps(schema)))
    for model in set(_sections(Environment)):
        definition = definitions[model.__name__]
        _describe(definition, model)
        if model.__name__ not in items:
            definition.pop("required", None)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "An environment of oss-restore, or the defaults for all",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _sections(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        for inner in sections_in(field.annotation):
            yield from _sections(inner)


def _describe(definition: dict[str, Any], model: type[BaseModel]) -> None:
    """Add the descriptions from the docstrings to the schema."""
    definition["description"] = " ".join(_ATTRIBUTES.sub("", _text(model)).split())
    for section in model.__mro__:
        attributes = _ATTRIBUTES.search(_text(section)) if issubclass(section, BaseModel) else None
        for name, meaning in _ATTRIBUTE.findall(attributes[1] if attributes else ""):
            if name in definition["properties"]:
                definition["properties"][name]["description"] = " ".join(meaning.split())


def _text(section: type) -> str:
    return (section.__doc__ or "").replace("``", "`")


def main() -> None:
    """Write the file."""
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
