"""The receivers of notifications, from the function's environment variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from thaw.errors import InvalidDeployment

# The ways in which a run can end; receivers can select some of them.
Ending = Literal["succeeded", "failures", "failed", "stopped"]
ENDINGS: Final[tuple[Ending, ...]] = ("succeeded", "failures", "failed", "stopped")

Kind = Literal["webhook", "dingtalk", "mns-topic", "mns-queue"]
KINDS: Final[tuple[Kind, ...]] = ("webhook", "dingtalk", "mns-topic", "mns-queue")
SECRET_URL_KINDS: Final[tuple[Kind, ...]] = ("webhook", "dingtalk")

TARGETS_VARIABLE: Final = "NOTIFY"


def url_variable(name: str) -> str:
    """Return the name of the variable with a target's URL, if that is a secret."""
    return f"NOTIFY_{name.upper()}_URL"


def secret_variable(name: str) -> str:
    """Return the name of the variable with the secret that signs a target's messages."""
    return f"NOTIFY_{name.upper()}_SECRET"


@dataclass(frozen=True)
class NotificationTarget:
    """A receiver of notifications.

    Attributes:
        name: its name in logs and in the ledger.
        endings: the endings of which it is notified.
        url: its address; never shown.
        secret: the secret that signs its messages; empty for no signature; never shown.
    """

    name: str
    kind: Kind
    endings: tuple[Ending, ...]
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)


def targets_of(environment: Mapping[str, str]) -> tuple[NotificationTarget, ...]:
    """Read the receivers from the deployment's configuration.

    ``NOTIFY`` is a JSON list of ``{name, kind, when, signed, url}``; secret URLs, and the secrets
    of ``signed`` targets, are in separate variables.

    Raises:
        InvalidDeployment: naming the variable that is missing or wrong.
    """
    try:
        return tuple(_target(entry, environment) for entry in json.loads(environment["NOTIFY"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidDeployment(
            f"the function's environment variable {TARGETS_VARIABLE} is missing or wrong: {error!r}"
        ) from error


def _target(entry: Mapping[str, object], environment: Mapping[str, str]) -> NotificationTarget:
    name = str(entry["name"])
    (kind,) = (kind for kind in KINDS if kind == entry["kind"])
    secret_url = kind in SECRET_URL_KINDS
    when = entry["when"]
    if not isinstance(when, list):
        raise TypeError(f"when must be a list, not {when!r}")
    return NotificationTarget(
        name=name,
        kind=kind,
        endings=tuple(ending for ending in ENDINGS if ending in when),
        url=_secret(environment, url_variable(name)) if secret_url else str(entry["url"]),
        secret=_secret(environment, secret_variable(name)) if entry.get("signed") else "",
    )


def _secret(environment: Mapping[str, str], variable: str) -> str:
    value = environment.get(variable, "")
    if not value:
        raise InvalidDeployment(f"the function's environment variable {variable} is not set")
    return value
