"""Options and arguments that several commands share."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec

import click
from click import argument, option

from oss_restore.cli.command import HeadedOption
from oss_restore.cli.parameter_types import complete_words
from thaw.storage_classes import COLD_ARCHIVE, TIERS

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext
    from thaw.prices import Currency

P = ParamSpec("P")

DEFAULT_FOLDER: Final = Path("environments")
FILE: Final = click.Path(path_type=Path)
_COMPLETED_RUNS: Final = 20
# The parameters that name a deployment, which are the fields of DeploymentContext.
_NAMING: Final = ("environment", "folder", "outputs", "flow", "region", "cloud")


def environments_folder(context: click.Context) -> Path:
    """Return the folder of the environment files from the arguments parsed so far."""
    named = context.params.get("folder") or os.environ.get("OSS_RESTORE_ENVIRONMENTS")
    return Path(named or DEFAULT_FOLDER)


def complete_environment(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete the name of an environment."""
    return sorted(
        path.stem
        for path in environments_folder(context).glob("*.yaml")
        if path.stem.startswith(incomplete) and not path.stem.startswith("_")
    )


def complete_run(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of a run of the deployment that the arguments name so far."""
    from oss_restore.clients.context import DeploymentContext
    from oss_restore.errors import OperatorError
    from oss_restore.runs.run_list import runs_before

    named: dict[str, Any] = {name: context.params.get(name) for name in _NAMING}
    # Click does not parse the arguments while the option that is being completed has no value.
    named["environment"] = named["environment"] or next(iter(context.args), None)
    try:
        deployment = DeploymentContext(**{**named, "folder": environments_folder(context)})
        runs, _ = runs_before(
            deployment.workflow, deployment.deployment.main_flow, None, _COMPLETED_RUNS
        )
    except OperatorError:
        return []  # a completion cannot show the message
    names = (run.execution.name for run in runs)
    return [name for name in names if name.startswith(incomplete)]


_folder_option = partial(
    option,
    "--environments",
    "folder",
    type=FILE,
    default=DEFAULT_FOLDER,
    show_default=True,
    envvar="OSS_RESTORE_ENVIRONMENTS",
    show_envvar=True,
    help="Folder of the environment files.",
)
folder_option = _folder_option()


@dataclass(frozen=True)
class StartOptions:
    """The options for starting a run.

    Attributes:
        name: name of the run; None for a new name.
        yes: whether the run is confirmed.
        no_plan: whether to start it without reading the bucket for a plan.
        prices: a custom price list.
        currency: currency of the plan.
        wait: whether to follow the run to its end.
        as_json: whether to print JSON.
    """

    name: str | None = None
    yes: bool = False
    no_plan: bool = False
    prices: Path | None = None
    currency: Currency = "CNY"
    wait: bool = False
    as_json: bool = False


json_option = option("--json", "as_json", is_flag=True, help="Print one JSON object, for scripts.")
yes_option = option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
run_option = option(
    "--run", shell_complete=complete_run, help="Name of the run; default: the last run."
)
tier_option = partial(option, "--tier", shell_complete=complete_words(TIERS[COLD_ARCHIVE]))
prices_option = option(
    "--prices",
    type=FILE,
    envvar="OSS_RESTORE_PRICES",
    show_envvar=True,
    help="A price list of your own; missing prices come from the built-in one.",
)
currency_option = option(
    "--currency",
    type=click.Choice(["CNY", "USD"]),
    default="CNY",
    show_default=True,
    help="Currency of the prices.",
)
all_option = option(
    "--all", "every", is_flag=True, help="Cover all environments in the folder, side by side."
)
set_option = option(
    "--set",
    "set_",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a switch or a limit of the local cloud; repeatable.",
)
_environment_argument = partial(
    argument,
    "environment",
    shell_complete=complete_environment,
    help="Name of a file in the folder of environments, without .yaml.",
)
environment_argument = _environment_argument()


def start_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options for starting a run to a command, which receives them as one argument."""

    @functools.wraps(function)
    def with_options(*args: Any, **kwargs: Any) -> None:
        values: dict[str, Any] = {
            field.name: kwargs.pop(field.name) for field in fields(StartOptions)
        }
        function(*args, options=StartOptions(**values), **kwargs)

    decorated: Callable[..., None] = with_options
    for add in reversed(_START):
        decorated = add(decorated)
    return decorated


def deployment_options(
    function: Callable[Concatenate[DeploymentContext, P], None],
) -> Callable[P, None]:
    """Add the arguments that name a deployment to a command, which receives them as a context."""

    @functools.wraps(function)
    def with_context(*args: P.args, **kwargs: P.kwargs) -> None:
        from oss_restore.clients.context import DeploymentContext

        named: dict[str, Any] = {name: kwargs.pop(name) for name in _NAMING}
        function(DeploymentContext(**named), *args, **kwargs)

    decorated: Callable[P, None] = with_context
    for add in reversed(_DEPLOYMENT):
        decorated = add(decorated)
    return decorated


_START: Final = (
    option("--name", help="Name of the new run; the same name never starts two runs."),
    yes_option,
    option("--no-plan", is_flag=True, help="Do not read the bucket first; needs --yes."),
    prices_option,
    currency_option,
    option("--wait", is_flag=True, help="Show progress, and wait for the end."),
    json_option,
)
_option = partial(option, cls=HeadedOption)
_DEPLOYMENT: Final = (
    _environment_argument(required=False),
    _folder_option(cls=HeadedOption),
    _option(
        "--outputs",
        type=FILE,
        envvar="OSS_RESTORE_OUTPUTS",
        show_envvar=True,
        help="Outputs of the deployment, as written by cdktf or terraform; default: those in the"
        " environment's Terraform state.",
    ),
    _option("--flow", help="Name of the main flow, in place of an environment."),
    _option("--region", help="Region of the flow named by --flow."),
    _option(
        "--cloud",
        type=FILE,
        envvar="OSS_RESTORE_CLOUD",
        show_envvar=True,
        help="Endpoints file of a local cloud, called in place of Alibaba Cloud.",
    ),
)
