"""Sizes, times and places, in the forms in which people write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

import click

from infra.model.user_files import FileError, parse_json
from oss_restore.language import N_
from oss_restore.language import gettext as _
from oss_restore.times import utc_time

ShellComplete: TypeAlias = Callable[[click.Context, click.Parameter, str], list[str]]

_PLACE: Final = re.compile(r"oss://(?P<bucket>[^/]+)(?:/(?P<key>.*))?", re.DOTALL)
_AFTER_THAW: Final = re.compile(
    r"(?P<action>promote|copy)(:(?P<class>[A-Za-z]+)(?=:|$))?(:oss://(?P<bucket>[^/]+)/?(?P<prefix>.*))?"
)
_SPAN: Final = re.compile(r"[0-9.]+ *[a-z]+", re.IGNORECASE)


def complete_words(words: Sequence[str]) -> ShellComplete:
    """Complete one of these words."""

    def complete(_context: click.Context, _parameter: click.Parameter, start: str) -> list[str]:
        return [word for word in words if word.lower().startswith(start.lower())]

    return complete


def split_place(text: str) -> tuple[str, str]:
    """Split ``oss://BUCKET/KEY``, or the name of a bucket alone, into bucket and key."""
    found = _PLACE.fullmatch(text)
    return (found["bucket"], found["key"] or "") if found else (text, "")


def bucket_and_prefix(bucket: str, prefix: str) -> tuple[str, str]:
    """Take the bucket and the prefix of what stands behind --bucket and --prefix.

    Raises:
        click.BadParameter: both name a prefix.
    """
    name, key = split_place(bucket)
    if key and prefix:
        raise click.BadParameter(
            _("{bucket} already has a prefix: leave out --prefix").format(bucket=bucket),
            param_hint="'--bucket'",
        )
    return name, key or prefix


class Size(click.ParamType[int]):
    """Bytes: ``10485760`` or ``10M``; units are powers of 1024."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        import humanfriendly

        if not isinstance(value, str):
            return int(value)
        try:
            return humanfriendly.parse_size(value, binary=True)
        except humanfriendly.InvalidSize:
            self.fail(
                _("{value} is not a size such as 10485760, 10M or 1.5G").format(value=repr(value)),
                param,
                ctx,
            )


class Duration(click.ParamType[int]):
    """A whole number of units of time: ``30``, or with a unit of its own, as ``10min`` or ``30d``.

    Args:
        unit: in seconds.
        name: of the unit.
        fault: message about an invalid value, with ``{value}``.
    """

    def __init__(self, unit: int, name: str, fault: str) -> None:
        self.name = name
        self._unit = unit
        self._fault = fault

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        import humanfriendly

        text = str(value).strip()
        if re.fullmatch(r"-?[0-9]+", text):
            return int(text)  # its range is the contract's business
        try:
            count, rest = divmod(humanfriendly.parse_timespan(text), self._unit)
        except humanfriendly.InvalidTimespan:
            count, rest = 0, 1
        if rest:
            self.fail(_(self._fault).format(value=repr(text)), param, ctx)
        return int(count)


class Moment(click.ParamType[str]):
    """A moment in ISO 8601, or how long ago it was, such as ``30d``."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        import humanfriendly

        text = str(value)
        if not _SPAN.fullmatch(text):
            return text  # ISO 8601, checked where it is used
        try:
            ago = timedelta(seconds=humanfriendly.parse_timespan(text))
            moment = datetime.now(UTC) - ago
        except (humanfriendly.InvalidTimespan, OverflowError):
            self.fail(
                _("{value} is not a moment such as 2026-11-24T10:15:00Z or 30d").format(
                    value=repr(text)
                ),
                param,
                ctx,
            )
        return utc_time(moment)


class ManifestLocation(click.ParamType[dict[str, Any]]):
    """Where a manifest is: ``oss://BUCKET/KEY``, or a JSON object."""

    name = "place"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        bucket, key = split_place(value)
        if key:
            return {"bucket": bucket, "key": key}
        try:
            document = parse_json(value, "value")
        except FileError:
            document = None
        if not isinstance(document, dict):
            self.fail(
                _("{value} is neither oss://BUCKET/KEY nor a JSON object").format(
                    value=repr(value)
                ),
                param,
                ctx,
            )
        return document


class AfterThawType(click.ParamType[dict[str, Any]]):
    """What follows the thaw: ``promote[:CLASS]``, ``copy[:CLASS]:oss://BUCKET/PREFIX``, or JSON."""

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
                return {"promote": storage_class}
            if match["action"] == "copy" and match["bucket"]:
                to = {"bucketName": match["bucket"], "prefix": match["prefix"] or ""}
                return {"copy": to | storage_class}
        try:
            document = parse_json(value, "value")
        except FileError:
            document = None
        if not isinstance(document, dict):
            self.fail(
                _("{value} is none of promote, promote:IA, copy:oss://BUCKET/PREFIX").format(
                    value=repr(value)
                ),
                param,
                ctx,
            )
        return document


SIZE: Final = Size()
DAYS: Final = Duration(
    86_400, "days", N_("{value} is not a whole number of days, such as 30 or 30d")
)
SECONDS: Final = Duration(
    1, "seconds", N_("{value} is not a whole number of seconds, such as 60, 60s or 10min")
)
MOMENT: Final = Moment()
MANIFEST: Final = ManifestLocation()
THEN: Final = AfterThawType()
