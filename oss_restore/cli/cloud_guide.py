"""The guide printed by ``oss-restore cloud``: how to use the cloud from another shell."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from oss_restore.cli.console import err
from oss_restore.clients.target import LocalEndpoints, read_endpoints
from oss_restore.language import gettext as _


def print_guide(
    endpoints_file: Path, environment: str = "", own: Mapping[str, str] | None = None
) -> None:
    """Print the variables of a shell that uses the cloud, and the next commands.

    Args:
        endpoints_file: the cloud's endpoints file.
        environment: environment that can be deployed; empty if there is none.
        own: further variables of the environment.
    """
    endpoints = read_endpoints(endpoints_file)
    variables = {
        "OSS_RESTORE_CLOUD": str(endpoints_file.absolute()),
        **(own or {}),
        "TF_REATTACH_PROVIDERS": endpoints.tf_reattach_providers,
        "CHECKPOINT_DISABLE": "1",
    }
    err.print_line(_("Ready. In another shell, in the project's folder:"), style="bold")
    _print_exports(variables)
    if environment:
        err.print_line(_("Then deploy into it, and use it:"))
        for command in (
            f"cdktf deploy {environment} --skip-provider-lock",
            f"oss-restore doctor {environment}",
            f"oss-restore console {environment}",
        ):
            err.print_line(f"  {command}")
    else:
        err.print_line(
            _("To deploy an environment of your own into it, start it with --environment.")
        )
    _print_real_names(endpoints)
    err.print_line(_("Ctrl-C ends it."))


def _print_real_names(endpoints: LocalEndpoints) -> None:
    err.print_line(_("For programs that know only Alibaba Cloud's own host names:"))
    names = {"HTTPS_PROXY": endpoints.https_proxy, "SSL_CERT_FILE": endpoints.ca_file}
    _print_exports(names)


def _print_exports(variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        err.print_line(f"  export {name}={shlex.quote(value)}")
