"""Whole numbers in requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.whole_numbers import whole_number


@given(st.integers(0, 10**18 - 1))
def test_digits_are_a_number(number: int) -> None:
    assert whole_number(str(number)) == number


@pytest.mark.parametrize(
    "text", ["", " 1", "1_0", "+1", "-1", "1.0", "1\n", "²", "٣", "9" * 19, "9" * 5_000]
)
def test_any_other_text_is_not_a_number(text: str) -> None:
    assert whole_number(text) is None


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    whole_number(text)
