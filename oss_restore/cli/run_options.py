"""A run's input on the command line: one option for each field of the contract."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Annotated, Any, Final, Optional, get_args, get_origin, get_type_hints

import typer

from infra.model.user_files import FileError, parse_json
from oss_restore.cli.commands.options import with_parameters
from oss_restore.cli.json_arguments import read_argument
from oss_restore.errors import ExitStatus, OperatorError
from thaw.json_reader import camel_case
from thaw.run_input import RunInput

Given = dict[str, Any]  # fields by JSON name; checked by prepareRun, which knows every rule

# Fields whose option is not simply their name.
_OPTIONS: Final = {"bucket_name": "--bucket", "storage_classes": "--storage-class"}

# Fields that this command line fills in, since it knows the deployment's region.
_FILLED_IN: Final = {"endpoint": "the region's internal one"}

InputFile = Annotated[
    str | None,
    typer.Option("--input", help="The whole input: JSON text or @FILE; options override it."),
]


def with_run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of a run's input, in place of its parameter ``given``.

    It is passed what was given on the command line, by JSON names, and nothing else: defaults are
    the deployment's business.
    """
    own = inspect.signature(command, eval_str=True, locals={"DeploymentContext": object})
    options = [_option(field) for field in fields(RunInput)]

    @functools.wraps(command)
    def with_options(**arguments: Any) -> None:
        values = {option.name: arguments.pop(option.name) for option in options}
        given = {camel_case(name): v for name, v in values.items() if v not in (None, [])}
        command(given=given, **arguments)

    parameters = [p for p in own.parameters.values() if p.name != "given"] + options
    return with_parameters(with_options, own, parameters)


def as_arguments(given: Mapping[str, object]) -> list[str]:
    """The options that give these fields, by JSON names."""
    return [
        word
        for field in fields(RunInput)
        if (value := given.get(camel_case(field.name))) is not None
        for word in _words(_name(field), value)
    ]


def _words(name: str, value: object) -> Iterator[str]:
    if isinstance(value, bool):
        yield name if value else f"--no-{name.removeprefix('--')}"
    elif isinstance(value, list | tuple):
        for one in value:
            yield from (name, str(one))
    elif isinstance(value, dict):
        yield from (name, json.dumps(value))
    else:
        yield from (name, str(value))


def _name(field: Field[Any]) -> str:
    return _OPTIONS.get(field.name, f"--{field.name.replace('_', '-')}")


def _option(field: Field[Any]) -> inspect.Parameter:
    hint = get_type_hints(RunInput)[field.name]
    name = _name(field)
    if hint is bool:
        name = f"{name}/--no-{name.removeprefix('--')}"
    kind: Any = list[str] if get_origin(hint) is tuple else hint
    if any(is_dataclass(part) for part in get_args(hint)):
        kind, option = dict, typer.Option(name, help=_help(field, hint), parser=_object)
        option.metavar = "<JSON>"
    else:
        option = typer.Option(name, help=_help(field, hint))
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[Optional[kind], option],  # noqa: UP045 - `|` is for names only
    )


def _object(text: str) -> Given:
    """An option's JSON object.

    Raises:
        ValueError: it is none, which becomes the option's usage error.
    """
    try:
        document = parse_json(text, "value")
    except FileError as error:
        raise ValueError(error.reason) from error
    if not isinstance(document, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - the usage error, too
    return document


def _help(field: Field[Any], hint: object) -> str:
    meaning: str = field.metadata["meaning"]
    default = _FILLED_IN.get(field.name) if field.default is MISSING else field.default
    if get_origin(hint) is tuple:
        meaning += "; repeatable"
        default = ", ".join(default or ())
    text = f"{meaning}; default: {default}" if default not in (None, "", False) else meaning
    return f"{text[0].upper()}{text[1:]}."


def read_input(argument: str | None) -> Given:
    """Reads ``--input``.

    Raises:
        OperatorError: it is no JSON object.
    """
    if argument is None:
        return {}
    _, document = read_argument(argument, "--input")
    if not isinstance(document, dict):
        raise OperatorError("--input is no JSON object", status=ExitStatus.USAGE)
    return document
