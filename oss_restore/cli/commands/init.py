"""``oss-restore init``: write a new environment file."""

from __future__ import annotations

from pathlib import Path

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import FILE, folder_option
from oss_restore.language import gettext as _

EXAMPLES = (
    "oss-restore init prod",
    (
        "oss-restore init prod --account 1234567890123456 --region cn-hangzhou "
        "--bucket oss://my-archive/2019/"
    ),
)


@command(EXAMPLES)
@click.argument("name", default="dev", help="Name of the new environment; default: dev.")
@click.option("--account", help="ID of the main account.")
@click.option("--region", help="Region of the deployment.")
@click.option(
    "--bucket",
    "buckets",
    multiple=True,
    help="A bucket that runs may thaw, or oss://bucket/prefix; repeatable.",
)
@click.option("--report-bucket", help="An existing bucket for reports; default: a new one.")
@click.option("--yes", "-y", is_flag=True, help="Overwrite an existing file.")
@folder_option
@click.option(
    "--cloud",
    type=FILE,
    envvar="OSS_RESTORE_CLOUD",
    show_envvar=True,
    help="Endpoints file of a local cloud, whose buckets are offered.",
)
def init(
    name: str,
    *,
    account: str | None,
    region: str | None,
    buckets: tuple[str, ...],
    report_bucket: str | None,
    yes: bool,
    folder: Path,
    cloud: Path | None,
) -> None:
    """Write a new environment file, and show the next steps.

    Asks for whatever the options leave open, and offers the buckets that the credentials can list.
    """
    from infra.model.field_types import EnvironmentName
    from oss_restore.cli.confirmation import confirm, require_confirmation
    from oss_restore.cli.console import err, out
    from oss_restore.cli.environment_questions import ask_for, validate
    from oss_restore.cli.environment_template import checked_text
    from oss_restore.cli.interrupts import interrupted

    path = folder / f"{validate(name, EnvironmentName)}.yaml"
    if path.exists():
        require_confirmation(yes=yes)
    try:
        new = ask_for(
            name,
            account=account,
            region=region,
            buckets=buckets,
            report_bucket=report_bucket,
            cloud=cloud,
        )
    except click.Abort as error:
        raise interrupted(_("nothing was done")) from error
    text = checked_text(new, folder)
    if path.exists():
        confirm(lambda: _("{path} will be overwritten.").format(path=path), yes=yes)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    out.print_line(str(path))
    err.print_line(_("Next, rehearse it on this machine, in a checkout of the project:"))
    err.print_line(f"  oss-restore rehearse --environment {name}")
    err.print_line(_("Then review the plan and deploy:"))
    for line in (f"cdktf diff {name}", f"cdktf deploy {name}"):
        err.print_line(f"  {line}")
    err.print_line(_("Then see what a run would find, take and cost:"))
    err.print_line(f"  oss-restore plan {name} --bucket {new.places[0]}")
