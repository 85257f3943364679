from __future__ import annotations

import json
from typing import Any

import pytest

from oss_restore.errors import ExitStatus
from oss_restore.main import main

Captured = pytest.CaptureFixture[str]

BULK = ("--max-keys", "1000", "--group-size", "50", "--workers", "16")


def forecast(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        main(["forecast", *arguments])
    return ended.value.code


def document(capsys: Captured, *arguments: str) -> dict[str, Any]:
    assert forecast(*arguments, "--json") == ExitStatus.OK
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_forecast_tells_time_calls_and_money(capsys: Captured) -> None:
    cold = ("--storage-class", "ColdArchive")
    found = document(capsys, "--objects", "1000000", *BULK, *cold)
    assert found["total_seconds"] > 5 * 3600
    assert found["pages"] == 1_000
    assert found["step_transitions"] == pytest.approx(29_000, rel=0.02)
    bill = {item["part"]: item for item in found["bill"]}
    restores = bill["oss.requests.RestoreObject.ColdArchive.Standard"]
    assert (restores["amount"], restores["money"]) == (1_000_000, 300)
    assert bill["fc.gb_seconds"]["money"] is None
    assert found["known_money"] == pytest.approx(
        sum(item["money"] or 0 for item in found["bill"]), abs=0.01
    )


def test_a_persons_forecast_says_what_takes_longest_and_what_is_unknown(capsys: Captured) -> None:
    assert forecast("--objects", "1000", "--storage-class", "Archive") == ExitStatus.OK
    shown = capsys.readouterr().out
    assert "What takes longest: the thaw itself" in " ".join(shown.split())
    assert "unknown" in shown
    assert "Known: " in shown


def test_objects_are_shared_out_over_the_classes_of_the_run(capsys: Captured) -> None:
    found = document(capsys, "--objects", "10")
    amounts = {item["part"]: item["amount"] for item in found["bill"]}
    assert amounts["oss.requests.RestoreObject.Archive"] == 4
    assert amounts["oss.requests.RestoreObject.DeepColdArchive.Standard"] == 3


def test_fewer_objects_than_classes_are_of_the_first_classes(capsys: Captured) -> None:
    found = document(capsys, "--objects", "1")
    assert not any("Cold" in item["part"] for item in found["bill"])


def test_an_accounts_own_quota_counts(capsys: Captured) -> None:
    deep = ("--objects", "1000000", *BULK, "--storage-class", "DeepColdArchive")
    usual = document(capsys, *deep)
    raised = document(capsys, *deep, "--quota", "deep_cold_per_second=10")
    assert usual["bound"] == "thaw"
    assert raised["total_seconds"] > usual["total_seconds"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--quota", "steps=1"), "steps_per_second"),
        (("--quota", "steps_per_second=none"), "steps_per_second"),
        (("--quota", "steps_per_second=-1"), "steps_per_second"),
        (("--tier", "Fastest"), "tier"),
        (("--max-keys", "5000"), "maxKeys"),
    ],
)
def test_what_no_run_could_have_is_refused(
    arguments: tuple[str, ...], told: str, capsys: Captured
) -> None:
    assert forecast("--objects", "10", *arguments) == ExitStatus.USAGE
    assert told in capsys.readouterr().err
