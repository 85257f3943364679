"""The receivers of notifications, from the function's environment variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from thaw.errors import InvalidDeployment

# How a run ends: receivers can select some of these.
Ending = Literal["succeeded", "failures", "failed", "stopped"]
ENDINGS: Final[tuple[Ending, ...]] = ("succeeded", "failures", "failed", "stopped")

Kind = Literal["webhook", "dingtalk", "mns-topic", "mns-queue"]
KINDS: Final[tuple[Kind, ...]] = ("webhook", "dingtalk", "mns-topic", "mns-queue")
SECRET_URL_KINDS: Final[tuple[Kind, ...]] = ("webhook", "dingtalk")

TARGETS_VARIABLE: Final = "NOTIFY"


def url_variable(name: str) -> str:
    """The variable with a target's URL, where that is a secret."""
    return f"NOTIFY_{name.upper()}_URL"


def secret_variable(name: str) -> str:
    """The variable with the secret that a target's messages are signed with."""
    return f"NOTIFY_{name.upper()}_SECRET"


@dataclass(frozen=True)
class NotificationTarget:
    """One receiver.

    Attributes:
        name: for logs and the ledger.
        endings: those that it is notified of.
        url: its address; never shown.
        secret: signs its messages; empty for no signature; never shown.
    """

    name: str
    kind: Kind
    endings: tuple[Ending, ...]
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)


def targets_of(environment: Mapping[str, str]) -> tuple[NotificationTarget, ...]:
    """The receivers in the deployment's configuration.

    ``NOTIFY`` is a JSON list of ``{name, kind, when, signed, url}``; secret URLs, and the secrets
    of targets that are ``signed``, have variables of their own.

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
