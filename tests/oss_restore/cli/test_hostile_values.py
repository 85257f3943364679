"""Absurd numbers, sizes, times and quotas: each is accepted or refused in one clear line."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Final

import click
import pytest

from oss_restore.cli.parameter_types import Amount, Duration, Moment, Size, Whole
from oss_restore.cli.program import COMMANDS, load_command
from oss_restore.errors import OperatorError
from oss_restore.planning.forecast.workload import Quotas
from oss_restore.runs.run_list import runs_before
from tests.oss_restore.conftest import Cli, Finished
from tests.oss_restore.test_hostile_files import HOSTILE

# Values that have broken something; others are of the same kinds.
FATAL: Final = ("nan", "-inf", "-0", "-1", "1e400", "9" * 30, "9" * 5000, "1e-400", "٩", "\u202e9")
VALUES: Final = (
    *FATAL,
    *("", " ", "-", "inf", "-0.0", "0", "-1e400", "1e308", "9" * 400, "0x10", "1_0", "1,5", "5e"),
    *("1e400d", "nand", "infs", "9" * 400 + "d", "1e999G", "0d", "2026-02-30", "9999-12-31"),
    *("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-11-24T10:15:00"),
)
NUMERIC: Final = (Whole, Amount, Size, Duration, Moment)
PLAN: Final = ("plan", "--objects", "10", "--json")


def numeric(*commands: str) -> list[tuple[str, click.Option]]:
    """Return the options of some commands that take numbers, sizes or times."""
    return [
        (f"{name} {param.opts[0]}", param)
        for name in commands
        for param in load_command(name).params
        if isinstance(param, click.Option) and isinstance(param.type, NUMERIC)
    ]


def assert_clear(finished: Finished) -> None:
    """Check that the command succeeded or reported the error in one line."""
    if finished.status == 0:
        document = json.loads(finished.out.splitlines()[-1], parse_constant=pytest.fail)
        assert document
        return
    message, *hint = finished.err.splitlines()
    assert finished.status == 2
    assert message.startswith("oss-restore: ")
    assert len(message) < 500
    assert all(line.startswith("  ") for line in hint)


def test_no_option_accepts_unchecked_numbers() -> None:
    unchecked = (click.types.IntParamType, click.types.FloatParamType)
    assert not [
        (name, param.name)
        for name in COMMANDS
        for param in load_command(name).params
        if isinstance(param.type, unchecked)
    ]


@pytest.mark.parametrize(("option", "param"), numeric(*COMMANDS), ids=str)
def test_an_option_accepts_a_number_within_limits_or_explains_the_refusal(
    option: str, param: click.Option
) -> None:
    for value in VALUES:
        try:
            taken = param.type.convert(value, param, None)
        except click.BadParameter as error:
            taken = error.format_message()
        assert (len(taken) < 300) if isinstance(taken, str) else (abs(taken) < 2**63)


@pytest.mark.parametrize(("option", "param"), numeric("plan"), ids=str)
def test_a_plan_accepts_a_value_or_explains_the_refusal_in_one_line(
    cli: Cli, option: str, param: click.Option
) -> None:
    for value in (*FATAL, "0", str(10**15), "0.000001"):
        assert_clear(cli(*PLAN, param.opts[0], value))


@pytest.mark.parametrize("name", [*(field.name for field in fields(Quotas)), "nosuch", ""])
def test_a_quota_is_accepted_within_limits_or_refused_in_one_line(cli: Cli, name: str) -> None:
    for value in (*FATAL, "inf", "0", "0.000001", str(10**15)):
        assert_clear(cli(*PLAN, "--quota", f"{name}={value}"))


@pytest.mark.parametrize("moment", ["", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00+14:00"])
def test_a_moment_out_of_range_is_reported(moment: str) -> None:
    with pytest.raises(OperatorError, match="is not a moment such as"):
        runs_before(None, "flow", moment, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e400", "-0", "9" * 30, "9" * 5000, "[]"])
@pytest.mark.parametrize("field", ["maxKeys", "days", "objectsPerSecond", "minSize", "shards"])
def test_a_number_in_the_input_is_checked(cli: Cli, field: str, number: str) -> None:
    assert_clear(cli(*PLAN, "--input", f'{{"{field}": {number}}}'))


def unusable(folder: Path) -> dict[str, Path]:
    """Create files that no command can use."""
    folder.joinpath("folder").mkdir()
    files = {
        "a folder": folder / "folder",
        "nowhere": folder / "nosuch",
        "a device": Path("/dev/null"),
    }
    for number, (name, content) in enumerate(HOSTILE.items()):
        files[name] = folder / f"{number}.yaml"
        files[name].write_bytes(content)
    return files


@pytest.mark.parametrize(
    "command",
    [
        ("plan", "--objects", "1", "--json", "--prices"),
        ("plan", "--objects", "1", "--json", "--input"),
        ("status", "--outputs"),
        ("status", "--flow", "f", "--cloud"),
        ("lint",),
        ("check-plan",),
    ],
    ids=lambda command: f"{command[0]} {command[-1]}",
)
def test_an_unusable_file_is_reported_in_one_clear_line(
    cli: Cli, tmp_path: Path, command: tuple[str, ...]
) -> None:
    for name, path in unusable(tmp_path).items():
        at = "@" if command[-1] == "--input" else ""
        finished = cli(*command, f"{at}{path}")
        output = finished.err + finished.out
        assert finished.status in {0, 1, 2}, (name, output)
        assert all(len(line) < 1_000 for line in finished.err.splitlines()), (name, output)


def test_numbers_in_a_price_list_are_checked(cli: Cli, tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    for number in (".nan", ".inf", "-1", "1e400", "x", "[]", "9" * 400):
        prices.write_text(
            f"noted: now\nparts: {{fnf.transitions: {{per: 1, CNY: {number}, mark: verified}}}}\n"
        )
        assert_clear(cli(*PLAN, "--prices", str(prices)))
