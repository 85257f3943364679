"""Ranges part at short texts between two keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.groups import separator

KEYS = st.text(st.sampled_from("ab\x01é\U0001f9ca"), max_size=6)


@given(KEYS, KEYS.filter(bool))
def test_a_separator_lies_between_two_keys_and_is_never_longer_than_them(a: str, b: str) -> None:
    last, following = sorted([a, b])
    if last == following:
        return
    found = separator(last, following)
    assert last <= found < following
    assert len(found) <= len(last) or found == following[: len(found)]


@pytest.mark.parametrize(
    ("last", "following", "expected"),
    [
        ("a/1", "b/1", "b"),
        ("host-0049.log", "host-0050.log", "host-005"),
        ("", "a", ""),
        ("", "ab", ""),
        ("a", "a/", "a"),
        ("a", "ab", "a"),
    ],
)
def test_a_separator_is_as_short_as_can_be(last: str, following: str, expected: str) -> None:
    assert separator(last, following) == expected
