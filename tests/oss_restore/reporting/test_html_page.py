"""The report as a page: self-contained, well-formed, safe and correct."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_restore.language import gettext, set_language
from oss_restore.reporting.html_page import render
from tests.oss_restore.reporting.scene import OUTCOMES, RUN, failed, points, report, totals_of
from thaw.after_thaw import CopyTo
from thaw.run_input import ManifestInput
from thaw.standings import Standing, Standings
from thaw.totals import Totals

HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP--",
    "&lt;b&gt; &amp;",
    "]]>{{ 7*7 }}{% raw %}",
    "line\nfeed\x00\x1b[31m\u202egnp.exe\u2028",
    "\ud800 lone",
    "javascript:alert(1)",
    "键/文件",
)
FULL = report(
    totals_of(OUTCOMES),
    parts=[failed(*HOSTILE[:3])],
    submitted=points((0.1, 400), (1, 1_540)),
    readable=points((2, 900), (5.5, 1_590)),
)


def parse(page: str) -> ET.Element:
    return ET.fromstring(page)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", "".join(parse(page).itertext()))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(page)
    return parser.found


def test_the_page_loads_nothing_else() -> None:
    page = render(FULL)
    for tag, attributes in tags(page):
        assert tag not in {"script", "link", "img", "iframe", "object", "base", "form"}
        assert not [name for name in attributes if name.startswith("on")]
        assert "src" not in attributes
        assert "href" not in attributes
    assert not re.search(r"url\(|@import|@font-face", page)
    assert "default-src 'none'" in page
    assert set(re.findall(r"https?://[^\"'< ]+", page)) <= {HTML[1:-1], SVG[1:-1]}


@pytest.mark.parametrize(
    "found",
    [
        FULL,
        report(Totals()),
        report(totals_of(OUTCOMES), run=None, status="Failed", error="NoSuchBucket"),
        report(totals_of(OUTCOMES), status="Running"),
        report(
            Totals(planned=totals_of(OUTCOMES).planned),
            run=replace(RUN, dry_run=True, prefixes=("a&", "b<"), include=("*.x",)),
        ),
        report(
            totals_of(OUTCOMES),
            run=replace(RUN, manifest=ManifestInput(bucket="", key="a<b.csv", format="csv")),
        ),
    ],
    ids=["full", "empty", "failed", "running", "dry", "manifest"],
)
def test_the_page_is_well_formed_for_every_kind_of_run(found: object) -> None:
    root = parse(render(found))  # type: ignore[arg-type]
    assert root.tag == f"{HTML}html"
    assert len(root.findall(f".//{HTML}h1")) == 1
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    for node in root.iter():
        if labelled := node.get("aria-labelledby"):
            assert labelled in ids


@pytest.mark.parametrize("key", HOSTILE)
def test_a_hostile_key_is_shown_as_visible_text(key: str) -> None:
    page = render(report(totals_of(OUTCOMES), parts=[failed(key, message=key)]))
    (item,) = parse(page).findall(f".//{HTML}li/{HTML}code")
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in key)
    assert item.text == shown
    assert not re.search("[\x00-\x08\x0e-\x1f\u202e\u2028\ud800]", page)


@given(st.text(min_size=1, max_size=50))
def test_no_key_breaks_the_page_or_adds_elements(key: str) -> None:
    plain = render(report(totals_of(OUTCOMES), parts=[failed("k", message="m")]))
    page = render(report(totals_of(OUTCOMES), parts=[failed(key, message=key)]))
    page.encode()
    assert [tag for tag, _ in tags(page)] == [tag for tag, _ in tags(plain)]
    parse(page)


def test_a_run_that_copies_is_described_by_its_copies() -> None:
    standings = Standings()
    standings.count("Archive", Standing.COPIED, 1_150)
    standings.count("Archive", Standing.PRESENT, 40)
    standings.count("Archive", Standing.COPY_FAILED, 10)
    run = replace(RUN, then=CopyTo(bucket_name="new", prefix="to/", storage_class="IA"))
    archive = totals_of({"Archive": {"requested": 1_200}})
    page = render(report(archive, run=run, standings=standings, readable=points((2, 900))))
    names, values = ([one.text for one in parse(page).iter(HTML + tag)] for tag in ("dt", "dd"))
    shown = dict(zip(names, values, strict=True))
    assert (shown["Copied"], shown["Not copied"]) == ("1,190", "10")
    assert shown["After the thaw"] == "copied to oss://new/to/ as IA"
    assert [shown[n] for n in ("copied", "already present", "not copied")] == ["1,150", "40", "10"]
    assert "readable" not in text_of(page).partition("Results")[0].partition("Input")[0].lower()
    assert "1,200 requested. Copied: 1,190." in text_of(page)


def test_the_numbers_match_the_ledger() -> None:
    rows = {
        (row.findtext(f"{HTML}th") or ""): [cell.text for cell in row.findall(f"{HTML}td")]
        for row in parse(render(FULL)).iter(f"{HTML}tr")
    }
    assert rows["Archive"] == ["1,200", "0", "0", "2", "0", "1,202"]
    assert rows["ColdArchive"] == ["340", "50", "7", "0", "0", "397"]
    assert rows["Total"] == ["1,540", "50", "7", "2", "0", "1,599"]
    text = text_of(render(FULL))
    assert "1,590 of 1,599 objects are readable." in text
    assert "1,540 requested. Known to be readable: 1,590." in text


def test_the_page_shows_the_input_and_advice() -> None:
    run = replace(RUN, prefix="2019/", tier="Expedited", days=3, exclude=("*.tmp",))
    text = text_of(render(report(totals_of(OUTCOMES), run=run, parts=[failed("k")])))
    for word in ("2019/*", "Expedited", "ColdArchive 3 d", "*.tmp", "retry-failed with other"):
        assert word in text


def test_both_colour_schemes_define_every_colour() -> None:
    page = render(FULL)
    light, dark = re.findall(r":root \{(.*?)\}", page, re.DOTALL)
    names = [set(re.findall(r"(--[a-z-]+):", scheme)) for scheme in (light, dark)]
    assert names[0] == names[1]
    assert set(re.findall(r"var\((--[a-z-]+)\)", page)) == names[0]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_has_enough_contrast(scheme: int) -> None:
    block = re.findall(r":root \{(.*?)\}", render(FULL), re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})[;\s]", block))
    for text, ground in (
        ("text", "card"),
        ("quiet", "card"),
        ("quiet", "ground"),
        ("bad", "card"),
        ("ready", "card"),
        ("text", "line"),
    ):
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio as WCAG 2 defines it."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_page_can_be_in_chinese() -> None:
    set_language("zh")
    try:
        page = render(FULL)
        assert gettext("Timeline") in text_of(page)
    finally:
        set_language("en")
    assert parse(page).get("lang") == "zh-Hans"


def test_unknown_figures_are_shown_as_unknown() -> None:
    unknown = report(totals_of(OUTCOMES), status="Running", submitted=points((1, 1_540)))
    assert "<dt>Known to be readable</dt><dd>unknown</dd>" in render(unknown)
    assert 'class="line two"' not in render(unknown)


def test_a_number_known_only_at_the_end_is_drawn_only_there() -> None:
    page = render(report(totals_of(OUTCOMES), submitted=points((1, 1_540))))
    (dot,) = re.findall(r'class="dot" cx="([0-9.]+)"', page)
    assert float(dot) == 860


def test_colours_depend_on_the_verdict_and_not_on_the_executions_status() -> None:
    bad = render(FULL)
    assert 'class="card verdict bad"' in bad
    assert re.search(r'<div class="bad"><dt>Not readable</dt><dd>9</dd>', bad)
    good = render(report(totals_of({"Archive": {"requested": 5}})))
    assert 'class="card verdict good"' in good
    assert re.search(r"<div><dt>Not readable</dt><dd>0</dd>", good)
    for page in (bad, good):
        assert re.search(r"\.pill \{[^}]*background: var\(--line\)", page)
        assert not re.search(r"\.(good|bad) \.pill", page)
