"""An account's roles, policies and users, and their permissions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import TypeAdapter

from localcloud.errors import AccessDeniedError, CloudError
from localcloud.ram.credentials import Credential, CredentialStore, Principal
from localcloud.ram.entities import (
    POLICY_VERSIONS,
    Policy,
    PolicyVersion,
    Role,
    User,
    check_name,
    check_policy,
    check_session,
    new_id,
    parse,
)
from localcloud.ram.policy import (
    Decision,
    PolicyDocument,
    PrincipalKind,
    Statement,
    TrustDocument,
    decide,
)


@dataclass(frozen=True)
class _State:
    roles: dict[str, Role]
    policies: dict[str, Policy]
    users: dict[str, User]


_state = TypeAdapter(_State)


class Ram:
    """RAM of an account: roles, policies and users."""

    def __init__(self, account_id: str, credentials: CredentialStore) -> None:
        self.account_id = account_id
        self.credentials = credentials
        self.roles: dict[str, Role] = {}
        self.policies: dict[str, Policy] = {}
        self.users: dict[str, User] = {}
        self._parsed: dict[str, tuple[Statement, ...]] = {}

    def role(self, name: str) -> Role:
        """Return a role; raise ``EntityNotExist.Role`` if it does not exist."""
        try:
            return self.roles[name]
        except KeyError:
            raise CloudError("EntityNotExist.Role", f"There is no role {name!r}.", 404) from None

    def policy(self, name: str) -> Policy:
        """Return a custom policy; raise ``EntityNotExist.Policy`` if it does not exist."""
        try:
            return self.policies[name]
        except KeyError:
            raise CloudError(
                "EntityNotExist.Policy", f"There is no policy {name!r}.", 404
            ) from None

    def tagged(self, kind: Literal["role", "policy"], name: str) -> Role | Policy:
        """Return the role or policy whose tags are requested."""
        return self.role(name) if kind == "role" else self.policy(name)

    def user(self, name: str) -> User:
        """Return a user; raise ``EntityNotExist.User`` if it does not exist."""
        try:
            return self.users[name]
        except KeyError:
            raise CloudError("EntityNotExist.User", f"There is no user {name!r}.", 404) from None

    def create_role(
        self, name: str, trust_text: str, description: str, now: float, *, max_session: int = 3_600
    ) -> Role:
        """Create a role after validating the trust policy."""
        check_name(name)
        if name.lower() in {other.lower() for other in self.roles}:
            raise CloudError("EntityAlreadyExists.Role", f"There is already a role {name!r}.", 409)
        parse(TrustDocument, trust_text)
        check_session(max_session)
        arn = f"acs:ram::{self.account_id}:role/{name.lower()}"
        role = Role(name, new_id(), arn, trust_text, description, now, max_session)
        self.roles[name] = role
        return role

    def update_role(
        self,
        name: str,
        *,
        trust_text: str | None = None,
        description: str | None = None,
        max_session: int | None = None,
    ) -> Role:
        """Update the given properties of a role."""
        role = self.role(name)
        if trust_text is not None:
            parse(TrustDocument, trust_text)
        if max_session is not None:
            check_session(max_session)
        role.trust_text = role.trust_text if trust_text is None else trust_text
        role.description = role.description if description is None else description
        role.max_session = role.max_session if max_session is None else max_session
        return role

    def delete_role(self, name: str) -> None:
        """Delete a role; raise ``DeleteConflict.Role.Policy`` if policies are attached."""
        if self.role(name).policies:
            raise CloudError(
                "DeleteConflict.Role.Policy", f"Policies are attached to {name!r}.", 409
            )
        del self.roles[name]

    def create_policy(self, name: str, text: str, description: str, now: float) -> Policy:
        """Create a custom policy after validating the document."""
        check_name(name)
        if name in self.policies:
            raise CloudError(
                "EntityAlreadyExists.Policy", f"There is already a policy {name!r}.", 409
            )
        check_policy(text)
        policy = Policy(name, [PolicyVersion(1, text, now)], description, now)
        self.policies[name] = policy
        return policy

    def create_policy_version(
        self,
        name: str,
        text: str,
        now: float,
        *,
        set_default: bool,
        rotate: bool = False,
    ) -> PolicyVersion:
        """Add a version to a policy.

        Args:
            name: the policy's name.
            text: the new document.
            now: cloud time.
            set_default: whether it becomes the default version.
            rotate: whether to delete the oldest non-default version if there are too many.

        Raises:
            CloudError: ``LimitExceeded.Policy.Version``, ``MalformedPolicyDocument``.
        """
        policy = self.policy(name)
        check_policy(text)
        if len(policy.versions) >= POLICY_VERSIONS:
            if not rotate:
                raise CloudError(
                    "LimitExceeded.Policy.Version",
                    f"Policy {name!r} has {POLICY_VERSIONS} versions: delete a version, or rotate.",
                    409,
                )
            policy.versions.remove(
                next(version for version in policy.versions if version.number != policy.version)
            )
        policy.last_version += 1
        version = PolicyVersion(policy.last_version, text, now)
        policy.versions.append(version)
        if set_default:
            policy.version = version.number
            self._parsed.pop(name, None)
        return version

    def delete_policy_version(self, name: str, number: int) -> None:
        """Delete a version; raise ``DeleteConflict.Policy.Version.Default`` for the default."""
        policy = self.policy(name)
        if number == policy.version:
            message = f"Version {number} is the default of policy {name!r}."
            raise CloudError("DeleteConflict.Policy.Version.Default", message, 409)
        remaining = [version for version in policy.versions if version.number != number]
        if len(remaining) == len(policy.versions):
            message = f"Policy {name!r} has no version {number}."
            raise CloudError("EntityNotExist.Policy.Version", message, 404)
        policy.versions = remaining

    def delete_policy(self, name: str, *, with_versions: bool = False) -> None:
        """Delete a policy.

        Args:
            name: the policy's name.
            with_versions: whether to delete non-default versions too; if not, RAM refuses.

        Raises:
            CloudError: ``DeleteConflict.Policy.Role``, ``DeleteConflict.Policy.User``,
                ``DeleteConflict.Policy.Version``, ``EntityNotExist.Policy``.
        """
        policy = self.policy(name)
        for kind, holders in (("Role", self.roles.values()), ("User", self.users.values())):
            for holder in holders:
                if name in holder.policies:
                    message = f"Policy {name!r} is attached to {holder.name!r}."
                    raise CloudError(f"DeleteConflict.Policy.{kind}", message, 409)
        if len(policy.versions) > 1 and not with_versions:
            message = f"Policy {name!r} has non-default versions."
            raise CloudError("DeleteConflict.Policy.Version", message, 409)
        del self.policies[name]
        self._parsed.pop(name, None)

    def attachments(self, policy: str) -> int:
        """Return the number of roles and users with a policy."""
        holders: list[Role | User] = [*self.roles.values(), *self.users.values()]
        return sum(policy in holder.policies for holder in holders)

    def attach(self, policy: str, role: str) -> None:
        """Attach a policy to a role."""
        self._attach(policy, self.role(role))

    def detach(self, policy: str, role: str) -> None:
        """Detach a policy from a role."""
        self._detach(policy, self.role(role))

    def create_user(self, name: str, now: float = 0) -> User:
        """Create a RAM user without permissions."""
        check_name(name)
        if name in self.users:
            raise CloudError("EntityAlreadyExists.User", f"There is already a user {name!r}.", 409)
        user = User(name, new_id(), f"acs:ram::{self.account_id}:user/{name}", now)
        self.users[name] = user
        return user

    def delete_user(self, name: str) -> None:
        """Delete a user and their keys; raise ``DeleteConflict.User.Policy`` if it has policies."""
        if self.user(name).policies:
            raise CloudError(
                "DeleteConflict.User.Policy", f"Policies are attached to {name!r}.", 409
            )
        for credential in self.credentials.of_user(self.account_id, name):
            self.credentials.revoke(credential.access_key_id)
        del self.users[name]

    def create_access_key(self, user: str) -> Credential:
        """Create a permanent key for a user."""
        owner = self.user(user)
        return self.credentials.issue(Principal(self.account_id, owner.arn, user=owner.name))

    def attach_to_user(self, policy: str, user: str) -> None:
        """Attach a policy to a user."""
        self._attach(policy, self.user(user))

    def detach_from_user(self, policy: str, user: str) -> None:
        """Detach a policy from a user."""
        self._detach(policy, self.user(user))

    def assume(
        self,
        role: str,
        *,
        by: str,
        kind: PrincipalKind = "Service",
        session: str = "session",
        function: str = "",
        lifetime: float = 36 * 3600,
        context: Mapping[str, str] | None = None,
    ) -> Credential:
        """Return temporary credentials of a role.

        Args:
            role: the role's name or ARN.
            by: the caller: a service's host, or a principal's ARN.
            kind: the type of ``by``; an identity provider's claims are in the context.
            session: name of the session.
            function: name of the function that the session is for, if any.
            lifetime: lifetime in seconds of machine time.
            context: condition keys that the request sets, such as ``sts:ExternalId``.

        Raises:
            AccessDeniedError: the trust policy does not allow ``by``.
            CloudError: ``EntityNotExist.Role``.
        """
        assumed = self.find_role(role)
        trust = parse(TrustDocument, assumed.trust_text)
        names = _names_in_trust(by) if kind == "RAM" else [by]
        if not trust.trusts(kind, names, context or {}):
            raise AccessDeniedError(principal=by, action="sts:AssumeRole", resource=assumed.arn)
        principal = Principal(
            self.account_id,
            f"acs:ram::{self.account_id}:assumed-role/{assumed.name}/{session}",
            role=assumed.name,
            function=function,
        )
        return self.credentials.issue(principal, lifetime=lifetime)

    def find_role(self, name_or_arn: str) -> Role:
        """Return a role by name or ARN (in which RAM uses lower case for the name)."""
        for role in self.roles.values():
            if name_or_arn in (role.name, role.arn) or name_or_arn.lower() == role.arn:
                return role
        raise CloudError("EntityNotExist.Role", f"There is no role {name_or_arn!r}.", 404)

    def authorize(
        self,
        principal: Principal,
        action: str,
        resource: str,
        context: Mapping[str, str] | None = None,
    ) -> None:
        """Authorize a request. Callers from other accounts have no permissions here.

        Raises:
            AccessDeniedError: the caller is not authorized.
        """
        if self.decision(principal, action, resource, context or {}) != "allow":
            raise AccessDeniedError(principal=principal.arn, action=action, resource=resource)

    def decision(
        self, principal: Principal, action: str, resource: str, context: Mapping[str, str]
    ) -> Decision:
        """Return the decision of a caller's own policies on a request; see :meth:`authorize`."""
        if principal.account_id != self.account_id:
            return "none"
        if principal.is_root:
            return "allow"
        return decide(self._statements(principal), action, resource, context)

    def name_in_policies(self, principal: Principal) -> str:
        """Return a caller's name in bucket policies: a session of a role, or an id."""
        if principal.role:
            return principal.arn.replace("acs:ram::", "arn:sts::", 1)
        user = self.users.get(principal.user)
        return user.user_id if user else self.account_id if principal.is_root else ""

    def snapshot(self) -> object:
        """Return the state without the keys, as JSON-compatible data."""
        return _state.dump_python(_State(self.roles, self.policies, self.users), mode="json")

    def restore(self, data: object) -> None:
        """Replace the current contents with what :meth:`snapshot` returned."""
        state = _state.validate_python(data)
        self.roles, self.policies, self.users = state.roles, state.policies, state.users
        self._parsed.clear()

    def _statements(self, principal: Principal) -> list[Statement]:
        holder: Role | User | None = (
            self.roles.get(principal.role) if principal.role else self.users.get(principal.user)
        )
        return [s for name in (holder.policies if holder else ()) for s in self._parse_policy(name)]

    def _parse_policy(self, name: str) -> tuple[Statement, ...]:
        if name not in self._parsed:
            self._parsed[name] = parse(PolicyDocument, self.policies[name].text).statement
        return self._parsed[name]

    def _attach(self, policy: str, holder: Role | User) -> None:
        self.policy(policy)
        if policy in holder.policies:
            kind = type(holder).__name__
            raise CloudError(f"EntityAlreadyExists.{kind}.Policy", "It is already attached.", 409)
        holder.policies.append(policy)

    @staticmethod
    def _detach(policy: str, holder: Role | User) -> None:
        if policy not in holder.policies:
            kind = type(holder).__name__
            raise CloudError(f"EntityNotExist.{kind}.Policy", "It is not attached.", 404)
        holder.policies.remove(policy)


RamLookup: TypeAlias = Callable[[str], Ram]  # by account id


def _names_in_trust(arn: str) -> list[str]:
    """Return the names that match a caller in a trust policy: itself, its role, and its account."""
    *_, account, entity = arn.split(":")
    kind, _, name = entity.partition("/")
    names = [arn, f"acs:ram::{account}:root"]
    if kind == "assumed-role":
        role = name.partition("/")[0]
        names += [f"acs:ram::{account}:role/{role}", f"acs:ram::{account}:role/{role.lower()}"]
    return names
