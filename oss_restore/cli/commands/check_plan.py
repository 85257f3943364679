"""``oss-restore check-plan``: check a Terraform plan against the policy rules."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import FILE, json_option
from oss_restore.errors import ExitStatus, UsageError
from oss_restore.language import gettext as _

EXAMPLES = ("oss-restore check-plan tfplan.json --require-tag team",)


@command(EXAMPLES)
@click.argument(
    "file",
    required=False,
    type=FILE,
    help="Output of terraform show -json TFPLAN, or a cdk.tf.json.",
)
@click.option(
    "--require-tag",
    multiple=True,
    help="A tag that resources must have in addition to ours; repeatable.",
)
@click.option("--bootstrap", is_flag=True, help="The plan is for the files that bootstrap writes.")
@click.option("--rules", is_flag=True, help="Print the rules and stop.")
@json_option
def check_plan(
    *,
    file: Path | None,
    require_tag: tuple[str, ...],
    bootstrap: bool,
    rules: bool,
    as_json: bool,
) -> None:
    """Check a plan against the policy rules. Exits 1 if any resource breaks one."""
    from infra.plan_checks.rules import check_plan as violations_of
    from infra.plan_checks.terraform_plan import InvalidPlanError, read_plan
    from oss_restore.cli.console import err, out, print_json

    if rules:
        _print_rules()
        return
    if file is None:
        raise UsageError(_("name a plan to check"))
    try:
        resources = read_plan(file)
    except InvalidPlanError as error:
        raise UsageError(f"{file}: {error}") from error
    violations = violations_of(resources, require_tag, of_bootstrap=bootstrap)
    if as_json:
        documents = [asdict(violation) for violation in violations]
        print_json({"resources": len(resources), "violations": documents})
    else:
        for violation in violations:
            out.print_line(str(violation))
        err.print_line(f"{len(resources)} resources, {len(violations)} violations")
    if violations:
        raise click.exceptions.Exit(ExitStatus.FAILED)


def _print_rules() -> None:
    from rich.table import Table

    from infra.plan_checks.rules import RULES
    from oss_restore.cli.console import out

    table = Table("rule", "what must hold")
    for rule in RULES:
        table.add_row(rule.id, rule.description)
    out.print(table)
