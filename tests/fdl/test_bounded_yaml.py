"""YAML is composed by libyaml where that makes no difference but speed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import dedent

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fdl.bounded_yaml import compose
from tests.fdl.flows import ARTICLE, article

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


def explained(read: Callable[[str], yaml.Node | None], text: str) -> object:
    """Return the outline of a text, or why it is not YAML."""
    try:
        return list(outline(read(text)))
    except yaml.YAMLError as error:
        return str(error)
    except ValueError as error:
        return str(error)


def in_python(text: str) -> yaml.Node | None:
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
    assert explained(compose, article(name)) == explained(in_python, article(name))


@given(text=damaged_flows())
@settings(max_examples=300)
def test_a_damaged_flow_has_the_nodes_or_the_error_that_pyyaml_finds(text: str) -> None:
    assert explained(compose, text) == explained(in_python, text)


@pytest.mark.parametrize(
    "text", ["a:\t- b", ">#", "|#", "[?]", "[a?b: c]", "! a", "---", "a: !<x y> b"]
)
def test_what_libyaml_reads_otherwise_is_read_by_pyyaml(text: str) -> None:
    assert explained(compose, text) == explained(in_python, text)
