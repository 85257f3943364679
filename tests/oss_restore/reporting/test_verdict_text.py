"""The verdict and the command line agree."""

from __future__ import annotations

from oss_restore.errors import ExitStatus
from thaw.verdict import ExitCode


def test_a_verdicts_exit_codes_are_those_of_the_command_line() -> None:
    assert {int(code) for code in ExitCode} < {int(status) for status in ExitStatus}
