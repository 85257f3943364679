"""``oss-restore bootstrap``: write what an account needs before its first deployment."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from oss_restore.cli.command import command
from oss_restore.cli.environments import environments_argument, load
from oss_restore.cli.options import FILE, folder_option
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _

EXAMPLES = (
    "oss-restore bootstrap --pipeline-role acs:ram::1234567890123456:role/pipeline",
    (
        "oss-restore bootstrap --pipeline-role acs:ram::1234567890123456:role/pipeline "
        "--oidc-provider github --github me/repository"
    ),
)

# "-reader" is appended for a second role, and role names have at most 64 characters.
_ROLE = re.compile(r"acs:ram::[0-9]{16}:role/[A-Za-z0-9.-]{1,57}")


@command(EXAMPLES)
@environments_argument
@folder_option
@click.option("--pipeline-role", default="", help="ARN of the pipeline's role.")
@click.option(
    "--oidc-provider",
    default="",
    help="Create that role, for tokens of the identity provider with this name.",
)
@click.option(
    "--oidc-issuer",
    default="https://token.actions.githubusercontent.com",
    show_default=True,
    help="URL of the tokens' issuer; default: GitHub Actions.",
)
@click.option(
    "--oidc-audience",
    default="sts.aliyuncs.com",
    show_default=True,
    help="Audience of the tokens.",
)
@click.option(
    "--github",
    default="",
    metavar="ORGANISATION/REPOSITORY",
    help="A GitHub repository: its environments deploy, its pull requests plan.",
)
@click.option(
    "--branch", default="main", show_default=True, help="Branch that the repository deploys from."
)
@click.option(
    "--oidc-subject",
    multiple=True,
    help="Subject of tokens that may deploy, taken literally; repeatable.",
)
@click.option(
    "--reader-subject",
    multiple=True,
    help="Subject of tokens that may only plan; * is a wildcard; repeatable.",
)
@click.option(
    "--oidc-fingerprint",
    multiple=True,
    help="Fingerprint of a certificate of the issuer; repeatable.",
)
@click.option(
    "--output",
    type=FILE,
    default=Path("bootstrap"),
    show_default=True,
    help="Where the Terraform files go, in a folder for each account.",
)
def bootstrap(
    *,
    environments: tuple[str, ...],
    folder: Path,
    pipeline_role: str,
    oidc_provider: str,
    oidc_issuer: str,
    oidc_audience: str,
    github: str,
    branch: str,
    oidc_subject: tuple[str, ...],
    reader_subject: tuple[str, ...],
    oidc_fingerprint: tuple[str, ...],
    output: Path,
) -> None:
    """Write Terraform files for state, lock, pipeline roles and deployer roles, by account.

    An administrator of the account applies them once, and again when a deployment needs other
    permissions.
    """
    from infra.bootstrap import BootstrapError, Oidc, Pipeline, github_subjects
    from infra.bootstrap import bootstrap as configurations
    from oss_restore.cli.console import out

    if not _ROLE.fullmatch(pipeline_role):
        raise UsageError(
            _("name the role of the pipeline: --pipeline-role acs:ram::ACCOUNT:role/NAME"),
            hint=_(
                "its account keeps the Terraform state; with --oidc-provider the role is created"
            ),
        )
    loaded = load(environments, folder)
    deploy, plan = oidc_subject, reader_subject
    if github:
        of_deploy, of_plan = github_subjects(github, loaded, branch)
        deploy, plan = (*of_deploy, *deploy), (*of_plan, *plan)
    if oidc_provider and not (deploy and plan):
        raise UsageError(
            _("without subjects, anybody with a token of that issuer could deploy"),
            hint=_("add --github ORGANISATION/REPOSITORY, or --oidc-subject and --reader-subject"),
        )
    try:
        oidc = None
        if oidc_provider:
            oidc = Oidc(oidc_provider, oidc_issuer, oidc_audience, deploy, plan, oidc_fingerprint)
        documents = configurations(loaded, Pipeline(pipeline_role, oidc))
    except BootstrapError as error:
        raise UsageError(str(error)) from error
    for account, document in documents.items():
        file = output / account / "main.tf.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        out.print_line(str(file))
