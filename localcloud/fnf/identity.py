"""The identity of an execution when it calls a service."""

from __future__ import annotations

from localcloud.errors import CloudError
from localcloud.ram.credentials import Credential, Principal
from localcloud.ram.model import Ram

_SERVICE = "fnf.aliyuncs.com"


class Identity:
    """The flow's role, assumed by one execution from its first call to its end.

    Args:
        ram: of the flow's account.
        flow: the flow's name.
        role_arn: its role; empty if it has none.
        session: name of the session.
    """

    def __init__(self, ram: Ram, *, flow: str, role_arn: str, session: str) -> None:
        self._ram = ram
        self._flow = flow
        self._role_arn = role_arn
        self._session = session
        self._credential: Credential | None = None

    def principal(self) -> Principal:
        """Who calls.

        Raises:
            CloudError: there is no such role, or it does not trust the service.
        """
        if not self._role_arn:
            raise CloudError(
                "AccessDenied",
                f"Flow {self._flow!r} has no role, so it may call nothing: give it a RoleArn.",
                403,
            )
        if self._credential is None:
            self._credential = self._ram.assume(self._role_arn, by=_SERVICE, session=self._session)
        return self._credential.principal

    def drop(self) -> None:
        """Release the role."""
        if self._credential is not None:
            self._ram.credentials.revoke(self._credential.access_key_id)
            self._credential = None
