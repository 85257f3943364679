"""Read a JSON object field by field, and report all its errors at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import TypeVar

from thaw.errors import InvalidInput

MAX_KEY_BYTES = 1023  # docs: naming conventions of objects

# Later versions of Python accept more formats than the functions' runtime does.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?")

_MOST = 1e15  # larger than any number in a run
_MOST_INTEGER = 2**53  # every JSON reader is exact up to this

_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")  # docs: naming conventions of buckets

_Parsed = TypeVar("_Parsed")
_Default = TypeVar("_Default")
_Word = TypeVar("_Word", bound=str)


def camel_case(name: str) -> str:
    """Convert a name such as ``group_size`` to its JSON form, ``groupSize``."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


class Reader:
    """Reader of one JSON object. Null counts as absent, since flows map missing values to null.

    An invalid field is recorded and read as its default; :meth:`finish` then raises.

    Args:
        data: the parsed JSON.
        subject: its name in messages.

    Raises:
        InvalidInput: the data is not a JSON object.
    """

    def __init__(self, data: object, subject: str) -> None:
        if not isinstance(data, Mapping):
            raise InvalidInput(f"{subject} must be a JSON object, not {_show(data)}")
        self._data = {name: value for name, value in data.items() if value is not None}
        self._names = {str(name) for name in data}
        self._known: set[str] = set()
        self._subject = subject
        self._faults: dict[str, str] = {}

    def fault(self, name: str, problem: str) -> None:
        """Record a problem with a field; only the first problem of each field is reported."""
        self._faults.setdefault(name, problem)

    def is_valid(self, *names: str) -> bool:
        """Return whether no problem was recorded for any of these fields."""
        return self._faults.keys().isdisjoint(names)

    def finish(self, *, allow_unknown: bool = False) -> None:
        """Finish reading.

        Raises:
            InvalidInput: naming every invalid and every unknown field.
        """
        if not allow_unknown:
            for name in sorted(self._names - self._known)[:20]:
                self.fault(name, "is not a field" + _suggestion(name, self._known))
        if self._faults:
            listed = "; ".join(f"{name} {problem}" for name, problem in self._faults.items())
            raise InvalidInput(f"{self._subject} is wrong: {listed}")

    def has(self, name: str) -> bool:
        """Return whether a field exists and is not null."""
        return name in self._data

    def value(self, name: str) -> object:
        """Read a field of any type; None if absent."""
        return self._take(name)

    def required(self, name: str) -> str:
        """Read a required text that is not empty."""
        value = self._take(name)
        if value is None or value == "":
            self.fault(name, "is required")
            return ""
        return self._text(name, value, "")

    def bucket_name(self, name: str, *, optional: bool = False) -> str:
        """Read the name of a bucket; empty if it is optional and absent."""
        text = self.text(name, "") if optional else self.required(name)
        if text and not _BUCKET_NAME.fullmatch(text):
            self.fault(name, f"is not a bucket name: {text!r}")
        return text

    def nested(self, name: str, parse: Callable[[object], _Parsed]) -> _Parsed | None:
        """Read a JSON object with ``parse``; None if absent."""
        value = self._take(name)
        if value is None:
            return None
        try:
            return parse(value)
        except InvalidInput as error:
            self.fault(name, f"is wrong: {error}")
            return None

    def text(self, name: str, default: str) -> str:
        """Read a text no longer than a key."""
        value = self._take(name)
        return default if value is None else self._text(name, value, default)

    def texts(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Read a list of texts, none of which is empty."""
        value = self._take(name)
        if value is None:
            return default
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            self.fault(name, f"must be a list of strings, not {_show(value)}")
            return default
        return tuple(value)

    def choices(self, name: str, default: tuple[str, ...], known: Sequence[str]) -> tuple[str, ...]:
        """Read a list of known words, and return them in the order of ``known``, each once."""
        values = self.texts(name, default)
        if not values:
            self.fault(name, f"must name at least one of {', '.join(known)}")
        elif unknown := [value for value in values if value not in known]:
            self.fault(name, f"may only contain {', '.join(known)}, not {_show(unknown[0])}")
        return tuple(word for word in known if word in values) if self.is_valid(name) else default

    def choice(self, name: str, default: _Default, known: Sequence[_Word]) -> _Word | _Default:
        """Read one of the known words."""
        value = self._take(name)
        if value is None:
            return default
        for word in known:
            if value == word:
                return word
        self.fault(name, f"must be one of {', '.join(known)}, not {_show(value)}")
        return default

    def flag(self, name: str, *, default: bool) -> bool:
        """Read a boolean; a text is refused."""
        value = self._take(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(name, f"must be true or false, not {_show(value)}")
            return default
        return value

    def integer(
        self, name: str, default: _Default, low: int = 0, high: int = _MOST_INTEGER
    ) -> int | _Default:
        """Read a whole number, also as 100.0, since a flow may carry floats; a text is refused."""
        value = self._take(name)
        if value is None:
            return default
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.fault(name, f"must be a whole number from {low} to {high}, not {_show(value)}")
            return default
        return value

    def positive(self, name: str, default: _Default) -> float | _Default:
        """Read a number above zero."""
        value = self._take(name)
        if value is None:
            return default
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value < _MOST:
            self.fault(name, f"must be a number above 0, not {_show(value)}")
            return default
        return float(value)

    def moment(self, name: str) -> str | None:
        """Read a date or a time in ISO 8601, and return it as written."""
        value = self._take(name)
        if value is None:
            return None
        try:
            parse_moment(str(value))
        except ValueError:
            self.fault(name, f"must be a time such as 2024-12-31T23:59:59Z, not {_show(value)}")
            return None
        return str(value)

    def _take(self, name: str) -> object:
        self._known.add(name)
        return self._data.get(name)

    def _text(self, name: str, value: object, default: str) -> str:
        if not isinstance(value, str):
            self.fault(name, f"must be a string, not {_show(value)}")
            return default
        try:
            length = len(value.encode())
        except UnicodeEncodeError:
            self.fault(name, "holds half of a surrogate pair, which no key can")
            return default
        if length > MAX_KEY_BYTES:
            self.fault(name, f"is {length} bytes long, more than {MAX_KEY_BYTES}")
            return default
        return value


def parse_moment(text: str) -> float:
    """Convert a date or time in ISO 8601 to seconds since 1970; UTC unless it has an offset.

    Raises:
        ValueError: the text is neither.
    """
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"{text!r} is not a time in ISO 8601")
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - a line's worth


def _suggestion(name: str, known: set[str]) -> str:
    import difflib  # noqa: PLC0415 - imported only if the input is wrong

    close = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""
