"""YAML is composed by libyaml where that makes no difference but speed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import dedent

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fdl.bounded_yaml import compose
from infra.blueprint.flows import render_flows
from tests.fdl.flows import ARTICLE, article
from tests.infra.environments import small_environment

_LINES = [line for name in ARTICLE for line in article(name).splitlines()]
_PIECES = (
    *"-:{}[],'\"#&*>`$=_/;.\n 0a|!?%@~\t\\",
    *("- ", ": ", "<<: ", "---\n", "...\n", "&a ", "*a ", ">-\n", "|2\n", "!!str ", "? "),
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


def test_the_flows_of_an_environment_are_read_by_libyaml() -> None:
    """PyYAML's own parser takes seven times as long; libyaml's marks are of another class."""
    for flow in render_flows(small_environment()):
        root = compose(flow.text)
        assert root is not None
        assert not isinstance(root.start_mark, yaml.Mark)


@given(text=damaged_flows())
@settings(max_examples=300)
def test_a_damaged_flow_has_the_nodes_or_the_error_that_pyyaml_finds(text: str) -> None:
    assert outline_or_error(compose, text) == outline_or_error(compose_with_pyyaml, text)


@pytest.mark.parametrize(
    "text", ["a:\t- b", ">#", "|#", "[?]", "[a?b: c]", "! a", "---", "a: !<x y> b"]
)
def test_a_text_that_libyaml_reads_differently_is_read_by_pyyaml(text: str) -> None:
    assert outline_or_error(compose, text) == outline_or_error(compose_with_pyyaml, text)
