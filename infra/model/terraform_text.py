"""Encodes values as Terraform JSON, in which every string is a template and must be escaped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Final, Union

Encoded = Union[str, int, float, bool, None, list["Encoded"], dict[str, "Encoded"]]  # noqa: UP007 - "|" takes no forward references

_UNFIT: Final = re.compile("[\ud800-\udfff\ufeff]")  # lone surrogates, byte order mark
_TEMPLATE_STARTS: Final = re.compile(r"[$%](?=\{)")

# Strings that CDKTF would mistake for its own tokens: by name and as negative numbers (cdktf 0.21,
# lib/tokens/private/encoding.js and token.js), and jsii's markers.
_TOKENS: Final = (
    (re.compile(r"TfToken(?=\[)"), '${"TfToken"}'),
    (re.compile(r"(-[-|\d.+]*)e(?=[-|\d.eE+])"), r'\1${"e"}'),
    (re.compile(r"(?<=j)sii(?=\.)"), '${"sii"}'),
    (re.compile(r"\A(String|Any) Map Token Value\Z"), r'\1${" "}Map Token Value'),
)


@dataclass(frozen=True)
class Variable:
    """A Terraform variable: a value passed in at deployment."""

    name: str

    @property
    def template(self) -> str:
        return f"${{var.{self.name}}}"


@dataclass(frozen=True)
class Attribute:
    """An attribute of another resource. Its address never comes from user input."""

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
    """Yield strings that Terraform would alter, each with its location and the problem.

    Terraform normalizes every string to Unicode NFC, which would change a prefix.
    """
    match value:
        case str():
            if not unicodedata.is_normalized("NFC", value):
                yield (
                    location,
                    f"{value!a} is not in Unicode's normal form NFC, which Terraform requires",
                )
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
    """Escape a string so that the template evaluates to exactly this string."""
    escaped = _TEMPLATE_STARTS.sub(r"\g<0>\g<0>", text)
    for token, replacement in _TOKENS:
        escaped = token.sub(replacement, escaped)
    return escaped


def encode(value: object) -> Encoded:
    """Encode a value of dataclasses, maps, lists and strings as Terraform JSON.

    Raises:
        TypeError: the value has any other type.
    """
    match value:
        case Variable() | Attribute() | Suffixed():
            return value.template
        case str():
            return literal(value)
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {literal(str(key)): encode(inner) for key, inner in value.items()}
        case Sequence():
            return [encode(inner) for inner in value]
        case _:
            return arguments(value)


def arguments(body: object) -> dict[str, Encoded]:
    """Encode the fields of a dataclass as Terraform JSON.

    Raises:
        TypeError: the value is not a dataclass.
    """
    if not is_dataclass(body):
        raise TypeError(f"{type(body).__name__} is not a Terraform value")
    return {field.name: encode(getattr(body, field.name)) for field in fields(body)}
