"""The JSON Schema that editors check environment files with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.model.schema import SCHEMA_FILE, schema_text

SCHEMA: dict[str, Any] = json.loads(SCHEMA_FILE.read_text())


def test_the_schema_is_that_of_the_model() -> None:
    """Where this fails, run ``make schema``."""
    assert SCHEMA_FILE.read_text() == schema_text()


def test_every_field_has_a_description() -> None:
    fields = SCHEMA["properties"]
    assert [name for name, field in fields.items() if "description" not in field] == []
    assert SCHEMA["$defs"]["ReportConfig"]["properties"]["bucket"]["description"] == (
        "the bucket's name; made from stack name, account, region and suffix when left out."
    )
    inherited = SCHEMA["$defs"]["BucketConfig"]["properties"]["name"]
    assert inherited["description"] == "the bucket's name."


def test_a_misspelt_field_is_refused() -> None:
    assert not any(s["additionalProperties"] for s in [SCHEMA, *SCHEMA["$defs"].values()])


def test_only_a_lists_items_must_be_complete() -> None:
    """All other fields may be in the defaults."""
    required = {name: s["required"] for name, s in SCHEMA["$defs"].items() if "required" in s}
    assert required == {
        "BucketConfig": ["name"],
        "BucketPrefixes": ["name"],
        "DestinationConfig": ["name"],
        "NotificationTargetConfig": ["name"],
    }
    assert "required" not in SCHEMA


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [
        ("name", "prod-cn", "Prod"),
        ("account", "1234567890123456", "123456789012345"),
        ("stack_name", "Thaw-it", "thaw_it"),
    ],
)
def test_texts_are_checked_as_by_the_model(field: str, right: str, wrong: str) -> None:
    pattern = SCHEMA["properties"][field]["pattern"]
    assert re.search(pattern, right)
    assert not re.search(pattern, wrong)


def test_the_example_names_the_schema() -> None:
    for example in SCHEMA_FILE.parent.glob("*.yaml"):
        first, _, _ = example.read_text().partition("\n")
        named = first.removeprefix("# yaml-language-server: $schema=")
        assert (example.parent / Path(named)).resolve() == SCHEMA_FILE
