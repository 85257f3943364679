"""Arguments that are JSON or name a JSON file."""

from __future__ import annotations

import sys
from pathlib import Path

from infra.model.user_files import MAX_JSON_BYTES, FileError, parse_json, read_text
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _


def read_argument(argument: str, name: str) -> tuple[str, object]:
    """Read a JSON argument, as text and as the parsed document.

    Args:
        argument: JSON, ``@FILE``, or ``-`` for the standard input.
        name: name of the argument, for the message.

    Raises:
        OperatorError: the file cannot be read, or the text is not JSON.
    """
    try:
        if argument.startswith("@"):
            text = read_text(Path(argument[1:]), MAX_JSON_BYTES)
            return text, parse_json(text, argument[1:])
        text = sys.stdin.read(MAX_JSON_BYTES + 1) if argument == "-" else argument
        if len(text) > MAX_JSON_BYTES:
            raise FileError(
                name, _("has more than {limit:,} characters").format(limit=MAX_JSON_BYTES)
            )
        return text, parse_json(text, name)
    except FileError as error:
        raise UsageError(str(error)) from error
