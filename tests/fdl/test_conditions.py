"""Conditions hold, do not hold, or are refused, as documented or as gval's code says."""

from __future__ import annotations

import ast
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fdl.errors import EvaluationError, ExpressionSyntaxError
from fdl.expressions import Condition, parse_condition
from fdl.semantics import Semantics
from fdl.values import Json
from tests.fdl.values import EQUALITY, JSON

STRICT = Semantics()
LENIENT = Semantics(undocumented_operators="allow")


def holds(text: str, data: Json = None, semantics: Semantics = STRICT) -> bool:
    return parse_condition(text, semantics).holds({} if data is None else data, semantics)


@pytest.mark.parametrize(("left", "right", "expected"), EQUALITY)
def test_equality_of_two_keys_follows_the_table(left: Json, right: Json, expected: bool) -> None:
    data: Json = {"left": left, "right": right}
    assert holds("$.left == $.right", data) is expected
    assert holds("$.left != $.right", data) is not expected


@pytest.mark.parametrize(
    ("text", "data", "expected"),
    [
        ('$.empty == "false"', {"empty": "false"}, True),
        ("$.hasMore", {"hasMore": True}, True),
        ("$.hasMore", {"hasMore": "true"}, True),
        ("$.hasMore", {"hasMore": "yes"}, False),
        ("$.n", {"n": 0.5}, True),
        ("$.offset_bytes != -1", {"offset_bytes": 7}, True),
        ("$.offset_bytes != - 1", {"offset_bytes": -1}, False),
        ("$.detect.FaceCount == 0", {"detect": {"FaceCount": 0}}, True),
        ("$.total <= $.limit", {"total": 5, "limit": 5}, True),
        ("$.list[1] == `b`", {"list": ["a", "b"]}, True),
        ("$.a == `\\n`", {"a": "\\n"}, True),
        ('$.a == "\\u00e4\\"\\n"', {"a": 'ä"\n'}, True),
        ("$.a == 1.5e1", {"a": 15}, True),
        ("true", {}, True),
        ("false || true", {}, True),
        ('  ( $.a=="x" )\t', {"a": "x"}, True),
    ],
)
def test_documented_forms_are_understood(text: str, data: Json, expected: bool) -> None:
    assert holds(text, data) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (10, 9, False),
        ("10", "9", True),  # both strings: by their characters
        (10, "9", False),  # both convert to numbers
        ("9", 10, True),
        (True, "u", True),  # neither: their text
        (5, "abc", True),
        ([1], "[2]", True),
    ],
)
def test_order_is_of_numbers_then_texts(left: Json, right: Json, expected: bool) -> None:
    data: Json = {"left": left, "right": right}
    assert holds("$.left < $.right", data) is expected
    assert holds("$.left >= $.right", data) is not expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true || true && false", True),
        ("(true || true) && false", False),
        ("false && false || true", True),
        ("1 < 2 && 2 < 3", True),
        ("1 == 1 == true", True),
        ("3 > 2 > 1", True),  # no chain: true > 1 compares their texts
        ("1 + 2 * 3 == 7", True),
        ("10 - 4 - 3 == 3", True),
        ("8 / 4 / 2 == 1", True),
        ("-(1 + 2) == -3", True),
        ("!false && true", True),
        ("!(false && true)", True),
        ('"a" + "b" == "ab"', True),
        ('"abc" =~ "b"', True),
        ('2 in [1, 2] && !("2" in [1, 2])', True),
        ("false ? 1 : true ? 2 : 0", True),
        ("1 == 2 ? false : 3 == 3", True),
    ],
)
def test_operators_bind_as_in_gval(text: str, expected: bool) -> None:
    assert holds(text, semantics=LENIENT) is expected


def test_the_most_complex_official_condition_is_understood() -> None:
    text = "$.has_more && ($.event_id >= 4000 || $.total_group_count >= $.total_group_threshold)"
    data: dict[str, Json] = {"has_more": True, "event_id": 4000, "total_group_count": 1}
    assert holds(text, {**data, "total_group_threshold": 500})
    assert not holds(text, {**data, "total_group_threshold": 500, "event_id": 3999})
    assert not holds(text, {"has_more": False})


@pytest.mark.parametrize("text", ["$.x == 1", '$.x != "a"', '$.x == "false"', "!$.x", "$.x.y"])
def test_a_missing_key_makes_the_whole_condition_false(text: str) -> None:
    assert not holds(text, semantics=LENIENT)
    assert not holds(f"true && ({text})", semantics=LENIENT)
    assert not holds(f"{text} || true", semantics=LENIENT)


def test_a_missing_key_that_is_skipped_does_no_harm() -> None:
    assert holds("true || $.x")
    assert not holds("false && $.x")


@pytest.mark.parametrize("text", ["$.yes || $.x", "$.one || $.x", "$.no && $.x || true"])
def test_only_an_exact_boolean_skips_the_right_side(text: str) -> None:
    assert not holds(text, {"yes": "true", "one": 1, "no": 0})


@pytest.mark.parametrize(
    ("text", "expected"), [('$.x != "a"', True), ('$.x == "false"', True), ("$.x < 1", False)]
)
def test_a_missing_key_reads_as_null_where_semantics_say_so(text: str, expected: bool) -> None:
    assert holds(text, semantics=Semantics(missing_key_in_condition="null")) is expected


