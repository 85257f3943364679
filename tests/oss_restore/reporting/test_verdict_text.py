"""Agreement of the verdict and the command line."""

from __future__ import annotations

from oss_restore.errors import ExitStatus
from thaw.verdict import ExitCode


def test_the_exit_codes_of_verdicts_are_exit_codes_of_the_command_line() -> None:
    assert {int(code) for code in ExitCode} < {int(status) for status in ExitStatus}
