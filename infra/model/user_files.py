"""Reads user-supplied files, with size limits and one-line errors."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import yaml

MAX_YAML_BYTES: Final = 256 * 1024  # written by hand
MAX_JSON_BYTES: Final = 64 * 1024 * 1024  # written by programs: plans and states
_MAX_DEPTH: Final = 100


class FileError(Exception):
    """A file that cannot be used.

    Attributes:
        path: the file's path, or another name for it.
        line: line number from 1; 0 if unknown.
        reason: what is wrong with it.
    """

    def __init__(self, path: Path | str, reason: str, line: int = 0) -> None:
        location = f"{path}:{line}" if line else str(path)
        super().__init__(f"{location}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


def read_bytes(path: Path, limit: int = MAX_JSON_BYTES) -> bytes:
    """Read a file's bytes.

    Raises:
        FileError: it cannot be read, is not a file, or exceeds the limit.
    """
    try:
        # A pipe without a writer would block forever; those of the shell, <(command), have one.
        if stat.S_ISDIR(path.stat().st_mode):
            raise FileError(path, "is a folder")
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise FileError(path, error.strerror or "cannot be read") from error
    except ValueError as error:  # NUL in the path
        raise FileError(path, str(error)) from error
    if len(content) > limit:
        raise FileError(path, f"has more than {limit:,} bytes")
    return content


def read_text(path: Path, limit: int = MAX_YAML_BYTES) -> str:
    """Read a UTF-8 file.

    Raises:
        FileError: it cannot be read, or is not UTF-8.
    """
    content = read_bytes(path, limit)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileError(path, "is not UTF-8 text", line) from error


def parse_json(text: str | bytes, path: Path | str) -> object:
    """Parse JSON.

    Args:
        text: the file's text.
        path: the file's path, or another name for it, for the message.

    Raises:
        FileError: it is not JSON, or is nested too deeply.
    """
    try:
        document: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise FileError(path, f"is not JSON: {error.msg}", error.lineno) from error
    except RecursionError as error:
        raise FileError(path, "is nested too deeply") from error
    except ValueError as error:  # a number with thousands of digits, or invalid text
        raise FileError(path, f"is not JSON: {error}") from error
    if _deeper_than(_MAX_DEPTH, document):
        raise FileError(path, f"is nested more than {_MAX_DEPTH} deep")
    return document


def read_yaml_nodes(path: Path) -> yaml.Node | None:
    """Return the nodes of a YAML file; None if it is empty.

    Raises:
        FileError: it cannot be read, is not YAML, is nested too deeply, or expands too much.
    """
    import yaml  # noqa: PLC0415 - not every command reads YAML

    from fdl.bounded_yaml import compose  # noqa: PLC0415 - it imports yaml

    try:
        return compose(read_text(path), str(path))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise FileError(path, f"not YAML: {error.problem}", line) from error
    except (ValueError, OverflowError, yaml.YAMLError) as error:  # characters and escapes
        raise FileError(path, f"not YAML: {' '.join(str(error).split())}") from error


def yaml_values(path: Path, root: yaml.Node | None) -> object:
    """Return the values of a YAML file's nodes.

    Raises:
        FileError: a value does not match its tag.
    """
    import yaml  # noqa: PLC0415 - not every command reads YAML

    if root is None:
        return None
    try:
        values: object = yaml.constructor.SafeConstructor().construct_document(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise FileError(path, f"not YAML: {error.problem}", line) from error
    # PyYAML's constructors raise these for a text that does not match an explicit tag.
    except (ValueError, OverflowError, LookupError, AttributeError, TypeError) as error:
        raise FileError(path, f"a value cannot be read: {error}") from error
    return values


def read_yaml(path: Path) -> object:
    """Read a YAML file.

    Raises:
        FileError: it cannot be read, is not YAML, or is too large.
    """
    return yaml_values(path, read_yaml_nodes(path))


def _deeper_than(depth: int, value: object) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            inner
            for parent in level
            if isinstance(parent, dict | list)
            for inner in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return False
    return True
