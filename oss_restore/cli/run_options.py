"""A run's input on the command line: one option for each field of the contract."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import click
from click import option

from oss_restore.cli.command import HeadedOption
from oss_restore.cli.json_arguments import read_argument
from oss_restore.cli.parameter_types import (
    AMOUNT,
    DAYS,
    MANIFEST,
    MOMENT,
    SECONDS,
    SIZE,
    THEN,
    WHOLE,
    bucket_and_prefix,
    complete_words,
)
from oss_restore.errors import OperatorError, UsageError
from oss_restore.language import gettext as _
from thaw.errors import InvalidInput
from thaw.json_reader import camel_case
from thaw.run_input import RunInput, input_fields
from thaw.storage_classes import ARCHIVE_CLASSES, COLD_ARCHIVE, TIERS

Given = dict[str, Any]  # fields by JSON name, which are checked by prepareRun

# Options that are not named like their fields.
_OPTIONS: Final = {"bucket_name": "--bucket", "storage_classes": "--storage-class"}

# Fields set by the command line, which knows the deployment's region.
_FILLED_IN: Final = {"endpoint": "the region's internal one"}

# Types of options that do not follow from the types of their fields.
_TYPES: Final[Mapping[str, click.ParamType[Any]]] = {
    "days": DAYS,
    "poll_interval": SECONDS,
    "min_size": SIZE,
    "max_size": SIZE,
    "modified_before": MOMENT,
    "modified_after": MOMENT,
    "manifest": MANIFEST,
    "then": THEN,
}
_COMPLETED: Final[Mapping[str, Sequence[str]]] = {
    "tier": TIERS[COLD_ARCHIVE],
    "storage_classes": ARCHIVE_CLASSES,
    "then": ("promote", "promote:IA", "copy:oss://", "copy:IA:oss://"),
}
# Additions to the help of options that accept more formats than their fields.
_EXAMPLES: Final[Mapping[str, str]] = {
    "bucket_name": "oss://my-archive/2019/",
    "manifest": "oss://my-reports/manifest.csv",
    "days": "30d",
    "poll_interval": "5min",
    "min_size": "10M",
    "max_size": "1.5G",
    "modified_before": "30d, which is 30 days ago",
    "modified_after": "2026-11-24T10:15:00Z",
    "then": "promote, promote:IA, or copy:oss://my-bucket/prefix/",
}
# Headings in the help; all other fields are under the last one.
_GROUPS: Final[Mapping[str, Sequence[str]]] = {
    "Which objects": (
        "bucket_name", "prefix", "prefixes", "manifest", "storage_classes", "include", "exclude",
        "min_size", "max_size", "modified_before", "modified_after", "versions", "marker", "until",
    ),
    "How to thaw them": (
        "tier", "days", "wait_for", "dry_run", "extend_readable", "upgrade_tier",
    ),
    "After the thaw": ("then",),
    "Speed and limits": (),
}  # fmt: skip

input_option = option(
    "--input", "input_", help="The whole input: JSON text or @FILE; options override it."
)


def run_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a run's input to a command, which receives their values as ``given``.

    ``given`` contains fields by JSON name, without defaults, which the deployment applies.
    """

    @functools.wraps(function)
    def with_input(*args: Any, **kwargs: Any) -> None:
        values = {field.name: kwargs.pop(field.name) for field in input_fields()}
        given = {camel_case(name): v for name, v in values.items() if v not in (None, ())}
        _split_bucket(given)
        try:
            function(*args, given=_lists(given), **kwargs)
        except OperatorError as error:
            if isinstance(error.__cause__, InvalidInput):
                raise _as_typed(error, given) from error.__cause__
            raise

    hints = get_type_hints(RunInput)
    decorated: Callable[..., None] = with_input
    headed = [(title, field) for title, fields_ in _group().items() for field in fields_]
    for title, field in reversed(headed):
        decorated = _option(title, field, hints[field.name])(decorated)
    return decorated


