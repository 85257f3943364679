"""Paths point into JSON the way the flow language's samples do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdl.errors import EvaluationError, ExpressionSyntaxError, MissingKeyError
from fdl.paths import Path
from fdl.semantics import Semantics
from fdl.values import Json

STRICT = Semantics()
DATA: Json = {
    "a": {"b": {"c": 1}},
    "list": [{"x": [{"y": "first"}]}, {"x": [{"y": "second"}]}],
    "null": None,
    "text": "t",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$", DATA),
        ("$input", DATA),
        ("$local.text", "t"),
        ("$.a.b.c", 1),
        ("$input.list[1].x[0].y", "second"),
        ("$.null", None),
        ("$.list[*].x", [[{"y": "first"}], [{"y": "second"}]]),
        ("$.list[*].x[*]", [{"y": "first"}, {"y": "second"}]),
        ("$.list[*].x[*].y", ["first", "second"]),
        ("$.list[*].x[0].y", ["first", "second"]),
    ],
)
def test_a_path_reads_what_it_points_to(text: str, expected: Json) -> None:
    assert expected == Path.parse(text).read(DATA, STRICT)


def test_a_path_may_start_with_an_index_or_a_projection() -> None:
    local: Json = [{"value": 1}, {"value": 2}]
    assert Path.parse("$local[0].value").read(local, STRICT) == 1
    assert Path.parse("$local[*].value").read(local, STRICT) == [1, 2]
    assert Path.parse("$local[*]").read(local, STRICT) == local


def test_a_projection_leaves_out_items_that_lack_the_key() -> None:
    local: Json = [{"parts": [1, 2]}, {}, {"parts": 3}, "text", {"parts": [4]}]
    assert Path.parse("$local[*].parts").read(local, STRICT) == [[1, 2], 3, [4]]
    assert Path.parse("$local[*].parts[*]").read(local, STRICT) == [1, 2, 4]
    assert Path.parse("$local[*].absent").read(local, STRICT) == []


@pytest.mark.parametrize(("index_out_of_range", "expected"), [("null", [1, None]), ("error", [1])])
def test_an_index_inside_a_projection_follows_the_switch(
    index_out_of_range: str, expected: Json
) -> None:
    semantics = Semantics(index_out_of_range=index_out_of_range)  # type: ignore[arg-type]  # both values of the switch
    assert expected == Path.parse("$local[*][0]").read([[1], []], semantics)


@pytest.mark.parametrize("text", ["$.absent", "$.a.absent", "$.text.x", "$.null.x", "$.list.x"])
def test_a_missing_key_is_an_error_of_its_own(text: str) -> None:
    with pytest.raises(MissingKeyError, match=r"absent|'x'"):
        Path.parse(text).read(DATA, STRICT)


def test_a_missing_key_reads_as_null_where_semantics_say_so() -> None:
    assert Path.parse("$.a.x.y").read(DATA, Semantics(missing_key_in_mapping="null")) is None


def test_a_missing_key_of_the_context_is_always_an_error() -> None:
    with pytest.raises(MissingKeyError):
        Path.parse("$context.x").read({}, Semantics(missing_key_in_mapping="null"))


def test_an_index_beyond_the_end_fails_or_reads_null() -> None:
    path = Path.parse("$.list[2]")
    with pytest.raises(EvaluationError, match="beyond the list's 2 items"):
        path.read(DATA, STRICT)
    assert path.read(DATA, Semantics(index_out_of_range="null")) is None


@pytest.mark.parametrize("text", ["$.a[0]", "$.text[0]", "$.null[0]"])
def test_only_lists_have_items(text: str) -> None:
    with pytest.raises(EvaluationError, match="not a list"):
        Path.parse(text).read(DATA, STRICT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "$x",
        "$inputs.a",
        "$.",
        "$..a",
        "$.a-b",
        "$.0",
        "$.a[",
        "$.a[-1]",
        "$.a['b']",
        "$.a ",
        " $.a",
        "$.a[*",
        "$.a[]",
        "$[9999999999]",
        "$a.b",
        "input.a",
    ],
)
def test_an_invalid_path_is_refused(text: str) -> None:
    with pytest.raises(ExpressionSyntaxError):
        Path.parse(text)


def test_a_path_has_its_root_and_the_key_it_reads_first() -> None:
    path = Path.parse("$context.step.eventId")
    assert (path.root, path.key, str(path)) == ("$context", "step", "$context.step.eventId")
    assert Path.parse("$local[*].x").key is None
    assert Path.parse("$").key is None


def test_equal_texts_make_equal_paths() -> None:
    assert {Path.parse("$.a"), Path.parse("$.a")} == {Path.parse("$.a")}


@given(st.lists(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True), max_size=5))
def test_a_path_finds_what_lies_at_its_end(keys: list[str]) -> None:
    document: Json = "end"
    for key in reversed(keys):
        document = {key: document}
    assert Path.parse(".".join(["$", *keys])).read(document, STRICT) == "end"


@given(st.text(alphabet="$.[]*0ab inputlocal-"))
def test_any_text_is_a_path_or_a_syntax_error(text: str) -> None:
    try:
        path = Path.parse(text)
    except ExpressionSyntaxError:
        return
    assert path.text == text
