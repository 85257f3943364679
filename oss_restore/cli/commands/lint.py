"""``oss-restore lint``: find faults in any flow definition."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from infra.model.user_files import FileError, read_text
from oss_restore.cli.command import command
from oss_restore.cli.options import FILE, json_option
from oss_restore.errors import ExitStatus, UsageError
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from fdl.lint import Finding

EXAMPLES = ("oss-restore lint flow.yaml",)


@command(EXAMPLES)
@click.argument("files", required=False, nargs=-1, type=FILE, help="Flow definitions (FDL v1).")
@click.option("--rules", is_flag=True, help="Print the rules and stop.")
@json_option
def lint(*, files: tuple[Path, ...], rules: bool, as_json: bool) -> None:
    """Check flow definitions. Exits 1 if any has an error; warnings do not count."""
    from fdl.lint import lint as lint_flow
    from oss_restore.cli.console import out, print_json

    if rules:
        _print_rules()
        return
    if not files:
        raise UsageError(_("name a file to check"))
    findings = {str(path): lint_flow(_read(path)) for path in files}
    if as_json:
        print_json({path: [_as_dict(f) for f in of_file] for path, of_file in findings.items()})
    else:
        for path, of_file in findings.items():
            for finding in of_file:
                out.print_line(
                    f"{path}:{finding.line}: {finding.severity}: {finding.message} "
                    f"[{finding.rule}] at {finding.where}"
                )
    if any(f.severity == "error" for of_file in findings.values() for f in of_file):
        raise click.exceptions.Exit(ExitStatus.FAILED)


def _read(path: Path) -> str:
    try:
        return read_text(path)
    except FileError as error:
        raise UsageError(str(error)) from error


def _as_dict(finding: Finding) -> dict[str, object]:
    return {
        "line": finding.line,
        "where": finding.where,
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
    }


def _print_rules() -> None:
    from rich.table import Table

    from fdl.lint import RULES
    from oss_restore.cli.console import out

    table = Table("rule", "severity", "what it finds")
    for rule in RULES:
        table.add_row(rule.id, rule.severity, rule.description)
    out.print(table)
