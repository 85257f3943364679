"""Configurations that Terraform and the provider refuse before anything is planned."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from localcloud.terraform.diagnostics import Diagnostic
from localcloud.terraform.schema import load_schema
from localcloud.terraform.shapes import conform
from localcloud.terraform.validation import validate
from localcloud.terraform.values import UNKNOWN, Object, Value
from tests.localcloud.terraform.terraform import Terraform

SCHEMA = load_schema()


def problems(type_name: str, **arguments: Value) -> list[Diagnostic]:
    block = SCHEMA.resources[type_name]
    return validate(block, conform(block, arguments))


@pytest.mark.parametrize(
    ("type_name", "arguments", "path", "message"),
    [
        ("alicloud_fnf_flow", {"type": "YAML"}, ("type",), '"DEFAULT", "FDL", got "YAML"'),
        ("alicloud_fc_function", {"memory_size": 64}, ("memory_size",), "range 128 to 32768"),
        (
            "alicloud_fc_function",
            {"memory_size": 128.5},
            ("memory_size",),
            "number with 64 bits, got",
        ),
        ("alicloud_fc_function", {"timeout": str(2**70)}, ("timeout",), "number with 64 bits, got"),
        ("alicloud_fc_service", {"name": ""}, ("name",), "a length in the range 1 to 128, got 0"),
        ("alicloud_ram_role", {"assume_role_policy_document": "{"}, None, "invalid JSON"),
        (
            "alicloud_fc_function",
            {"filename": "a.zip", "oss_bucket": "b"},
            ("filename",),
            '"filename" conflicts with "oss_bucket"',
        ),
        ("alicloud_log_project", {}, (), 'One of "project_name", "name"'),
        (
            "alicloud_log_project",
            {"project_name": "a", "name": "a"},
            (),
            'only one of "project_name", "name"',
        ),
        ("alicloud_log_project", {"project_name": "a.b"}, ("project_name",), "does not match"),
        (
            "alicloud_oss_bucket_object",
            {"object_worm_mode": "COMPLIANCE"},
            ("object_worm_mode",),
            'requires "object_worm_retain_until_date"',
        ),
        (
            "alicloud_oss_bucket",
            {"lifecycle_rule": [{"filter": [{"object_size_less_than": 0}]}]},
            ("lifecycle_rule", 0, "filter", 0, "object_size_less_than"),
            "at least 1, got 0",
        ),
        (
            "alicloud_log_store_index",
            {"field_search": [{"name": "f", "type": "date"}]},
            ("field_search", "type"),
            'got "date"',
        ),
    ],
)
def test_a_bad_argument_is_named(
    type_name: str, arguments: dict[str, Value], path: tuple[str | int, ...] | None, message: str
) -> None:
    found = problems(type_name, **arguments)
    assert any(
        message in diagnostic.detail and path in (None, diagnostic.path) for diagnostic in found
    ), found


def test_unknown_values_are_not_validated() -> None:
    names = SCHEMA.resources["alicloud_fc_function"].attributes
    assert problems("alicloud_fc_function", **dict.fromkeys(names, UNKNOWN)) == []
    assert problems("alicloud_log_project", project_name=UNKNOWN) == []
    assert problems("alicloud_ram_policy", policy_document="{}", statement=UNKNOWN) == []


FLOW = {"name": "f", "description": "d", "definition": "x", "type": "FDL"}
FUNCTION = {"service": "s", "handler": "h", "runtime": "r"}


def test_terraform_reports_bad_arguments_by_name(terraform: Callable[..., Terraform]) -> None:
    tf = terraform()
    tf.write(
        alicloud_fnf_flow={
            "good": FLOW,
            "misspelt": {**FLOW, "definiton": "x"},
            "incomplete": {"name": "f", "definition": "x", "type": "FDL"},
            "enum": {**FLOW, "type": "YAML"},
        },
        alicloud_fc_function={
            "range": {**FUNCTION, "memory_size": 1},
            "conflict": {**FUNCTION, "filename": "code.zip", "oss_bucket": "bucket"},
        },
        alicloud_ram_policy={"json": {"policy_name": "p", "policy_document": "{"}},
        alicloud_log_project={"neither": {"description": "nameless"}},
    )
    errors = [d for d in tf.diagnostics() if d["severity"] == "error"]
    details = {d["detail"] for d in errors}
    assert 'No argument or block type is named "definiton".' in details
    assert 'The argument "description" is required, but no definition was found.' in details
    by_address = {d["address"]: d["detail"] for d in errors if "address" in d}
    assert by_address.keys() == {
        "alicloud_fnf_flow.enum",
        "alicloud_fc_function.range",
        "alicloud_fc_function.conflict",
        "alicloud_ram_policy.json",
        "alicloud_log_project.neither",
    }
    assert 'got "YAML"' in by_address["alicloud_fnf_flow.enum"]


def test_a_provider_argument_is_checked_too(terraform: Callable[..., Terraform]) -> None:
    tf = terraform()
    tf.write_document(
        {
            "provider": {"alicloud": {"protocol": "FTP"}},
            "resource": {"alicloud_fnf_flow": {"good": FLOW}},
        }
    )
    (found,) = tf.diagnostics()
    assert 'got "FTP"' in found["detail"]


def test_schema_defaults_pass_their_own_checks() -> None:
    for name, block in SCHEMA.resources.items():
        defaults: Object = {
            key: attribute.default
            for key, attribute in block.attributes.items()
            if attribute.default is not None
        }
        found = validate(block, conform(block, defaults))
        invalid = [d for d in found if d.summary.startswith("Invalid value")]
        assert not invalid, json.dumps({name: [d.detail for d in invalid]})
