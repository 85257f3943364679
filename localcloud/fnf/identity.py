"""The identity with which an execution calls services."""

from __future__ import annotations

from localcloud.errors import CloudError
from localcloud.ram.credentials import Credential, Principal
from localcloud.ram.model import Ram

_SERVICE = "fnf.aliyuncs.com"


class Identity:
    """The flow's role, assumed by an execution from its first request to its end.

    Args:
        ram: RAM of the flow's account.
        flow: the flow's name.
        role_arn: ARN of the flow's role; empty if it has none.
        session: name of the session.
    """

    def __init__(self, ram: Ram, *, flow: str, role_arn: str, session: str) -> None:
        self._ram = ram
        self._flow = flow
        self._role_arn = role_arn
        self._session = session
        self._credential: Credential | None = None

    def principal(self) -> Principal:
        """Return the principal of requests.

        Raises:
            CloudError: the role does not exist, or does not trust the service.
        """
        if not self._role_arn:
            raise CloudError(
                "AccessDenied",
                f"Flow {self._flow!r} has no role, so it cannot call anything: set its RoleArn.",
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
