"""Redaction of secrets, by value and by name, in everything that the command line writes.

Errors of SDKs contain whole requests, with keys, tokens and signatures. So all messages, traces,
logs and files pass through here.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote

if TYPE_CHECKING:
    from typing import TextIO

REDACTED: Final = "[redacted]"
_SHORTEST: Final = 8  # minimum characters; shorter values occur in ordinary words

# Names of environment variables with secrets: keys for any tool, and those of notify.
_SECRET_VARIABLES: Final = re.compile(r"SECRET|TOKEN|PASSWORD|ACCESS_KEY|TF_VAR_notify_", re.ASCII)
_FILE_VARIABLES: Final = re.compile(r"_FILE$")

# Names of parameters, headers and fields with secrets, of the services and their SDKs.
_NAMES: Final = (
    r"(?:x-[a-z]+-)?security[-_]?token|(?:OSS)?access[-_]?key(?:[-_]?id|[-_]?secret)?"
    r"|(?:x-oss-)?signature|x-oss-credential|OIDC[-_]?Token|control_token|credential"
)
# Separators and values after a name: in a query, a header, a Python dict or JSON.
_NAMED: Final = re.compile(
    rf"""(?i)\b({_NAMES})\b(\\?['"]?\s*[=:]\s*\\?['"]?)([^\s&'"\\,;)}}\]]+)"""
)
_AUTHORIZATION: Final = re.compile(r"""(?i)\b(authorization['"]?\s*[=:]\s*['"]?)([^'"\r\n]+)""")
# Secrets may be interrupted by line breaks and the borders of boxes.
_BREAK: Final = r"[\s│]*"


class _Redactor:
    def __init__(self) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def remember(self, values: Iterator[str]) -> None:
        new = {
            written
            for value in values
            if len(value) >= _SHORTEST
            for written in (value, quote(value, safe=""))
        } - self._values
        if new:
            self._values |= new
            longest_first = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile(
                "|".join(_BREAK.join(map(re.escape, value)) for value in longest_first)
            )

    def forget(self) -> None:
        self._values.clear()
        self._pattern = None

    def redacted(self, text: str) -> str:
        if self._pattern is not None:
            text = self._pattern.sub(REDACTED, text)
        text = _AUTHORIZATION.sub(rf"\1{REDACTED}", text)
        return _NAMED.sub(rf"\1\2{REDACTED}", text)


_redactor: Final = _Redactor()


def remember(*secrets: str) -> None:
    """Redact these values from now on."""
    _redactor.remember(iter(secrets))


def redact(text: str) -> str:
    """Return a text without secrets."""
    return _redactor.redacted(text)


class _RedactedStream:
    """A stream of text that redacts secrets."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(redact(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def redacting(environ: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Redact secrets in everything that the block writes to the process's streams.

    Args:
        environ: environment variables, which may contain secrets.
    """
    remember(
        *(
            value
            for name, value in environ.items()
            if _SECRET_VARIABLES.search(name) and not _FILE_VARIABLES.search(name)
        )
    )
    streams, hook = (sys.stdout, sys.stderr), sys.excepthook
    sys.stdout, sys.stderr = (cast("TextIO", _RedactedStream(stream)) for stream in streams)
    sys.excepthook = _show
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        if sys.exc_info()[0] in (None, SystemExit):  # else the hook is yet to be called
            sys.excepthook = hook
            _redactor.forget()


def _show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show an uncaught error."""
    sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))
