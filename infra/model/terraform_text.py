"""Terraform's JSON, in which every string is a template: strings are escaped here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Final, Union

# A string stands for the type itself, which "|" cannot join at run time.
Encoded = Union[str, int, float, bool, None, list["Encoded"], dict[str, "Encoded"]]  # noqa: UP007

_UNFIT: Final = re.compile("[\ud800-\udfff\ufeff]")  # half a character, a byte order mark
_TEMPLATE_STARTS: Final = re.compile(r"[$%](?=\{)")

# What the development kit takes for its own tokens inside a string: by name and as
# negative numbers (cdktf 0.21, lib/tokens/private/encoding.js and token.js), and jsii's marks.
_TOKENS: Final = (
    (re.compile(r"TfToken(?=\[)"), '${"TfToken"}'),
    (re.compile(r"(-[-|\d.+]*)e(?=[-|\d.eE+])"), r'\1${"e"}'),
    (re.compile(r"(?<=j)sii(?=\.)"), '${"sii"}'),
    (re.compile(r"\A(String|Any) Map Token Value\Z"), r'\1${" "}Map Token Value'),
)


@dataclass(frozen=True)
class Variable:
    """A Terraform variable, by name: a value passed in at deployment."""

    name: str

    @property
    def template(self) -> str:
        return f"${{var.{self.name}}}"


@dataclass(frozen=True)
class Attribute:
    """An attribute of another resource, by its address. Never built from user input."""

    address: str

    @property
    def template(self) -> str:
        return f"${{{self.address}}}"


@dataclass(frozen=True)
class Suffixed:
    """A string followed by a variable's value."""

    text: str
    suffix: Variable

    @property
    def template(self) -> str:
        return f"{literal(self.text)}{self.suffix.template}"


def unfit_texts(
    value: object, location: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Strings that Terraform would alter, each with its location and what is wrong.

    Terraform normalizes every string to Unicode NFC, which would change a prefix.
    """
    match value:
        case str():
            if not unicodedata.is_normalized("NFC", value):
                yield location, f"{value!a} is not in Unicode's form NFC, as Terraform needs"
            elif unfit := _UNFIT.search(value):
                yield location, f"{unfit[0]!a} is not allowed in a Terraform string"
        case Mapping():
            for key, inner in value.items():
                yield from unfit_texts(key, (*location, key))
                yield from unfit_texts(inner, (*location, key))
        case Sequence():
            for index, inner in enumerate(value):
                yield from unfit_texts(inner, (*location, index))


def literal(text: str) -> str:
    """A string as a template that evaluates to exactly this string."""
    escaped = _TEMPLATE_STARTS.sub(r"\g<0>\g<0>", text)
    for token, replacement in _TOKENS:
        escaped = token.sub(replacement, escaped)
    return escaped


def encoded(value: object) -> Encoded:
    """A value made of dataclasses, maps, lists and strings, as Terraform's JSON.

    Raises:
        TypeError: the value is of any other type.
    """
    match value:
        case Variable() | Attribute() | Suffixed():
            return value.template
        case str():
            return literal(value)
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {literal(str(key)): encoded(inner) for key, inner in value.items()}
        case Sequence():
            return [encoded(inner) for inner in value]
        case _:
            return arguments(value)


def arguments(body: object) -> dict[str, Encoded]:
    """The fields of a dataclass as Terraform's JSON.

    Raises:
        TypeError: it is not a dataclass.
    """
    if not is_dataclass(body):
        raise TypeError(f"{type(body).__name__} is not a Terraform value")
    return {field.name: encoded(getattr(body, field.name)) for field in fields(body)}
