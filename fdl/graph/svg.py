"""Draws a flow as SVG, for a file or for a page that shows the state of its steps."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from fdl.graph.layout import LINE, Arrow, Box, Frame, Picture, lay_out, shorten
from fdl.graph.model import SeriesGraph

STYLE: Final = Path(__file__).with_name("flow.css")
_MARGIN: Final = 10.0
_HEAD: Final = "0 0, -8 -3.5, -8 3.5"


def svg(graph: SeriesGraph, title: str, *, style: bool = True) -> str:
    """Draw a graph.

    Each step is a group with the attributes ``data-step``, its name, and ``data-flow``, the flow it
    starts. A page sets the step's state there, and writes the number of runs to the text ``count``.

    Args:
        graph: the flow's graph.
        title: the diagram's accessible name.
        style: whether to include a style sheet, for a stand-alone file.
    """
    picture = lay_out(graph)
    width, height = picture.width + 2 * _MARGIN, picture.height + 2 * _MARGIN
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": "flow",
            "viewBox": f"0 0 {_short(width)} {_short(height)}",
            "width": _short(width),
            "height": _short(height),
            "role": "img",
        },
    )
    SubElement(root, "title").text = title
    if style:
        SubElement(root, "style").text = STYLE.read_text()
    _draw(root, picture, _MARGIN, _MARGIN)
    indent(root, " ")
    return tostring(root, encoding="unicode") + "\n"


def _draw(parent: Element, picture: Picture, x: float, y: float) -> None:
    group = SubElement(parent, "g", {"transform": _translation(x, y)})
    for arrow in picture.arrows:
        _draw_arrow(group, arrow)
    for box in picture.boxes:
        _draw_box(group, box)


def _draw_arrow(parent: Element, arrow: Arrow) -> None:
    points = " ".join(f"{_short(x)},{_short(y)}" for x, y in arrow.points)
    line = SubElement(parent, "polyline", {"class": f"arrow {arrow.kind}", "points": points})
    if arrow.title:
        SubElement(line, "title").text = arrow.title
    if not arrow.has_head:
        return
    (before_x, _), (x, y) = arrow.points[-2:]
    turned = 90 if before_x == x else 180 if before_x > x else 0
    wrong = " wrong" if arrow.kind == "catch" else ""
    moved = f"{_translation(x, y)} rotate({turned})"
    SubElement(parent, "polygon", {"class": f"head{wrong}", "points": _HEAD, "transform": moved})


def _draw_box(parent: Element, box: Box) -> None:
    step = box.step
    attributes = {"class": f"step {step.kind}", "data-step": step.name}
    if step.child_flow:
        attributes["data-flow"] = step.child_flow
    group = SubElement(parent, "g", {**attributes, "transform": _translation(box.x, box.y)})
    SubElement(group, "title").text = ": ".join(filter(None, (step.name, step.calls or step.kind)))
    _rectangle(group, 0, 0, box.width, box.height, radius=7)
    _text(group, "name", 12, 17, step.name)
    count = {"class": "count", "x": _short(box.width - 10), "y": "17", "text-anchor": "end"}
    SubElement(group, "text", count)
    for row in box.rows:
        _text(group, "row", row.x, row.y, row.text)
    for frame in box.frames:
        _draw_frame(group, frame)
    if step.ends or step.fails:
        mark = {"class": "stop", "cx": _short(box.width / 2), "cy": _short(box.height), "r": "5"}
        SubElement(group, "circle", mark)


def _draw_frame(parent: Element, frame: Frame) -> None:
    _rectangle(parent, frame.x, frame.y, frame.width, frame.height, name="frame")
    _text(parent, "label", frame.x + 10, frame.y + LINE - 3, frame.label)
    inside = frame.x + (frame.width - frame.picture.width) / 2
    _draw(parent, frame.picture, inside, frame.y + LINE + 6)


def _rectangle(
    parent: Element,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    name: str = "box",
    radius: float = 5,
) -> None:
    numbers = {"x": x, "y": y, "width": width, "height": height, "rx": radius}
    SubElement(parent, "rect", {"class": name, **{key: _short(n) for key, n in numbers.items()}})


def _text(parent: Element, name: str, x: float, y: float, text: str) -> None:
    attributes = {"class": name, "x": _short(x), "y": _short(y)}
    SubElement(parent, "text", attributes).text = shorten(text)


def _translation(x: float, y: float) -> str:
    return f"translate({_short(x)} {_short(y)})"


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
