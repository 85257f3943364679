"""Principals, and the keys they sign requests with."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import TypeAdapter

from localcloud.errors import CloudError


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of a request.

    Attributes:
        account_id: the account it belongs to.
        arn: ``acs:ram::ACCOUNT:root``, ``…:user/NAME`` or ``…:assumed-role/ROLE/SESSION``.
        user: name of the RAM user, if it is a user.
        role: name of the assumed role, if any.
        function: name of the function that assumed the role, if any.
    """

    account_id: str
    arn: str
    user: str = ""
    role: str = ""
    function: str = ""

    @property
    def is_root(self) -> bool:
        """Whether it is the account itself, which is allowed everything."""
        return not self.user and not self.role


@dataclass(frozen=True, slots=True)
class Credential:
    """A key pair, with a token and expiry (seconds of machine time since 1970) if temporary."""

    access_key_id: str
    secret: str
    principal: Principal
    token: str = ""
    expires_at: float | None = None


_credential = TypeAdapter(Credential)


def root_principal(account_id: str) -> Principal:
    """Return the principal of the account itself."""
    return Principal(account_id, f"acs:ram::{account_id}:root")


class CredentialStore:
    """The keys of all accounts of this cloud.

    Args:
        changed: called with the id of every key that is added or removed.
    """

    def __init__(self, changed: Callable[[str], None] = lambda _: None) -> None:
        self._by_id: dict[str, Credential] = {}
        self._changed = changed

    def issue(self, principal: Principal, *, lifetime: float | None = None) -> Credential:
        """Create a key: permanent, or temporary with a token.

        Args:
            principal: the owner of the key.
            lifetime: lifetime in seconds of machine time; None for a permanent key.
        """
        temporary = lifetime is not None
        credential = Credential(
            access_key_id=("STS." if temporary else "LTAI") + secrets.token_hex(10),
            secret=secrets.token_hex(16),
            principal=principal,
            token=secrets.token_urlsafe(48) if temporary else "",
            expires_at=None if lifetime is None else time.time() + lifetime,
        )
        self._by_id[credential.access_key_id] = credential
        self._changed(credential.access_key_id)
        return credential

    def add(self, credential: Credential) -> None:
        """Add an existing key from a saved state."""
        self._by_id[credential.access_key_id] = credential

    def of_user(self, account_id: str, user: str) -> list[Credential]:
        """Return a RAM user's keys."""
        return [
            credential
            for credential in self._by_id.values()
            if credential.principal.account_id == account_id and credential.principal.user == user
        ]

    def revoke(self, access_key_id: str) -> None:
        """Revoke a key."""
        if self._by_id.pop(access_key_id, None):
            self._changed(access_key_id)

    def find(self, access_key_id: str, token: str = "") -> Credential:
        """Return the key with that id.

        Raises:
            CloudError: ``InvalidAccessKeyId``, ``InvalidSecurityToken``, ``SecurityTokenExpired``.
        """
        credential = self._by_id.get(access_key_id)
        if credential is None:
            raise CloudError(
                "InvalidAccessKeyId", f"There is no access key {access_key_id!r} here.", 403
            )
        if credential.token != token:
            raise CloudError(
                "InvalidSecurityToken", "The security token does not belong to this key.", 403
            )
        if credential.expires_at is not None and credential.expires_at < time.time():
            raise CloudError("SecurityTokenExpired", "The security token has expired.", 403)
        return credential

    def ids(self) -> list[str]:
        """Return the ids of all keys."""
        return list(self._by_id)

    def dump(self, access_key_id: str) -> bytes | None:
        """Return a key as JSON; None if it has expired or was revoked."""
        credential = self._by_id.get(access_key_id)
        if credential is None:
            return None
        if credential.expires_at is not None and credential.expires_at < time.time():
            return None
        return _credential.dump_json(credential)

    def load(self, text: bytes) -> None:
        """Add what :meth:`dump` returned to the existing keys."""
        self.add(_credential.validate_json(text))
