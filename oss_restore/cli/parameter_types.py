"""Types of parameters: sizes, times and places in the formats that people use."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn, TypeAlias, TypeVar

import click

from infra.model.user_files import FileError, parse_json
from oss_restore.language import N_
from oss_restore.language import gettext as _
from oss_restore.times import utc_time

ShellComplete: TypeAlias = Callable[[click.Context, click.Parameter, str], list[str]]

T = TypeVar("T")

_PLACE: Final = re.compile(r"oss://(?P<bucket>[^/]+)(?:/(?P<key>.*))?", re.DOTALL)
_AFTER_THAW: Final = re.compile(
    r"(?P<action>promote|copy)(:(?P<class>[A-Za-z]+)(?=:|$))?"
    r"(?P<removes>:remove-archived)?(:oss://(?P<bucket>[^/]+)/?(?P<prefix>.*))?"
)
_WHOLE: Final = re.compile(r"-?[0-9]{1,16}", re.ASCII)
_MOST: Final = 10**15
_LEAST: Final = 1e-6
_MOST_BYTES: Final = 2**63 - 1
_QUOTED: Final = 60  # most characters of a value in a message
_SPAN: Final = re.compile(r"[0-9.]+ *[a-z]+", re.IGNORECASE)


def complete_words(words: Sequence[str]) -> ShellComplete:
    """Return a function that completes these words."""

    def complete(_context: click.Context, _parameter: click.Parameter, start: str) -> list[str]:
        return [word for word in words if word.lower().startswith(start.lower())]

    return complete


def split_place(text: str) -> tuple[str, str]:
    """Split ``oss://BUCKET/KEY``, or the name of a bucket alone, into bucket and key."""
    match = _PLACE.fullmatch(text)
    return (match["bucket"], match["key"] or "") if match else (text, "")


def bucket_and_prefix(bucket: str, prefix: str) -> tuple[str, str]:
    """Return the bucket and the prefix from the values of --bucket and --prefix.

    Raises:
        click.BadParameter: both contain a prefix.
    """
    name, key = split_place(bucket)
    if key and prefix:
        raise click.BadParameter(
            _("{bucket} already has a prefix: leave out --prefix").format(bucket=bucket),
            param_hint="'--bucket'",
        )
    return name, key or prefix


def shorten(text: str) -> str:
    """Shorten a long value for a message."""
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        document = parse_json(text, "value")
    except FileError:
        return None
    return document if isinstance(document, dict) else None


class _Typed(click.ParamType[T]):
    """A type of parameters whose messages quote refused values."""

    def refuse(
        self,
        message: str,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
        **values: object,
    ) -> NoReturn:
        """Refuse a value with a message that contains ``{value}``."""
        self.fail(message.format(value=repr(shorten(str(value))), **values), param, ctx)


class Whole(_Typed[int]):
    """A whole number within a range of at most 10**15, which no run reaches.

    Args:
        least: the minimum; None for any.
        most: the maximum.
    """

    name = "integer"

    def __init__(self, least: int | None = None, most: int = _MOST) -> None:
        self.least = -_MOST if least is None else least
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip()
        number = int(text) if _WHOLE.fullmatch(text) else None
        if number is None or not self.least <= number <= self.most:
            message = _("{value} is not a whole number from {least:,} to {most:,}")
            self.refuse(message, text, param, ctx, least=self.least, most=self.most)
        return number


class Amount(_Typed[float]):
    """A number above 0, up to a limit for calculations."""

    name = "float"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        text = str(value).strip()
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not _LEAST <= number <= _MOST:
            message = _("{value} is not a number above 0, such as 100 or 0.5")
            self.refuse(message, text, param, ctx)
        return number


