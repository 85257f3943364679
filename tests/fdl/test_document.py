"""Two YAML texts are compared by their values."""

from __future__ import annotations

import pytest

from fdl.document import same_values
from tests.fdl.flows import ARTICLE, article


@pytest.mark.parametrize("name", ARTICLE)
def test_comments_and_blank_lines_make_no_difference(name: str) -> None:
    text = article(name)
    assert same_values(text, "# a comment\n" + text.replace("\n", " # another\n\n"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a: [1, x]", "a:\n  - 1\n  - 'x'\n", True),
        ("{a: 1, b: 2}", "b: 2\na: 1\n", True),
        ("a: 1", "a: '1'", False),
        ("a: 1", "a: 2", False),
        ("a: 1", "a: true", False),
        ("a: 1", "a: 1\nb: 1", False),
        ("a: [1, 2]", "a: [2, 1]", False),
        ("a: 1", "", False),
        ("a: 1", "a: [", False),
        ("a: 1", "a: 1\na: 2", False),
        ("a: [", "b: [", False),
    ],
)
def test_only_the_values_count(one: str, other: str, same: bool) -> None:
    assert same_values(one, other) is same
    assert same_values(other, one) is same
