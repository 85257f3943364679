"""The text of a new environment file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from infra.environment_files import DEFAULTS, InvalidEnvironmentError, load_environments
from infra.model.user_files import FileError, read_bytes
from oss_restore.errors import UsageError

_COLUMN: Final = 32  # column of the comments


@dataclass(frozen=True)
class Place:
    """A bucket or a prefix in it; the region is empty if unknown."""

    bucket: str
    prefix: str = ""
    region: str = ""

    def __str__(self) -> str:
        return f"oss://{self.bucket}/{self.prefix}" if self.prefix else self.bucket


@dataclass(frozen=True)
class NewEnvironment:
    """The contents of a new environment file.

    Attributes:
        places: places whose objects may be thawed.
        report_bucket: an existing report bucket; empty to deploy one.
    """

    name: str
    account: str
    region: str
    places: tuple[Place, ...]
    report_bucket: str = ""

    def text(self) -> str:
        """Return the file's text."""
        lines = [
            "# One deployment; environments/dev.yaml of the project explains every field.",
            "",
            f"name: {_quoted(self.name)}",
            _line(f"account: {_quoted(self.account)}", "id of the main account"),
            _line(f"region: {_quoted(self.region)}", "where everything is deployed"),
            "",
            _line("buckets:", "the only buckets, and prefixes in them, that may be thawed"),
            *self._buckets(),
            "",
            *_reports(self.report_bucket),
            "",
            _line("backend:", "where Terraform keeps its state"),
            "  local:",
            _line(
                f"    path: {_quoted(f'state/{self.name}.tfstate')}",
                "for several people, keep it in OSS: docs/deploying.md",
            ),
        ]
        return "\n".join(lines) + "\n"

    def _buckets(self) -> list[str]:
        lines = []
        for bucket in dict.fromkeys(place.bucket for place in self.places):
            places = [place for place in self.places if place.bucket == bucket]
            lines.append(f"  - name: {_quoted(bucket)}")
            if all(place.prefix for place in places):
                prefixes = ", ".join(_quoted(place.prefix) for place in places)
                lines.append(f"    prefixes: [{prefixes}]")
            if places[0].region not in {"", self.region}:
                lines.append(f"    region: {_quoted(places[0].region)}")
        return lines


def checked_text(new: NewEnvironment, folder: Path) -> str:
    """Return the text of the file, after validation.

    Args:
        new: contents of the file.
        folder: folder for the file, with the defaults of all environments.

    Raises:
        OperatorError: the file would be invalid.
    """
    text = new.text()
    with TemporaryDirectory() as trial:
        (Path(trial) / "new.yaml").write_text(text, encoding="utf-8")
        defaults = folder / DEFAULTS
        try:
            if defaults.exists():
                (Path(trial) / DEFAULTS).write_bytes(read_bytes(defaults))
            load_environments(Path(trial))
        except InvalidEnvironmentError as error:
            messages = [f"{fault.field}: {fault.message}" for fault in error.faults]
            raise UsageError(*messages) from error
        except FileError as error:
            raise UsageError(f"{defaults}: {error.reason}") from error
    return text


def _reports(bucket: str) -> list[str]:
    """Return the section for an existing report bucket, commented out if there is none."""
    mark = "" if bucket else "# "
    comment = "where the runs' reports go; by default a bucket that is deployed, too"
    return [
        _line(f"{mark}report:", comment),
        f"{mark}  bucket: {_quoted(bucket or 'my-reports')}",
        _line(f"{mark}  create: false", "the bucket exists already"),
    ]


def _line(text: str, comment: str) -> str:
    return f"{text:{_COLUMN}}# {comment}"


def _quoted(text: str) -> str:
    """Return a text, quoted if YAML would not read it as the same text."""
    return json.dumps(text, ensure_ascii=False)
