"""What a plan keeps, fills in, leaves unknown and replaces."""

from __future__ import annotations

from localcloud.terraform.planning import observe, plan_create, plan_update
from localcloud.terraform.schema import Block, NestedBlock
from localcloud.terraform.values import UNKNOWN, Object, Value

BLOCK = Block.model_validate(
    {
        "attributes": {
            "id": {"type": "string", "mode": "optional+computed"},
            "name": {"type": "string", "mode": "required", "force_new": True},
            "size": {"type": "int", "mode": "optional", "default": 128},
            "text": {"type": "string", "mode": "optional"},
            "document": {"type": "string", "mode": "optional", "json": True},
            "modified": {"type": "string", "mode": "computed"},
            "count": {"type": "int", "mode": "computed"},
        },
        "blocks": {
            "log": {
                "nesting": "list",
                "attributes": {
                    "project": {"type": "string", "mode": "required"},
                    "key": {"type": "string", "mode": "optional", "force_new": True},
                    "arn": {"type": "string", "mode": "optional+computed"},
                },
            },
            "field": {
                "nesting": "set",
                "attributes": {
                    "name": {"type": "string", "mode": "required"},
                    "type": {"type": "string", "mode": "optional", "default": "long"},
                    "alias": {"type": "string", "mode": "optional"},
                },
            },
        },
    }
)
VOLATILE = frozenset({"modified"})


def config(**arguments: Value) -> Object:
    """Build a configuration in which omitted values are null."""
    base: Object = dict.fromkeys(BLOCK.attributes)
    return {**base, "name": "n", "log": [], "field": [], **arguments}


def state(**arguments: Value) -> Object:
    """Build the state after an apply of the bare configuration."""
    return config(**{"id": "n", "size": 128, "modified": "then", "count": 0, **arguments})


def test_a_new_resource_gets_defaults_and_unknown_computed_values() -> None:
    planned = plan_create(BLOCK, config()).planned
    assert planned["size"] == 128
    assert planned["text"] is None
    assert planned["id"] is UNKNOWN
    assert planned["modified"] is UNKNOWN


def test_nested_blocks_are_filled_too() -> None:
    log: Object = {"project": "p", "key": None, "arn": None}
    field: Object = {"name": "f", "type": None, "alias": None}
    planned = plan_create(BLOCK, config(log=[log], field=[field])).planned
    assert planned["log"] == [{**log, "arn": UNKNOWN}]
    assert planned["field"] == [{**field, "type": "long"}]


def test_nothing_changes_where_the_configuration_is_the_same() -> None:
    prior = state(field=[{"name": "f", "type": "long", "alias": None}])
    proposed: Object = {
        **prior,
        "size": None,
        "field": [{"name": "f", "type": None, "alias": None}],
    }
    plan = plan_update(BLOCK, prior, proposed, config(), VOLATILE)
    assert plan.planned == prior
    assert not plan.replace


def test_an_update_keeps_computed_values_except_the_volatile_ones() -> None:
    prior = state()
    plan = plan_update(BLOCK, prior, {**prior, "text": "new"}, config(text="new"), VOLATILE)
    assert plan.planned == {**prior, "text": "new", "modified": UNKNOWN}
    assert not plan.replace


def test_a_configured_volatile_argument_is_kept() -> None:
    prior = state()
    given = config(text="new", document="{}")
    proposed: Object = {**prior, "text": "new", "document": "{}"}
    plan = plan_update(BLOCK, prior, proposed, given, {"document"})
    assert plan.planned["document"] == "{}"


def test_removing_an_argument_restores_its_default() -> None:
    prior = state(size=256)
    plan = plan_update(BLOCK, prior, {**prior, "size": None}, config(), VOLATILE)
    assert plan.planned["size"] == 128


def test_changed_arguments_that_force_a_new_resource_are_named() -> None:
    prior = state(log=[{"project": "p", "key": "old", "arn": "a"}])
    proposed: Object = {
        **prior,
        "name": "other",
        "log": [{"project": "p", "key": "new", "arn": "a"}],
    }
    plan = plan_update(BLOCK, prior, proposed, proposed, VOLATILE)
    assert plan.replace == (("name",), ("log", 0, "key"))


def test_a_name_that_is_not_known_yet_forces_a_new_resource() -> None:
    prior = state()
    plan = plan_update(BLOCK, prior, {**prior, "name": UNKNOWN}, config(name=UNKNOWN), VOLATILE)
    assert plan.replace == (("name",),)


def test_a_block_that_forces_a_new_resource_is_named_as_a_whole() -> None:
    key = {"attributes": {"id": {"type": "string", "mode": "required"}}}
    nested = NestedBlock.model_validate({"nesting": "list", "force_new": True, **key})
    block = Block(blocks={"key": nested})
    after: Object = {"key": [{"id": "k"}]}
    assert plan_update(block, {"key": []}, after, after, ()).replace == (("key",),)


def test_equivalent_json_is_kept_as_it_was() -> None:
    prior = state(document='{"a":1}')
    proposed: Object = {**prior, "document": '{ "a": 1 }'}
    assert plan_update(BLOCK, prior, proposed, proposed, VOLATILE).planned == prior


def test_a_new_element_of_a_list_has_unknown_computed_values() -> None:
    prior = state(log=[{"project": "p", "key": None, "arn": "a"}])
    added: Object = {"project": "q", "key": None, "arn": None}
    proposed: Object = {**prior, "log": [{"project": "p", "key": None, "arn": "a"}, added]}
    plan = plan_update(BLOCK, prior, proposed, proposed, VOLATILE)
    assert plan.planned["log"] == [
        {"project": "p", "key": None, "arn": "a"},
        {"project": "q", "key": None, "arn": UNKNOWN},
    ]


def test_a_refresh_shows_drift() -> None:
    known = state(text="mine", log=[{"project": "p", "key": None, "arn": "a"}])
    seen: Object = {"text": "theirs", "count": 3, "log": []}
    assert observe(BLOCK, known, seen) == {**known, **seen}


def test_an_empty_value_is_no_drift_from_null() -> None:
    known = state(field=[{"name": "f", "type": "long", "alias": None}], text=None)
    seen: Object = {"text": "", "field": [{"name": "f", "type": "long", "alias": ""}]}
    assert observe(BLOCK, known, seen) == known


def test_a_computed_zero_is_reported() -> None:
    assert observe(BLOCK, state(count=None), {"count": 0})["count"] == 0


def test_an_argument_emptied_outside_terraform_is_drift() -> None:
    assert observe(BLOCK, state(text="mine"), {"text": ""})["text"] == ""
