"""YAML is composed by libyaml where that makes no difference but speed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fdl.bounded_yaml import TooLargeError, compose
from infra.blueprint.flows import render_flows
from tests.fdl.flows import ARTICLE, article
from tests.infra.environments import small_environment

_DEV = Path(__file__).parents[2] / "environments" / "dev.yaml"
_LINES = [line for name in ARTICLE for line in article(name).splitlines()]
_PIECES = (
    *"-:{}[],'\"#&*>`$=_/;.\n 0a|!?%@~\t\\<+^é\uff0c\u2028",
    *("- ", ": ", "<<: ", "---\n", "...\n", "&a ", "*a ", ">-\n", "|2\n", "!!str ", "? ", "!= "),
    *(" # 值 <-", "\n# it's", "|\n", ">\n", "|+#", "\n  ", "\n\n"),
    *("\\\n", "\\u00e9", "\\ud800", "\\x"),
)


def outline(node: yaml.Node | None) -> Iterator[tuple[str, int, str]]:
    """Yield the tag, the line, and the style and value of each node."""
    match node:
        case yaml.ScalarNode():
            yield node.tag, node.start_mark.line, f"{node.style or None} {node.value}"
        case yaml.SequenceNode():
            yield node.tag, node.start_mark.line, f"{len(node.value)} items"
            for item in node.value:
                yield from outline(item)
        case yaml.MappingNode():
            yield node.tag, node.start_mark.line, f"{len(node.value)} pairs"
            for key, value in node.value:
                yield from outline(key)
                if node.flow_style and value.value == "" and not value.style:
                    yield value.tag, key.start_mark.line, "empty"  # only its key has a true line
                else:
                    yield from outline(value)


def outline_or_error(read: Callable[[str], yaml.Node | None], text: str) -> object:
    """Return the outline of a text, or why it is not YAML."""
    try:
        return list(outline(read(text)))
    except (yaml.YAMLError, ValueError) as error:
        return str(error)


def compose_with_pyyaml(text: str) -> yaml.Node | None:
    return yaml.compose(text, yaml.SafeLoader)


@st.composite
def damaged_flows(draw: st.DrawFn) -> str:
    """Some lines of a flow, with random pieces in random places."""
    first = draw(st.integers(0, len(_LINES) - 1))
    text = dedent("\n".join(_LINES[first : first + draw(st.integers(1, 8))]))
    for piece in draw(st.lists(st.sampled_from(_PIECES), max_size=5)):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + piece + text[at + draw(st.integers(0, 1)) :]
    return text


@pytest.mark.parametrize("name", ARTICLE)
def test_a_flow_has_the_nodes_that_pyyaml_finds(name: str) -> None:
    assert outline_or_error(compose, article(name)) == outline_or_error(
        compose_with_pyyaml, article(name)
    )


def read_by_libyaml(root: yaml.Node | None) -> bool:
    """Return whether libyaml, which is seven times as fast, made a node; it has its own marks."""
    assert root is not None
    return not isinstance(root.start_mark, yaml.Mark)


def test_the_flows_of_an_environment_are_read_by_libyaml() -> None:
    for flow in render_flows(small_environment()):
        assert read_by_libyaml(compose(flow.text))


@pytest.mark.parametrize(
    "text",
    [
        _DEV.read_text(encoding="utf-8"),
        "name: 归档 # 要解冻的桶\uff08见文档\uff09\n",
        "condition: $.a != 1 || $.b < 2\ntext: |\n  a\n\n  b\n",
        'text: "a\\n\\u00e9"\n',
    ],
    ids=["environment", "Chinese", "operators", "escapes"],
)
def test_what_people_write_is_read_by_libyaml(text: str) -> None:
    assert read_by_libyaml(compose(text))
    assert outline_or_error(compose, text) == outline_or_error(compose_with_pyyaml, text)


def test_marks_have_the_name_of_the_file() -> None:
    for text in ("a: 1", "a: 1 #\t"):
        root = compose(text, "dev.yaml")
        assert root is not None
        assert read_by_libyaml(root) is ("\t" not in text)
        assert root.start_mark.name == "dev.yaml"


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
@pytest.mark.parametrize("comment", ["#", "#\t"], ids=["libyaml", "PyYAML"])
def test_deep_nesting_is_refused_with_its_line(opening: str, comment: str) -> None:
    for depth in (61, 1100):
        with pytest.raises(TooLargeError) as caught:
            compose(f"{comment}\n{opening * depth}")
        assert caught.value.problem == "nested more than 60 deep"
        assert caught.value.problem_mark
        assert caught.value.problem_mark.line == 1


@given(text=damaged_flows())
@settings(max_examples=300)
def test_a_damaged_flow_has_the_nodes_or_the_error_that_pyyaml_finds(text: str) -> None:
    assert outline_or_error(compose, text) == outline_or_error(compose_with_pyyaml, text)


@pytest.mark.parametrize(
    "text",
    [
        *("a:\t- b", ">#", "|#", "|+#", ">2-#", "[?]", "[a?b: c]", "! a", "!=a!+a", "---"),
        *("a: !<x y> b", "a: b\u2028c: d", "a: \ufeffb", "a: \x7f"),
    ],
)
def test_a_text_that_libyaml_reads_differently_is_read_by_pyyaml(text: str) -> None:
    assert outline_or_error(compose, text) == outline_or_error(compose_with_pyyaml, text)