class Size(_Typed[int]):
    """Bytes: ``10485760`` or ``10M``; units are powers of 1024."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        import humanfriendly

        if not isinstance(value, str):
            return int(value)
        try:
            size = humanfriendly.parse_size(value[:_QUOTED], binary=True)
        except (humanfriendly.InvalidSize, ValueError, OverflowError):
            size = _MOST_BYTES + 1
        if len(value) > _QUOTED or size > _MOST_BYTES:
            message = _("{value} is not a size such as 10485760, 10M or 1.5G")
            self.refuse(message, value, param, ctx)
        return size


class Duration(_Typed[int]):
    """A whole number of units of time, such as ``30``, or with another unit ``10min`` or ``30d``.

    Args:
        unit: seconds of a unit.
        name: name of the unit.
        fault: message about an invalid value, with ``{value}``.
    """

    def __init__(self, unit: int, name: str, fault: str) -> None:
        self.name = name
        self._unit = unit
        self._fault = fault

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        import humanfriendly

        text = str(value).strip()
        if _WHOLE.fullmatch(text):
            return int(text)  # the range is checked with the run's input
        try:
            count, rest = divmod(humanfriendly.parse_timespan(text[:_QUOTED]), self._unit)
        except (humanfriendly.InvalidTimespan, ValueError, OverflowError):
            count, rest = 0, 1
        if rest or len(text) > _QUOTED or not 0 <= count <= _MOST:
            self.refuse(_(self._fault), text, param, ctx)
        return int(count)


class Moment(_Typed[str]):
    """A moment in ISO 8601, or how long ago it was, such as ``30d``."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        import humanfriendly

        text = str(value)
        if len(text) <= _QUOTED and not _SPAN.fullmatch(text):
            return text  # ISO 8601, checked where it is used
        try:
            ago = timedelta(seconds=humanfriendly.parse_timespan(text[:_QUOTED]))
            moment = datetime.now(UTC) - ago
        except (humanfriendly.InvalidTimespan, ValueError, OverflowError):
            message = _("{value} is not a moment such as 2026-11-24T10:15:00Z or 30d")
            self.refuse(message, text, param, ctx)
        return utc_time(moment)


class ManifestLocation(_Typed[dict[str, Any]]):
    """The location of a manifest: ``oss://BUCKET/KEY``, or a JSON object."""

    name = "place"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        bucket, key = split_place(value)
        if key:
            return {"bucket": bucket, "key": key}
        document = _json_object(value)
        if document is None:
            message = _("{value} is neither oss://BUCKET/KEY nor a JSON object")
            self.refuse(message, value, param, ctx)
        return document


class AfterThawType(_Typed[dict[str, Any]]):
    """The action after the thaw, or JSON.

    ``promote[:CLASS][:remove-archived]`` or ``copy[:CLASS]:oss://BUCKET/PREFIX``.
    """

    name = "action"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        match = _AFTER_THAW.fullmatch(value)
        if match is not None:
            storage_class = {"storageClass": match["class"]} if match["class"] else {}
            if match["action"] == "promote" and not match["bucket"]:
                removes = {"removeArchived": True} if match["removes"] else {}
                return {"promote": storage_class | removes}
            if match["action"] == "copy" and match["bucket"] and not match["removes"]:
                to = {"bucketName": match["bucket"], "prefix": match["prefix"] or ""}
                return {"copy": to | storage_class}
        document = _json_object(value)
        if document is None:
            message = _("{value} is not one of promote, promote:IA, copy:oss://BUCKET/PREFIX")
            self.refuse(message, value, param, ctx)
        return document


SIZE: Final = Size()
WHOLE: Final = Whole()
AMOUNT: Final = Amount()
DAYS: Final = Duration(
    86_400, "days", N_("{value} is not a whole number of days, such as 30 or 30d")
)
SECONDS: Final = Duration(
    1, "seconds", N_("{value} is not a whole number of seconds, such as 60, 60s or 10min")
)
MOMENT: Final = Moment()
MANIFEST: Final = ManifestLocation()
THEN: Final = AfterThawType()
