"""Reads the environment files, and reports all of their faults at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from infra.model.config_model import sections_in
from infra.model.environment import Environment
from infra.model.field_types import suggestion
from infra.model.names import Names
from infra.model.terraform_text import unfit_texts
from infra.model.yaml_document import Document, DocumentError, Location
from infra.policies.runtime import PolicyTooLargeError, functions_policy

__all__ = [
    "Environment",
    "Fault",
    "InvalidEnvironmentError",
    "environment_names",
    "load_environments",
    "selection",
]

DEFAULTS: Final = "_defaults.yaml"  # defaults for all files in the same folder
_NAMES_SHOWN: Final = 20
_LONGEST = {
    "role": 64,
    "log project": 63,
    "bucket": 63,
    "function": 64,
}  # lengths of names, in characters


@dataclass(frozen=True)
class Fault:
    """A fault in an environment file.

    Attributes:
        file: the environment file, or the folder.
        line: line number in the file, from 1; 0 if unknown.
        field: dotted path to the field, such as ``buckets[0].name``; empty for the whole file.
        message: what is wrong and how to fix it.
    """

    file: Path
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        location = f"{self.file}:{self.line}" if self.line else str(self.file)
        return ": ".join(filter(None, (location, self.field, self.message)))


class InvalidEnvironmentError(Exception):
    """The environment files are invalid. Holds every fault found, not just the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        # A fault in the defaults affects every environment, but is reported once.
        distinct = dict.fromkeys(faults)
        self.faults = tuple(sorted(distinct, key=lambda fault: (fault.file, fault.line)))
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True)
class _Source:
    """A file that could be parsed."""

    document: Document

    @property
    def path(self) -> Path:
        return self.document.path

    @property
    def name(self) -> str:
        """The name as it is written: YAML reads ``no``, a valid name, as false."""
        return self.document.unquoted(("name",)) or str(self.document.data.get("name", ""))

    def fault(self, location: Location, message: str) -> Fault:
        return Fault(*self.document.position(location), _dotted(location), message)

    def _quoting_fault(self, details: ErrorDetails) -> Fault | None:
        """Make a fault if YAML read an unquoted string as another type; None otherwise."""
        written, read = self.document.unquoted(details["loc"]), details["input"]
        is_wrong = details["type"] == "string_type" or (
            details["type"] == "fault" and written != str(read)
        )
        if written is None or not is_wrong:
            return None
        problem = (
            "must be a string" if written == str(read) else f"YAML reads {written} as {read!r}"
        )
        return self.fault(details["loc"], f'{problem}: quote it, "{written}"')

    def own_line(self, location: Location) -> int:
        """Return the line of a value; 0 if it comes from the defaults."""
        path, line = self.document.position(location)
        return line if path == self.path else 0

    def validated(self) -> Environment:
        faults = [
            self.fault(location, message) for location, message in unfit_texts(self.document.data)
        ]
        if faults:
            raise InvalidEnvironmentError(faults)
        try:
            environment = Environment.model_validate(self.document.data)
        except ValidationError as error:
            faults = [
                self._quoting_fault(details) or self.fault(*_translate(details))
                for details in error.errors()
                # a default derived from another field that has its own fault
                if details["type"] != "default_factory_not_called"
            ]
            raise InvalidEnvironmentError(faults) from error
        faults = [self.fault(*problem) for problem in _derived_faults(environment)]
        if faults:
            raise InvalidEnvironmentError(faults)
        return environment


def selection(text: str) -> list[str] | None:
    """Return the names and globs in a string such as ``dev,prod-*``; None, for all, if empty."""
    return [part for part in map(str.strip, text.split(",")) if part] or None


def load_environments(folder: Path, only: Collection[str] | None = None) -> tuple[Environment, ...]:
    """Read the ``*.yaml`` files of a folder, one environment each, with its ``_defaults.yaml``.

    Args:
        folder: folder with the files.
        only: names and globs of the environments to load; None for all. Faults in other files are
            ignored, so that one broken file does not stop work on the rest.

    Returns:
        The environments, sorted by name.

    Raises:
        InvalidEnvironmentError: holds all faults in all files.
    """
    defaults = _defaults(folder)
    faults: list[Fault] = []
    loaded: list[tuple[_Source, Environment]] = []
    names = []
    for path in _files(folder):
        try:
            source = _Source(Document.read(path, defaults))
            names.append(source.name)
            if _wanted(source.name, only):
                loaded.append((source, source.validated()))
        except DocumentError as error:
            if _wanted(path.stem, only):
                faults += _unreadable(path, error)
        except InvalidEnvironmentError as error:
            faults += error.faults
    faults += _clashes(loaded)
    if not faults:
        faults += [Fault(folder, 0, "", message) for message in _unmatched(names, only or ())]
    if faults:
        raise InvalidEnvironmentError(faults)
    return tuple(sorted((env for _, env in loaded), key=lambda env: env.name))


def environment_names(folder: Path) -> tuple[str, ...]:
    """Return the names of all environments in a folder, including those with faults.

    Raises:
        InvalidEnvironmentError: there are none, or the defaults cannot be read.
    """
    defaults = _defaults(folder)
    names = set()
    for path in _files(folder):
        try:
            names.add(_Source(Document.read(path, defaults)).name or path.stem)
        except DocumentError:
            names.add(path.stem)  # the name that its faults are reported under
    return tuple(sorted(names))