@pytest.mark.parametrize("text", ["$.null < 1", "$.text && true", "$.list || false", "$.text[0]"])
def test_what_cannot_be_evaluated_is_false_or_an_error(text: str) -> None:
    data: Json = {"null": None, "list": [], "text": "t"}
    assert not holds(text, data)
    with pytest.raises(EvaluationError, match=r"null|boolean|list"):
        holds(text, data, Semantics(unevaluable_condition="error"))


@pytest.mark.parametrize("text", ['$.a =~ "("', "1 in 1", '$.a - 1 == "a"', "!$", "-$ == 1"])
def test_undocumented_operators_cannot_evaluate_everything(text: str) -> None:
    semantics = Semantics(undocumented_operators="allow", unevaluable_condition="error")
    with pytest.raises(EvaluationError):
        holds(text, {"a": "a"}, semantics)


def test_equality_follows_the_switch() -> None:
    data: Json = {"end": True}
    assert holds('$.end == "true"', data)
    assert not holds('$.end == "true"', data, Semantics(equality="strict"))
    assert holds("$.end", data, Semantics(equality="strict"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("!$.a", "not documented"),
        ("1 + 1 == 2", "not documented"),
        ('$.a =~ "b"', "not documented"),
        ("$.a in $.b", "not documented"),
        ("$.a ? 1 : 2", "not documented"),
        ("-$.a == 1", "not documented"),
        ("$.a == [1]", "not documented"),
    ],
)
def test_undocumented_operators_are_refused_unless_allowed(text: str, why: str) -> None:
    with pytest.raises(ExpressionSyntaxError, match=why):
        parse_condition(text)
    assert parse_condition(text, LENIENT).text == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "character 1: expected a path"),
        ("$.a ==", "character 7: expected a path"),
        ("$.a = 1", "character 5: = is not an operator"),
        ("$.a and $.b", "and is not an operator"),
        ("$.a ?? 1", "not an operator"),
        ("$.a ==!$.b", "! is not documented"),
        ("$.a === 1", "expected a path"),
        ("$.a % 2 == 1", "% is not an operator"),
        ('"a" && 1', "needs a boolean"),
        ("status == 1", "a path starts with"),
        ("$.a == 'b'", "double quotes"),
        ('$.a == "b', "not closed"),
        ('$.a == "\\q"', "not a valid escape"),
        ('$.a == "\\ud800"', "not a valid escape"),
        ("$.a == 1x", "1x is not a number"),
        ("$.a == 1.2.3", "not a number"),
        ("$.a == 1e999", "not a number"),
        ("$input.a == 1", "the step's own input"),
        ("$.a-b == 1", "not documented"),
        ("$.a[x] == 1", "not a path"),
        ("($.a", "expected \\)"),
        ("$.a)", "expected an operator"),
        ("$.a $.b", "expected an operator"),
        ("$.a == 1 : 2", "expected an operator"),
        ("(" * 100, "levels of nested brackets"),
        ("&&".join(["$.a"] * 300), "operands"),
    ],
)
def test_a_bad_condition_is_refused_with_place_and_reason(text: str, why: str) -> None:
    with pytest.raises(ExpressionSyntaxError, match=why):
        parse_condition(text)


def test_prefixes_do_not_nest_without_end() -> None:
    with pytest.raises(ExpressionSyntaxError, match="more than"):
        parse_condition("!" * 1000 + "true", LENIENT)


def test_equal_texts_make_equal_conditions() -> None:
    assert {parse_condition("$.a"), parse_condition("$.a")} == {parse_condition("$.a")}


@given(JSON, JSON, st.sampled_from(["gval", "strict"]))
def test_unequal_is_the_negation_of_equal(left: Json, right: Json, rule: str) -> None:
    semantics = Semantics(equality=rule)  # type: ignore[arg-type]  # both values of the switch
    data: Json = {"left": left, "right": right}
    equal = holds("$.left == $.right", data, semantics)
    assert holds("$.left != $.right", data, semantics) is not equal


def python_value(words: list[str]) -> bool | None:
    """Evaluate a condition as Python does; None if it is not one."""
    spelling = {"&&": "and", "||": "or", "true": "True", "false": "False"}
    text = " ".join(spelling.get(word, word) for word in words)
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        return None
    # Empty brackets are a tuple in Python, and brackets after a value are a call.
    if any(isinstance(node, ast.Tuple | ast.Call) for node in ast.walk(tree)):
        return None
    return bool(eval(text, {}))  # only words from the list below


@given(st.lists(st.sampled_from(["true", "false", "&&", "||", "(", ")"]), max_size=12))
@example(["(", ")"])
@example(["(", ")", "||", "true"])
@example(["false", "&&", "(", ")"])
@example(["true", "||", "true", "(", "false", ")"])
def test_logic_agrees_with_python(words: list[str]) -> None:
    try:
        condition: Condition | None = parse_condition(" ".join(words))
    except ExpressionSyntaxError:
        condition = None
    value = None if condition is None else condition.holds({}, STRICT)
    assert value is python_value(words)


@given(st.text(alphabet='$.ab[]()*"`\\ux01 \t=!<>&|+-/~?:%e,intruefals', max_size=40), JSON)
def test_any_text_is_a_condition_or_a_syntax_error(text: str, data: Json) -> None:
    for semantics in (STRICT, LENIENT):
        try:
            condition = parse_condition(text, semantics)
        except ExpressionSyntaxError:
            continue
        assert cast("object", condition.holds(data, semantics)) in (True, False)