def _as_typed(error: OperatorError, given: Given) -> OperatorError:
    """Replace fields by the options that set them in an error's message."""
    options = {camel_case(field.name): _name(field) for field in input_fields()}
    typed = "|".join(name for name in options if name in given)
    messages = (
        re.sub(rf"(?<=: |; )({typed})\b", lambda name: options[name[1]], text) if typed else text
        for text in error.messages
    )
    return OperatorError(*messages, hint=error.hint, status=error.status)


def _group() -> dict[str, list[Field[Any]]]:
    """Group the contract's fields by their headings."""
    known = {field.name: field for field in input_fields()}
    groups = {title: [known.pop(name) for name in names] for title, names in _GROUPS.items()}
    groups[[*groups][-1]].extend(known.values())
    return groups


def _split_bucket(given: Given) -> None:
    """Read ``oss://BUCKET/PREFIX`` as a bucket and a prefix."""
    if "bucketName" in given:
        bucket, prefix = bucket_and_prefix(given["bucketName"], given.get("prefix", ""))
        given["bucketName"] = bucket
        if prefix:
            given["prefix"] = prefix


def _lists(given: Given) -> Given:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in given.items()}


def as_arguments(given: Mapping[str, object]) -> list[str]:
    """Convert an input, by JSON names, to options."""
    return [
        word
        for field in input_fields()
        if (value := given.get(camel_case(field.name))) is not None
        for word in _words(_name(field), value)
    ]


def _words(name: str, value: object) -> Iterator[str]:
    if isinstance(value, bool):
        yield name if value else f"--no-{name.removeprefix('--')}"
    elif isinstance(value, list | tuple):
        for item in value:
            yield from (name, str(item))
    elif isinstance(value, dict):
        yield from (name, json.dumps(value))
    else:
        yield from (name, str(value))


def _name(field: Field[Any]) -> str:
    return _OPTIONS.get(field.name, f"--{field.name.replace('_', '-')}")


def _option(
    heading: str, field: Field[Any], hint: object
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make the option of a field."""
    name, repeatable = _name(field), get_origin(hint) is tuple
    if hint is bool:
        name = f"{name}/--no-{name.removeprefix('--')}"
    words = _COMPLETED.get(field.name, ())
    return option(
        name,
        field.name,
        cls=HeadedOption,
        heading=heading,
        type=_TYPES.get(field.name) or _click_type(hint),
        multiple=repeatable,
        default=None,
        shell_complete=complete_words(words) if words else None,
        help=_help(field, hint),
    )


def _click_type(hint: object) -> click.ParamType[Any]:
    """Return the type of the option for the type of a field."""
    if get_origin(hint) is Literal:
        return click.Choice(get_args(hint))
    simple = {*(get_args(hint) or (hint,))} - {type(None)}
    if simple == {bool}:
        return click.BOOL
    if simple == {int}:
        return WHOLE
    return AMOUNT if simple == {float} else click.STRING


def _help(field: Field[Any], hint: object) -> str:
    meaning: str = field.metadata["meaning"]
    default = _FILLED_IN.get(field.name) if field.default is MISSING else field.default
    if get_origin(hint) is tuple:
        meaning += "; repeatable"
        default = ", ".join(default or ())
    if field.name in _EXAMPLES:
        meaning += f"; such as {_EXAMPLES[field.name]}"
    if field.metadata.get("chosen"):
        default = "chosen"
    text = f"{meaning}; default: {default}" if default not in (None, "", False) else meaning
    return f"{text[0].upper()}{text[1:]}."


def read_input(argument: str | None) -> Given:
    """Read ``--input``.

    Raises:
        OperatorError: it is not a JSON object.
    """
    if argument is None:
        return {}
    _text, document = read_argument(argument, "--input")
    if not isinstance(document, dict):
        raise UsageError(_("--input is not a JSON object"))
    return document
