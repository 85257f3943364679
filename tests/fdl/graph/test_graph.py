"""A flow's graph, and its pictures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings

from fdl.graph.layout import Box, Picture, lay_out
from fdl.graph.mermaid import mermaid
from fdl.graph.model import Edge, SeriesGraph, graph_of
from fdl.graph.svg import svg
from fdl.parse import parse
from tests.fdl.flows import ARTICLE, article, flow
from tests.fdl.graph.definitions import definitions

SVG = "{http://www.w3.org/2000/svg}"
FEW = settings(max_examples=30)
HOSTILE = "<script>alert(1)</script>\u202e\x7f&\"']]>"


def graph(steps: str) -> SeriesGraph:
    return graph_of(parse(flow(steps)))


def edges(steps: str) -> list[tuple[str, int, int, str]]:
    return [(edge.kind, edge.source, edge.target, edge.label) for edge in graph(steps).edges]


def boxes(picture: Picture) -> Iterator[tuple[Picture, Box]]:
    for box in picture.boxes:
        yield picture, box
        for frame in box.frames:
            yield from boxes(frame.picture)


def test_steps_follow_each_other_until_one_ends_the_series() -> None:
    steps = """
        - {type: pass, name: a}
        - {type: pass, name: b, end: true}
        - {type: fail, name: c}
        - {type: succeed, name: d}
    """
    assert edges(steps) == [("next", 0, 1, "")]
    assert [(step.ends, step.fails) for step in graph(steps).steps] == [
        (False, False),
        (True, False),
        (False, True),
        (True, False),
    ]


def test_a_choice_leads_where_its_options_say() -> None:
    steps = """
        - type: choice
          name: a
          choices:
            - {condition: $.x > 1, goto: c}
            - {condition: $.x > 0, steps: [{type: pass, name: inside}]}
          default: {goto: a}
        - {type: pass, name: b}
        - {type: pass, name: c}
    """
    flow_graph = graph(steps)
    assert flow_graph.edges[:3] == (
        Edge("goto", 0, 2, "$.x > 1"),
        Edge("next", 0, 1, "", inner=0),
        Edge("goto", 0, 0, "default"),
    )
    assert [step.name for step in flow_graph.walk()] == ["a", "inside", "b", "c"]


def test_a_choice_without_a_default_continues_where_no_condition_holds() -> None:
    steps = """
        - {type: choice, name: a, choices: [{condition: $.x > 1, goto: a}]}
        - {type: pass, name: b}
    """
    assert edges(steps)[1] == ("next", 0, 1, "default")


def test_a_caught_error_leads_to_its_step() -> None:
    steps = """
        - type: task
          name: a
          resourceArn: acs:fc:::services/s/functions/f
          catch: [{errors: [FnF.TaskTimeout, FC.Unknown], goto: b}]
          end: true
        - {type: pass, name: b}
    """
    assert edges(steps)[:1] == [("catch", 0, 1, "FnF.TaskTimeout, FC.Unknown")]


@pytest.mark.parametrize(
    "target",
    ["resourceArn: 'acs:fnf:::flow/child'", "action: 'fnf:StartExecution'"],
)
def test_a_task_names_the_flow_that_it_starts(target: str) -> None:
    flow_graph = graph(f"- {{type: task, name: a, {target}, serviceParams: {{FlowName: child}}}}")
    assert (flow_graph.steps[0].child_flow, flow_graph.steps[0].calls) == ("child", "flow child")


@FEW
@given(definitions())
def test_boxes_of_any_flow_neither_overlap_nor_leave_the_picture(text: str) -> None:
    for picture, box in boxes(lay_out(graph_of(parse(text)))):
        assert box.x >= 0
        assert box.x + box.width <= picture.width
        assert box.y + box.height <= picture.height
        for above, below in zip(picture.boxes, picture.boxes[1:], strict=False):
            assert above.y + above.height < below.y
        for frame in box.frames:
            assert frame.x + frame.width < box.width
            assert frame.y + frame.height < box.height
            assert frame.picture.width < frame.width
        for left, right in zip(box.frames, box.frames[1:], strict=False):
            assert left.x + left.width < right.x
        for x, _ in (point for arrow in picture.arrows for point in arrow.points):
            assert 0 <= x <= picture.width


@FEW
@given(definitions())
def test_in_any_flow_an_arrow_ends_at_each_step_that_an_edge_leads_to(text: str) -> None:
    flow_graph = graph_of(parse(text))
    picture = lay_out(flow_graph)
    ends = {arrow.points[-1][1] for arrow in picture.arrows if arrow.has_head}
    for target in {edge.target for edge in flow_graph.edges if edge.target < len(flow_graph.steps)}:
        box = picture.boxes[target]
        assert any(box.y <= end <= box.y + box.height for end in ends)


@FEW
@given(definitions())
def test_both_pictures_of_any_flow_name_every_step(text: str) -> None:
    flow_graph = graph_of(parse(text))
    names = [step.name for step in flow_graph.walk()]
    drawn = fromstring(svg(flow_graph, "flow"))
    groups = (group.get("data-step") for group in drawn.iter(f"{SVG}g"))
    assert [*filter(None, groups)] == names
    words = re.findall(r'[">](step\d+)["<]', mermaid(flow_graph))
    assert sorted(words) == sorted(names)


@pytest.mark.parametrize("name", ARTICLE)
def test_the_articles_flows_are_drawn(name: str) -> None:
    flow_graph = graph_of(parse(article(name)))
    assert len(lay_out(flow_graph).boxes) == len(flow_graph.steps)


def test_names_cannot_inject_anything() -> None:
    flow_graph = graph(f"- {{type: pass, name: {json.dumps(HOSTILE)}}}")
    drawn = svg(flow_graph, "flow")
    (group,) = (item for item in fromstring(drawn).iter(f"{SVG}g") if item.get("data-step"))
    assert group.get("data-step") == HOSTILE.replace("\u202e", "\\u202e").replace("\x7f", "\\x7f")
    assert re.search(r"[<>'&\u202e\x7f]", mermaid(flow_graph)) is None


def test_a_long_text_is_shortened_and_its_tooltip_has_all_of_it() -> None:
    name = "x" * 100
    drawn = fromstring(svg(graph(f"- {{type: pass, name: {name}}}"), "flow"))
    assert next(drawn.iter(f"{SVG}text")).text == "x" * 39 + "…"
    assert f"{name}: pass" in [title.text for title in drawn.iter(f"{SVG}title")]
