"""``oss-restore bootstrap``: what an account needs once, before anything is deployed to it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from oss_restore.cli.commands.environments import Patterns, load
from oss_restore.cli.commands.options import DEFAULT_FOLDER, Folder
from oss_restore.errors import ExitStatus, OperatorError

EXAMPLES = (
    "oss-restore bootstrap --pipeline-role acs:ram::1234567890123456:role/pipeline",
    (
        "oss-restore bootstrap --pipeline-role acs:ram::1234567890123456:role/pipeline "
        "--oidc-provider github --github me/repository"
    ),
)

_ROLE = re.compile(r"acs:ram::[0-9]{16}:role/[A-Za-z0-9.-]{1,57}")  # its reader has 7 more


def bootstrap(
    environments: Patterns = None,
    folder: Folder = DEFAULT_FOLDER,
    pipeline_role: Annotated[
        str, typer.Option(help="ARN of the role that the pipeline works as.", show_default=False)
    ] = "",
    oidc_provider: Annotated[
        str, typer.Option(help="Make that role, for tokens of an identity provider of this name.")
    ] = "",
    oidc_issuer: Annotated[
        str, typer.Option(help="URL of who signs the tokens; default: GitHub Actions.")
    ] = "https://token.actions.githubusercontent.com",
    oidc_audience: Annotated[str, typer.Option(help="Whom the tokens are for.")] = (
        "sts.aliyuncs.com"
    ),
    github: Annotated[
        str,
        typer.Option(
            metavar="ORGANISATION/REPOSITORY",
            help="Repository of GitHub's: its environments deploy, its pull requests plan.",
        ),
    ] = "",
    branch: Annotated[str, typer.Option(help="Branch that the repository deploys from.")] = "main",
    oidc_subject: Annotated[
        list[str] | None,
        typer.Option(help="Subject of tokens that may deploy, as it is; repeatable."),
    ] = None,
    reader_subject: Annotated[
        list[str] | None,
        typer.Option(help="Subject of tokens that may only plan; * is a wildcard; repeatable."),
    ] = None,
    oidc_fingerprint: Annotated[
        list[str] | None, typer.Option(help="Of the issuer's certificates; repeatable.")
    ] = None,
    output: Annotated[
        Path, typer.Option(help="Where the Terraform files go, in a folder for each account.")
    ] = Path("bootstrap"),
) -> None:
    """Write Terraform files for state, lock, pipeline roles and deployer roles, by account.

    They are applied once, by somebody who administers the account; and again when what is deployed
    needs other rights.
    """
    from infra.bootstrap import BootstrapError, Oidc, Pipeline, github_subjects
    from infra.bootstrap import bootstrap as configurations

    if not _ROLE.fullmatch(pipeline_role):
        raise OperatorError(
            "which role does the pipeline work as? Say --pipeline-role acs:ram::ACCOUNT:role/NAME",
            hint="its account is the one that keeps the state; with --oidc-provider it is made",
            status=ExitStatus.USAGE,
        )
    loaded = load(environments, folder)
    deploy, plan = tuple(oidc_subject or ()), tuple(reader_subject or ())
    if github:
        of_deploy, of_plan = github_subjects(github, loaded, branch)
        deploy, plan = (*of_deploy, *deploy), (*of_plan, *plan)
    if oidc_provider and not (deploy and plan):
        raise OperatorError(
            "without subjects anybody with a token of that issuer could deploy",
            hint="say --github ORGANISATION/REPOSITORY, or --oidc-subject and --reader-subject",
            status=ExitStatus.USAGE,
        )
    try:
        oidc = None
        if oidc_provider:
            fingerprints = tuple(oidc_fingerprint or ())
            oidc = Oidc(oidc_provider, oidc_issuer, oidc_audience, deploy, plan, fingerprints)
        found = configurations(loaded, Pipeline(pipeline_role, oidc))
    except BootstrapError as error:
        raise OperatorError(str(error), status=ExitStatus.USAGE) from error
    for account, document in found.items():
        file = output / account / "main.tf.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        typer.echo(str(file))
