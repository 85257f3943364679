"""The keys that a function signs with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from thaw.errors import InvalidDeployment


@dataclass(frozen=True)
class Credentials:
    """Temporary keys of the functions' role; permanent keys have an empty token."""

    access_key_id: str
    access_key_secret: str
    security_token: str


def credentials_of(context: object, environment: Mapping[str, str]) -> Credentials:
    """Return the keys of an invocation, from its context or else from the environment.

    FC 2.0 passes ``context.credentials``; FC 3.0 on Python 3.12 sets variables only.

    Raises:
        InvalidDeployment: neither has keys, because the function has no role.
    """
    given = getattr(context, "credentials", None)
    if given is not None and given.access_key_id:
        return Credentials(given.access_key_id, given.access_key_secret, given.security_token or "")
    access_key_id = environment.get("ALIBABA_CLOUD_ACCESS_KEY_ID")
    access_key_secret = environment.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
    if not access_key_id or not access_key_secret:
        raise InvalidDeployment("the function has no credentials: give it, or its service, a role")
    return Credentials(
        access_key_id, access_key_secret, environment.get("ALIBABA_CLOUD_SECURITY_TOKEN", "")
    )
