"""Values convert and compare as in the Go library."""

from __future__ import annotations

import math
from typing import Literal

import pytest
from hypothesis import given

from fdl.values import Json, equal, go_text, parse_float, to_boolean
from tests.fdl.values import EQUALITY, JSON


@pytest.mark.parametrize(("left", "right", "expected"), EQUALITY)
def test_equality_converts_until_both_sides_fit(left: Json, right: Json, expected: bool) -> None:
    assert equal(left, right) is expected
    assert equal(right, left) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1, 1.0, True),
        (1, "1", False),
        (True, 1, False),
        (False, "false", False),
        (None, None, True),
        (None, False, False),
        ("007", "7", False),
        ("nan", "nan", True),
        ([1, {"a": True}], [1.0, {"a": True}], True),
        ([1], [True], False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
    ],
)
def test_strict_equality_requires_equal_type_and_value(
    left: Json, right: Json, expected: bool
) -> None:
    assert equal(left, right, "strict") is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([1], [1.0], True),
        ([1], [True], False),
        ([1], ["1"], False),
        ({"a": [None]}, {"a": [None]}, True),
        ({"a": 1}, [1], False),
    ],
)
def test_lists_and_objects_are_equal_all_the_way_down_without_converting(
    left: Json, right: Json, expected: bool
) -> None:
    assert equal(left, right) is expected


def test_numbers_compare_as_floats() -> None:
    assert equal(2**53, 2**53 + 1)
    assert equal("9007199254740993", 2**53)
    assert not equal(10**400, -(10**400))


@given(JSON)
def test_a_value_equals_itself_unless_it_reads_as_not_a_number(value: Json) -> None:
    is_nan = isinstance(value, str) and value.lower() == "nan"
    assert equal(value, value) is not is_nan
    assert equal(value, value, "strict")


@given(JSON, JSON)
def test_equality_is_symmetric(left: Json, right: Json) -> None:
    rules: tuple[Literal["gval", "strict"], ...] = ("gval", "strict")
    for rule in rules:
        assert equal(left, right, rule) == equal(right, left, rule)


# From the tests of Go's strconv, and its documentation.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("+1", 1),
        ("1.", 1),
        (".5", 0.5),
        ("-.5E-1", -0.05),
        ("1e23", 1e23),
        ("0x1p-2", 0.25),
        ("-0X1.8P1", -3),
        ("0x_1_2.3_4_5p+1_2", 74565),
        ("1_23.50_0_0e+1_2", 1.235e14),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
        ("1e-400", 0),
    ],
)
def test_a_text_that_go_reads_as_a_float_is_a_number(text: str, expected: float) -> None:
    assert parse_float(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1\n",
        "1x",
        "1.1.",
        ".",
        "e1",
        "1e",
        "0x1",
        "0x1.8",
        "0xp1",
        "+nan",
        "infi",
        "_1",
        "1_",
        "1__0",
        "1_.5",
        "1._5",
        "1e400",
        "-1e400",
        "0x1p99999",
        "\N{FULLWIDTH DIGIT ONE}",
        "0b1",
        "1,5",
    ],
)
def test_a_text_that_go_does_not_read_is_not_a_number(text: str) -> None:
    assert parse_float(text) is None


def test_nan_is_read_whatever_its_case() -> None:
    assert math.isnan(parse_float("NaN") or 0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("true", True),
        ("TRUE", True),
        ("True", None),
        ("false", False),
        ("FALSE", False),
        ("False", None),
        (None, False),
        ("", None),
        ("0.0", False),
        ("nan", True),
        ([], None),
        ({}, None),
    ],
)
def test_few_values_convert_to_a_boolean(value: Json, expected: bool | None) -> None:
    assert to_boolean(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, "1"),
        (1.5, "1.5"),
        (0, "0"),
        (123456, "123456"),
        (1_000_000, "1e+06"),
        (123456789, "1.23456789e+08"),
        (0.0001, "0.0001"),
        (0.00001234, "1.234e-05"),
        (True, "true"),
        ([1, None, "a"], "[1 <nil> a]"),
        ({"b": 1, "a": {}}, "map[a:map[] b:1]"),
    ],
)
def test_a_value_has_the_text_that_go_prints(value: Json, expected: str) -> None:
    assert go_text(value) == expected
