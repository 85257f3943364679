"""One account's roles, policies and users, and what they may do."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from pydantic import ValidationError

from localcloud.errors import AccessDeniedError, CloudError
from localcloud.ram.credentials import Credential, Credentials, Principal
from localcloud.ram.policy import PolicyDocument, Statement, TrustDocument, decide

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_POLICY_VERSIONS = 5  # limits of RAM: versions of a custom policy


@dataclass
class Role:
    """A RAM role."""

    name: str
    role_id: str
    arn: str
    trust_text: str
    description: str = ""
    created_at: float = 0
    policies: list[str] = field(default_factory=list)


@dataclass
class Policy:
    """A custom policy; only its default version counts.

    Attributes:
        text: the document of the default version.
        version: number of the default version, which is the newest.
        versions: numbers of the versions kept, oldest first.
    """

    name: str
    text: str
    description: str = ""
    created_at: float = 0
    version: int = 1
    versions: list[int] = field(default_factory=lambda: [1])


@dataclass
class User:
    """A RAM user."""

    name: str
    arn: str
    policies: list[str] = field(default_factory=list)


class Ram:
    """Roles, policies and users of one account."""

    def __init__(self, account_id: str, credentials: Credentials) -> None:
        self.account_id = account_id
        self.credentials = credentials
        self.roles: dict[str, Role] = {}
        self.policies: dict[str, Policy] = {}
        self.users: dict[str, User] = {}
        self._parsed: dict[str, tuple[Statement, ...]] = {}

    def role(self, name: str) -> Role:
        """The role of that name; ``EntityNotExist.Role`` if there is none."""
        try:
            return self.roles[name]
        except KeyError:
            raise CloudError("EntityNotExist.Role", f"There is no role {name!r}.", 404) from None

    def policy(self, name: str) -> Policy:
        """The custom policy of that name; ``EntityNotExist.Policy`` if there is none."""
        try:
            return self.policies[name]
        except KeyError:
            raise CloudError(
                "EntityNotExist.Policy", f"There is no policy {name!r}.", 404
            ) from None

    def create_role(self, name: str, trust_text: str, description: str, now: float) -> Role:
        """Makes a role; the trust policy is checked."""
        self._check_name(name)
        if name in self.roles:
            raise CloudError("EntityAlreadyExists.Role", f"There is a role {name!r} already.", 409)
        _parse(TrustDocument, trust_text)
        arn = f"acs:ram::{self.account_id}:role/{name.lower()}"
        role_id = f"3{zlib.crc32(arn.encode()):017d}"
        role = Role(name, role_id, arn, trust_text, description, now)
        self.roles[name] = role
        return role

    def update_role(self, name: str, *, trust_text: str | None, description: str | None) -> Role:
        """Changes a role's trust policy or description."""
        role = self.role(name)
        if trust_text is not None:
            _parse(TrustDocument, trust_text)
            role.trust_text = trust_text
        if description is not None:
            role.description = description
        return role

    def delete_role(self, name: str) -> None:
        """Removes a role; ``DeleteConflict.Role.Policy`` while policies are attached."""
        if self.role(name).policies:
            raise CloudError(
                "DeleteConflict.Role.Policy", f"Policies are attached to {name!r}.", 409
            )
        del self.roles[name]

    def create_policy(self, name: str, text: str, description: str, now: float) -> Policy:
        """Makes a custom policy; the document is checked."""
        self._check_name(name)
        if name in self.policies:
            raise CloudError(
                "EntityAlreadyExists.Policy", f"There is a policy {name!r} already.", 409
            )
        _parse(PolicyDocument, text)
        policy = Policy(name, text, description, now)
        self.policies[name] = policy
        return policy

    def update_policy(self, name: str, text: str, *, rotate: bool = False) -> Policy:
        """Makes a new default version of a policy.

        Args:
            name: the policy's.
            text: the new document.
            rotate: drop the oldest version where there is no room for another.

        Raises:
            CloudError: ``LimitExceeded.Policy.Version`` where there is none, and no ``rotate``.
        """
        policy = self.policy(name)
        _parse(PolicyDocument, text)
        if len(policy.versions) >= _POLICY_VERSIONS:
            if not rotate:
                raise CloudError(
                    "LimitExceeded.Policy.Version",
                    f"Policy {name!r} has {_POLICY_VERSIONS} versions, which is the limit: "
                    "delete one, or set the rotate strategy.",
                    409,
                )
            del policy.versions[0]
        policy.text, policy.version = text, policy.version + 1
        policy.versions.append(policy.version)
        self._parsed.pop(name, None)
        return policy

    def delete_policy(self, name: str) -> None:
        """Removes a policy; ``DeleteConflict.Policy.Role`` while it is attached."""
        self.policy(name)
        attached = [role.policies for role in self.roles.values()]
        attached += [user.policies for user in self.users.values()]
        if any(name in policies for policies in attached):
            raise CloudError("DeleteConflict.Policy.Role", f"Policy {name!r} is attached.", 409)
        del self.policies[name]
        self._parsed.pop(name, None)

    def attach(self, policy: str, role: str) -> None:
        """Gives a role a policy."""
        self.policy(policy)
        attached = self.role(role).policies
        if policy in attached:
            raise CloudError("EntityAlreadyExists.Role.Policy", "It is attached already.", 409)
        attached.append(policy)

    def detach(self, policy: str, role: str) -> None:
        """Takes a policy from a role."""
        attached = self.role(role).policies
        if policy not in attached:
            raise CloudError("EntityNotExist.Role.Policy", "It is not attached.", 404)
        attached.remove(policy)

    def create_user(self, name: str) -> User:
        """Makes a RAM user without rights."""
        self._check_name(name)
        user = User(name, f"acs:ram::{self.account_id}:user/{name}")
        self.users[name] = user
        return user

    def assume(
        self,
        role: str,
        *,
        by: str,
        kind: Literal["Service", "RAM"] = "Service",
        session: str = "session",
        lifetime: float = 36 * 3600,
    ) -> Credential:
        """Temporary credentials of a role.

        Args:
            role: its name or ARN.
            by: who assumes it: a service's host, or a principal's ARN.
            kind: which of the two ``by`` is.
            session: name of the session.
            lifetime: seconds of machine time.

        Raises:
            AccessDeniedError: the trust policy does not name ``by``.
            CloudError: ``EntityNotExist.Role``.
        """
        found = self.find_role(role)
        trust = _parse(TrustDocument, found.trust_text)
        if not (trust.trusts(kind, by) or (kind == "RAM" and trust.trusts("RAM", _root_of(by)))):
            raise AccessDeniedError(principal=by, action="sts:AssumeRole", resource=found.arn)
        principal = Principal(
            self.account_id,
            f"acs:ram::{self.account_id}:assumed-role/{found.name}/{session}",
            role=found.name,
        )
        return self.credentials.issue(principal, lifetime=lifetime)

    def find_role(self, name_or_arn: str) -> Role:
        """A role by name or by ARN (whose name part RAM writes in lower case)."""
        name = name_or_arn.rpartition("role/")[2] if name_or_arn.startswith("acs:") else name_or_arn
        for role in self.roles.values():
            if role.name == name or (role.name.lower() == name.lower() and role.arn == name_or_arn):
                return role
        raise CloudError("EntityNotExist.Role", f"There is no role {name_or_arn!r}.", 404)

    def authorize(
        self,
        principal: Principal,
        action: str,
        resource: str,
        context: Mapping[str, str] | None = None,
    ) -> None:
        """Lets a call pass, or refuses it.

        Raises:
            AccessDeniedError: naming principal, action and resource.
        """
        if principal.is_root and principal.account_id == self.account_id:
            return
        holder = self.roles.get(principal.role) or self.users.get(principal.user)
        statements = [
            statement
            for name in (holder.policies if holder else ())
            for statement in self._statements(name)
        ]
        if decide(statements, action, resource, context or {}) != "allow":
            raise AccessDeniedError(principal=principal.arn, action=action, resource=resource)

    def _statements(self, policy: str) -> tuple[Statement, ...]:
        if policy not in self._parsed:
            self._parsed[policy] = _parse(PolicyDocument, self.policies[policy].text).statement
        return self._parsed[policy]

    @staticmethod
    def _check_name(name: str) -> None:
        if not _NAME.fullmatch(name):
            raise CloudError("InvalidParameter.Name", f"{name!r} is no name for RAM.")


def _root_of(principal_arn: str) -> str:
    """The account that a principal belongs to; a role that trusts it trusts all its principals."""
    return principal_arn[: principal_arn.rindex(":")] + ":root"


_Document = TypeVar("_Document", PolicyDocument, TrustDocument)


def _parse(kind: type[_Document], text: str) -> _Document:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise CloudError("MalformedPolicyDocument", str(error)) from error
