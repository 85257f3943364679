"""Options that several commands share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

DEFAULT_FOLDER: Final = Path("environments")


def environment_names(incomplete: str) -> list[str]:
    """What a shell completes an environment's name to."""
    return sorted(
        path.stem
        for path in DEFAULT_FOLDER.glob("*.yaml")
        if path.stem.startswith(incomplete) and not path.stem.startswith("_")
    )


Folder = Annotated[
    Path,
    typer.Option(
        "--environments",
        envvar="OSS_RESTORE_ENVIRONMENTS",
        help="Folder of the environment files.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Name = Annotated[
    str | None, typer.Option(help="Name of the new run: the same name never starts two.")
]
Wait = Annotated[bool, typer.Option("--wait", help="Show progress and wait for the end.")]
Run = Annotated[str | None, typer.Option("--run", help="Its name; default: the last run.")]

_Environment = Annotated[
    str | None,
    typer.Argument(
        help="Environment: a file of environments/, without .yaml.",
        autocompletion=environment_names,
    ),
]
_Outputs = Annotated[
    Path | None,
    typer.Option(
        envvar="OSS_RESTORE_OUTPUTS",
        help="Outputs of the deployment, as cdktf or terraform writes them; without it, those in"
        " the environment's Terraform state.",
    ),
]
_Flow = Annotated[
    str | None, typer.Option("--flow", help="The main flow's name, in place of an environment.")
]
_Region = Annotated[str | None, typer.Option(help="Region of the flow named by --flow.")]
_Cloud = Annotated[
    Path | None,
    typer.Option(
        "--cloud",
        envvar="OSS_RESTORE_CLOUD",
        help="Endpoints file of a local cloud; without it, Alibaba Cloud is called.",
    ),
]


def with_deployment(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the arguments that name a deployment, in place of its parameter ``context``.

    It is passed a :class:`oss_restore.clients.context.DeploymentContext`.
    """
    # Commands import the context when they run, and help need not wait for what is behind it.
    own = inspect.signature(command, eval_str=True, locals={"DeploymentContext": object})
    named = [
        _parameter("environment", _Environment),
        _parameter("folder", Folder, DEFAULT_FOLDER),
        _parameter("outputs", _Outputs),
        _parameter("flow", _Flow),
        _parameter("region", _Region),
        _parameter("cloud", _Cloud),
    ]

    @functools.wraps(command)
    def with_arguments(**arguments: Any) -> None:
        from oss_restore.clients.context import DeploymentContext

        context = DeploymentContext(
            **{parameter.name: arguments.pop(parameter.name) for parameter in named}
        )
        command(context=context, **arguments)

    others = [parameter for parameter in own.parameters.values() if parameter.name != "context"]
    return with_parameters(with_arguments, own, [*named, *others])


def with_parameters(
    command: Callable[..., None],
    signature: inspect.Signature,
    parameters: list[inspect.Parameter],
) -> Callable[..., None]:
    """Gives a command other parameters than it is written with, where typer looks for them."""
    # All by name, so that one with a default may stand before one without.
    by_name = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    vars(command)["__signature__"] = signature.replace(parameters=by_name)
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in by_name}
    return command


def _parameter(name: str, annotation: object, default: object = None) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )
