"""The error with which every service of the local cloud responds."""

from __future__ import annotations


class CloudError(Exception):
    """An error of the cloud, which each service writes in its own format.

    Args:
        code: the cloud's error code, such as ``NoSuchBucket``.
        message: human-readable description.
        status: HTTP status of the response.
        ec: OSS's detailed code, if known.
    """

    def __init__(self, code: str, message: str, status: int = 400, *, ec: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.ec = ec


class AccessDeniedError(CloudError):
    """RAM refused a call. The message names the principal, the action and the resource."""

    def __init__(
        self,
        *,
        principal: str,
        action: str,
        resource: str,
        code: str = "AccessDenied",
        ec: str = "",
    ) -> None:
        message = f"{principal} is not allowed to {action} on {resource}"
        super().__init__(code, message, 403, ec=ec)
        self.principal = principal
        self.action = action
        self.resource = resource
