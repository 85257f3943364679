"""A function's output: its tail in the response, and its lines in Log Service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from localcloud.core import Core
from localcloud.errors import AccessDeniedError, CloudError
from localcloud.fc.call import CallUsage
from localcloud.fc.model import LogConfig
from localcloud.fc.platform import InvocationTarget
from localcloud.ram.credentials import Credential
from localcloud.ram.model import Ram
from localcloud.sls import LogLine, LogService

TAIL_BYTES: Final = 4_096


def log_text(output: bytes, request_id: str, memory_size: int, usage: CallUsage) -> str:
    """Return an invocation's log, with the platform's lines around it (as in published logs)."""
    written = output.decode(errors="replace")
    if written and not written.endswith("\n"):
        written += "\n"
    return (
        f"FC Invoke Start RequestId: {request_id}\n"
        f"{written}"
        f"FC Invoke End RequestId: {request_id}\n"
        f"Duration: {usage.seconds * 1000:.2f} ms, Billed Duration: {usage.milliseconds} ms, "
        f"Memory Size: {memory_size} MB, Max Memory Used: {usage.megabytes} MB\n"
    )


def check_logs(sls: LogService, log: LogConfig | None) -> None:
    """Raise ``InvalidArgument`` if the project or logstore does not exist."""
    if log is not None:
        try:
            sls.logstore(log.project, log.logstore)
        except CloudError as error:  # SLS says which one
            raise CloudError("InvalidArgument", error.message) from error


def tail(text: str) -> str:
    """Return the last 4 KB."""
    return text.encode()[-TAIL_BYTES:].decode(errors="ignore")


class LogShipper:
    """Writes functions' logs to the logstore in the configuration of the function or its service.

    FC 2.0 writes with the permissions of the service's role; FC 3.0 with those of its
    service-linked role (docs on logs), which is assumed to exist.

    Attributes:
        warnings: reasons why lines were lost, each once.
    """

    def __init__(self, core: Core, ram: Ram, sls: LogService) -> None:
        self.warnings: dict[str, None] = {}
        self._core = core
        self._ram = ram
        self._sls = sls

    def ship(
        self,
        target: InvocationTarget,
        credential: Credential | None,
        request_id: str,
        lines: Iterable[str],
    ) -> None:
        """Write the lines; on failure, drop them with a warning."""
        log = target.log_config
        if log is None:
            return
        try:
            if target.path.service:
                self._authorize(target, log, credential)
            self._sls.append(
                log.project,
                log.logstore,
                [self._line(target, request_id, message) for message in lines],
            )
        except CloudError as error:
            self.warnings[f"log lines of function {target.path.name} are lost: {error.message}"] = (
                None
            )

    def _authorize(
        self, target: InvocationTarget, log: LogConfig, credential: Credential | None
    ) -> None:
        action = "log:PostLogStoreLogs"
        resource = (
            f"acs:log:{self._core.settings.region}:{self._ram.account_id}:project/{log.project}"
            f"/logstore/{log.logstore}"
        )
        if credential is None:
            raise AccessDeniedError(
                principal=f"service {target.path.service}, which has no role,",
                action=action,
                resource=resource,
            )
        self._ram.authorize(credential.principal, action, resource)

    def _line(self, target: InvocationTarget, request_id: str, message: str) -> LogLine:
        # Topic and field names are those in FC's own log queries; others are assumed.
        return LogLine(
            time=self._core.clock.now(),
            topic=f"FCLogs:{target.path.name}",
            source="fc",
            contents={
                "serviceName": target.path.service,
                "functionName": target.path.function,
                "qualifier": target.qualifier,
                "versionId": "",
                "requestId": request_id,
                "message": message,
            },
        )
