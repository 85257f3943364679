"""Paths, which refer to a flow's data: ``$input.files[0]``, ``$local[*].value``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Literal, TypeAlias, get_args

from fdl.errors import EvaluationError, ExpressionSyntaxError, MissingKeyError
from fdl.semantics import Semantics
from fdl.values import Json, type_name

Root: TypeAlias = Literal["$", "$input", "$local", "$context"]
EACH: Final = "[*]"  # cannot be a key
ROOTS: Final[tuple[Root, ...]] = get_args(Root)

_ROOT = re.compile(r"\$\w*")
_PART = re.compile(r"\.(?P<key>[^\W\d]\w*)|\[(?P<index>[0-9]+)\]|(?P<each>\[\*\])")
_LONGEST_INDEX = 9  # digits
_KEYS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled path. Two paths are equal if their source strings are.

    Attributes:
        text: the source string.
        root: ``$`` is the step's own input; the other roots are for mappings.
        parts: keys, indices, and ``EACH`` for ``[*]``.
    """

    text: str
    root: Root = field(compare=False)
    parts: tuple[str | int, ...] = field(compare=False)

    @classmethod
    def parse(cls, text: str) -> Path:
        """Compile a path.

        Raises:
            ExpressionSyntaxError: the text is not a path.
        """
        match = _ROOT.match(text)
        root = next((root for root in ROOTS if match and match.group() == root), None)
        if match is None or root is None:
            raise ExpressionSyntaxError(
                f"{text!r} is not a path: it starts with none of {_ROOT_LIST}"
            )
        parts: list[str | int] = []
        position = match.end()
        while position < len(text):
            part = _PART.match(text, position)
            if part is None or len(part["index"] or "") > _LONGEST_INDEX:
                raise ExpressionSyntaxError(
                    f"{text!r} is not a path: expected .key, [0] or [*] at {text[position:]!r}"
                )
            parts.append(part["key"] or part["each"] or int(part["index"]))
            position = part.end()
        return cls(text, root, tuple(parts))

    @property
    def key(self) -> str | None:
        """The first key in the path, if any."""
        first = self.parts[0] if self.parts else None
        return first if isinstance(first, str) and first != EACH else None

    def __str__(self) -> str:
        return self.text

    def find(self, document: Json, semantics: Semantics) -> Json:
        """Return the value that the path points to.

        Args:
            document: the value of the path's root.
            semantics: what an index beyond the end of a list returns.

        Raises:
            MissingKeyError: a key is missing.
            EvaluationError: the path indexes something that is not a list, or beyond its end.
        """
        if EACH in self.parts:
            return self._project(document, semantics)
        value = document
        for part in self.parts:
            if type(part) is int:
                value = self._item(value, part, semantics)
            elif type(value) is dict and part in value:
                value = value[part]
            else:
                raise MissingKeyError(f"{self.text}: {_no_key(value, str(part))}")
        return value

    def read(self, document: Json, semantics: Semantics) -> Json:
        """Return the value that the path points to, as mappings and step fields read it.

        Like ``find``, except that the semantics may make a missing key read as null. A key missing
        from ``$context``, which the service provides, is always an error. With ``omit`` the caller
        must catch the error.
        """
        try:
            return self.find(document, semantics)
        except MissingKeyError:
            if semantics.missing_key_in_mapping != "null" or self.root == "$context":
                raise
            return None

    def _item(self, value: Json, index: int, semantics: Semantics) -> Json:
        if isinstance(value, dict) and str(index) in value:  # objects may have digits as keys
            return value[str(index)]
        if not isinstance(value, list):
            raise EvaluationError(
                f"{self.text}: [{index}] of {type_name(value)}, which is not a list"
            )
        if index < len(value):
            return value[index]
        if semantics.index_out_of_range == "error":
            raise EvaluationError(f"{self.text}: [{index}] is beyond the list's {len(value)} items")
        return None

    def _project(self, document: Json, semantics: Semantics) -> list[Json]:
        """Return everything that a path with ``[*]`` matches, and skip the rest.

        A missing key, or a value without items, gives an empty list (jsonpath's rule). The items of
        an object come in the order of its keys; in jsonpath their order is random.
        """
        matched: list[Json] = [document]
        for part in self.parts:
            matched = [match for value in matched for match in _matches(value, part, semantics)]
        return matched


_ROOT_LIST = ", ".join(ROOTS)


def _matches(value: Json, part: str | int, semantics: Semantics) -> Iterator[Json]:
    """Yield what one part of a path matches in a value: several values if it is ``[*]``."""
    if part == EACH:
        if isinstance(value, list):
            yield from value
        elif isinstance(value, dict):
            yield from (value[key] for key in sorted(value))
    elif isinstance(value, dict):
        if str(part) in value:
            yield value[str(part)]
    elif isinstance(value, list) and isinstance(part, int):
        if part < len(value):
            yield value[part]
        elif semantics.index_out_of_range == "null":
            yield None


def _no_key(value: Json, key: str) -> str:
    if isinstance(value, dict):
        return f"there is no key {key!r} (keys: {', '.join(islice(value, _KEYS_SHOWN)) or 'none'})"
    return f"key {key!r} of {type_name(value)}, which is not an object"
