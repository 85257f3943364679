"""Files that a command writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oss_restore.errors import UsageError
from oss_restore.language import gettext as _
from oss_restore.redaction import redact


@contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Convert errors in writing a file to messages.

    Raises:
        OperatorError: there was an OSError.
    """
    try:
        yield
    except OSError as error:
        raise UsageError(
            _("cannot write {path}: {reason}").format(path=path, reason=error.strerror or error)
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write a text without secrets.

    Raises:
        OperatorError: the file cannot be written.
    """
    with file_errors(path):
        path.write_text(redact(text), encoding="utf-8", newline="\n")
