"""RAM's entities and their validation: roles, policies and users."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Final, TypeVar

from pydantic import ValidationError

from localcloud.errors import CloudError
from localcloud.ram.policy import PolicyDocument, TrustDocument

POLICY_VERSIONS: Final = 5
POLICY_BYTES: Final = 6_144
SESSION_SECONDS: Final = (3_600, 43_200)  # range of a role's maximum session duration

_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass
class Role:
    """A RAM role.

    Attributes:
        max_session: maximum session duration in seconds.
        policies: names of the attached policies.
    """

    name: str
    role_id: str
    arn: str
    trust_text: str
    description: str = ""
    created_at: float = 0
    max_session: int = 3_600
    policies: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PolicyVersion:
    """A version of a policy; versions are numbered from 1, and numbers are never reused."""

    number: int
    text: str
    created_at: float


@dataclass
class Policy:
    """A custom policy, whose default version applies.

    Attributes:
        version: number of the default version.
        last_version: the highest version number so far.
    """

    name: str
    versions: list[PolicyVersion]
    description: str = ""
    created_at: float = 0
    version: int = 1
    last_version: int = 1
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def default(self) -> PolicyVersion:
        """The default version."""
        return next(version for version in self.versions if version.number == self.version)

    @property
    def text(self) -> str:
        """The document of the default version."""
        return self.default.text


@dataclass
class User:
    """A RAM user."""

    name: str
    user_id: str
    arn: str
    created_at: float = 0
    policies: list[str] = field(default_factory=list)


_Document = TypeVar("_Document", PolicyDocument, TrustDocument)


def parse(kind: type[_Document], text: str) -> _Document:
    """Parse a document; raise ``MalformedPolicyDocument`` if it is invalid."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise CloudError("MalformedPolicyDocument", str(error)) from error


def new_id() -> str:
    """Return a new id in RAM's format."""
    return f"3{secrets.randbelow(10**17):017d}"


def check_name(name: str) -> None:
    """Raise ``InvalidParameter.Name`` for an invalid name."""
    if not _NAME.fullmatch(name):
        raise CloudError("InvalidParameter.Name", f"{name!r} is not a valid name in RAM.")


def check_session(seconds: int) -> None:
    """Refuse an invalid maximum session duration."""
    low, high = SESSION_SECONDS
    if not low <= seconds <= high:
        raise CloudError(
            "InvalidParameter.MaxSessionDuration",
            f"{seconds} seconds is not between {low} and {high}.",
        )


def check_policy(text: str) -> None:
    """Refuse a document that is malformed or too long."""
    parse(PolicyDocument, text)
    size = len(text.encode())
    if size > POLICY_BYTES:
        raise CloudError(
            "InvalidParameter.PolicyDocument.Length",
            f"The document has {size} bytes; the limit is {POLICY_BYTES}.",
        )