def _wanted(name: str, only: Collection[str] | None) -> bool:
    return only is None or any(fnmatchcase(name, pattern) for pattern in only)


def _unmatched(names: Collection[str], only: Collection[str]) -> Iterator[str]:
    """Yield messages for names and patterns that match no environment."""
    for pattern in sorted(set(only)):
        if not any(fnmatchcase(name, pattern) for name in names):
            if any(wildcard in pattern for wildcard in "*?["):
                yield f"no environment matches {pattern!r}"
            else:
                close = suggestion(pattern, names)
                yield f"no file has the name {pattern!r}{close or _those_here(names)}"


def _those_here(names: Collection[str]) -> str:
    shown = ", ".join(sorted(names)[:_NAMES_SHOWN])
    more = ", …" if len(names) > _NAMES_SHOWN else ""
    return f"; those here are {shown}{more}" if names else ""


def _defaults(folder: Path) -> Document | None:
    path = folder / DEFAULTS
    if not path.exists():
        return None
    try:
        return Document.read(path)
    except DocumentError as error:
        raise InvalidEnvironmentError(_unreadable(path, error)) from error


def _unreadable(path: Path, error: DocumentError) -> list[Fault]:
    return [Fault(path, line, "", message) for line, message in error.problems]


def _files(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.glob("*.yaml") if path.name != DEFAULTS)
    overlooked = sorted(folder.glob("*.yml"))
    if overlooked:
        message = "is not read: an environment file ends with .yaml"
        raise InvalidEnvironmentError([Fault(file, 0, "", message) for file in overlooked])
    if not files:
        raise InvalidEnvironmentError([Fault(folder, 0, "", "no environment file (*.yaml) here")])
    return files


def _derived_faults(environment: Environment) -> Iterator[tuple[Location, str]]:
    """Yield the faults in names and documents derived from an environment."""
    names = Names(environment)
    for kind, name, field in (
        ("role", names.functions_role, ("suffix",)),
        ("log project", names.log_project, ("logs", "project")),
        ("bucket", names.report_bucket, ("report", "bucket")),
        ("function", max(map(names.functions.name, names.deployed), key=len), ("suffix",)),
    ):
        if len(name) > _LONGEST[kind]:
            length = f"has {len(name)} characters, over {_LONGEST[kind]}"
            yield field, f"the {kind}'s derived name {name!r} {length}; choose a shorter one"
    try:
        functions_policy(environment)
    except PolicyTooLargeError as error:
        yield ("buckets",), str(error)


def _clashes(loaded: Sequence[tuple[_Source, Environment]]) -> Iterator[Fault]:
    """Yield faults for environments that claim the same name or resource."""
    owners: dict[tuple[str, ...], Path] = {}
    for source, environment in loaded:
        for location, owned in _owned(environment):
            owner = owners.setdefault(owned, source.path)
            if owner != source.path:
                what = f"{owned[0]} {owned[-1]!r}"
                yield Fault(
                    source.path,
                    source.own_line(location),
                    _dotted(location),
                    f"{owner} has the same {what}",
                )


def _owned(environment: Environment) -> Iterator[tuple[Location, tuple[str, ...]]]:
    names = Names(environment)
    yield ("name",), ("name", environment.name)
    # Roles belong to the account; flows and the service are named after the same two fields.
    yield ("suffix",), ("RAM role", environment.account, names.functions_role)
    yield ("logs", "project"), ("log project", names.log_project)
    if environment.report.create:
        yield ("report", "bucket"), ("report bucket", names.report_bucket)
    if (local := environment.backend.local) is not None:
        yield ("backend", "local", "path"), ("Terraform state", str(Path(local.path)))
    if (oss := environment.backend.oss) is not None:
        state = f"{oss.bucket}/{names.state_prefix}/{oss.key}"
        yield ("backend", "oss"), ("Terraform state", state)


def _translate(details: ErrorDetails) -> tuple[Location, str]:
    """Reword Pydantic's error."""
    location: Location = details["loc"]
    match details["type"]:
        case "fault":
            context = details["ctx"]
            field = context["field"]
            return location + tuple(field.split(".") if field else ()), context["message"]
        case "missing":
            return location, "is required"
        case "extra_forbidden":
            known = _fields_at(location[:-1])
            return location, f"unknown field{suggestion(str(location[-1]), known)}"
        case "model_type":
            return location, f"must be a section with fields of its own, not {details['input']!r}"
        case "tuple_type":
            return location, f"must be a list, not {details['input']!r}"
        case _:
            message = details["msg"]
            return location, f"{message[:1].lower()}{message[1:]}, not {details['input']!r}"


def _fields_at(location: Location) -> list[str]:
    """Return the fields of the section at a location in an environment."""
    section: type[BaseModel] = Environment
    for part in location:
        if isinstance(part, str):
            section = next(sections_in(section.model_fields[part].annotation))
    return list(section.model_fields)


def _dotted(location: Location) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")
