"""The schema file as it is sent to Terraform."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from localcloud.terraform.resources import DATA_SOURCES, RESOURCES
from localcloud.terraform.schema import ProviderSchema, Root, load_schema, schema_message


@pytest.fixture(scope="module")
def schema() -> ProviderSchema:
    return load_schema()


def test_every_handler_serves_a_resource_of_the_schema(schema: ProviderSchema) -> None:
    assert RESOURCES.keys() <= schema.resources.keys()
    assert DATA_SOURCES.keys() <= schema.data_sources.keys()


def test_every_argument_of_a_handler_is_one_of_its_resource(schema: ProviderSchema) -> None:
    for name, handler in RESOURCES.items():
        fields = schema.resources[name].fields
        assert handler.arguments.model_fields.keys() <= fields.keys(), name
        assert handler.volatile <= fields.keys(), name


def test_every_resource_has_an_id(schema: ProviderSchema) -> None:
    for root in (*schema.resources.values(), *schema.data_sources.values()):
        assert root.attributes["id"].computed


def test_a_block_that_is_only_read_becomes_a_list_of_objects(schema: ProviderSchema) -> None:
    shards = schema.resources["alicloud_log_store"].attributes["shards"]
    assert shards.computed
    members = {"begin_key": "string", "end_key": "string", "id": "number", "status": "string"}
    assert shards.cty == ["list", ["object", members]]


def test_timeouts_become_a_block_of_optional_texts(schema: ProviderSchema) -> None:
    timeouts = schema.resources["alicloud_fnf_flow"].blocks["timeouts"]
    assert timeouts.nesting == "single"
    assert timeouts.attributes.keys() == {"create", "update", "delete"}


def test_the_message_says_what_is_required_computed_and_repeatable(schema: ProviderSchema) -> None:
    block = schema_message(schema.resources["alicloud_log_store_index"]).block
    attributes = {attribute.name: attribute for attribute in block.attributes}
    assert attributes["project"].required
    assert not attributes["project"].computed
    assert attributes["id"].optional
    assert attributes["id"].computed
    assert json.loads(attributes["log_reduce_black_list"].type) == ["list", "string"]
    nested = {block.type_name: block for block in block.block_types}
    assert (nested["full_text"].min_items, nested["full_text"].max_items) == (0, 1)
    assert nested["field_search"].max_items == 0  # no bound


def test_an_unsupported_keyword_of_the_schema_file_is_refused() -> None:
    attribute = {"type": "string", "mode": "optional", "defualt": "x"}
    with pytest.raises(ValidationError, match="defualt"):
        Root.model_validate({"attributes": {"name": attribute}})
