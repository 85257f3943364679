"""The document of a run's page has the report's figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from oss_restore.console.run_document import run_document
from oss_restore.reporting.verdict_text import standing_name
from tests.oss_restore.reporting.scene import OUTCOMES, failed, report, totals_of
from thaw.standings import ClassStandings, Standing, Standings


def document(**about: Any) -> Any:
    return run_document(report(totals_of(OUTCOMES), **about), [])


def test_the_figures_match_the_report() -> None:
    shown = document(parts=[failed("a", "b")])
    made = report(totals_of(OUTCOMES), parts=[failed("a", "b")])
    assert shown["sentence"] == made.sentence
    figures = {one["label"]: one["value"] for one in shown["figures"]}
    assert figures["Requested"] == f"{made.counts.submitted:,}"
    assert figures["Not readable"] == f"{made.missed:,}"
    assert [row[0] for row in shown["results"]["rows"]] == ["Archive", "ColdArchive"]
    assert shown["causes"][0]["objects"] == "2"
    assert shown["cost"]["total"][-1]


def test_every_standing_has_a_part_in_its_colour() -> None:
    counts = Counter(dict.fromkeys(Standing, 3))
    standings = Standings({"Archive": ClassStandings(counts)})
    parts = document(standings=standings)["classes"][0]["parts"]
    kinds = {part["label"]: part["kind"] for part in parts}
    assert kinds.keys() == {standing_name(standing) for standing in Standing}
    assert {label for label, kind in kinds.items() if kind == "ready"} == {
        "readable",
        "copied",
        "promoted",
        "already present",
    }
    assert kinds["still thawing"] == "sent"
    assert kinds["not copied"] == kinds["refused"] == "lost"


def so_far(standings: Standings, problem: str = "") -> Any:
    """Return the document of a run in progress with the given standings."""
    made = report(totals_of(OUTCOMES), status="Running")
    verdict = replace(made.state.verdict, standings=standings, problem=problem)
    return run_document(replace(made, state=replace(made.state, verdict=verdict)), [])


def test_the_number_of_objects_not_yet_checked_is_shown_for_each_class() -> None:
    standings = Standings({"Archive": ClassStandings(Counter({Standing.THAWING: 3}), 1, 2)})
    shown = so_far(standings)
    objects = totals_of(OUTCOMES).by_class["Archive"].total()
    assert [(part["label"], part["value"]) for part in shown["classes"][0]["parts"]] == [
        ("still thawing", "3"),
        ("not checked yet", f"{objects - 3:,}"),
    ]
    assert [row[0] for row in shown["calendar"]["rows"]] == ["Archive"]
    assert shown["standingsNote"] == ""


def test_the_reason_why_standings_are_unknown_is_shown() -> None:
    shown = so_far(Standings(), problem="AccessDenied: may not list")
    assert "may not list" in shown["standingsNote"]
    assert {part["label"] for part in shown["classes"][0]["parts"]} >= {"Requested"}


def test_a_run_in_progress_shows_its_progress() -> None:
    shown = document(status="Running")
    assert shown["ended"] is False
    assert "1,540 objects requested" in shown["progress"]
    assert shown["causes"] == []
    assert {part["label"] for part in shown["classes"][0]["parts"]} >= {"Requested"}
