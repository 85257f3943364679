"""Messages about unreachable services."""

from __future__ import annotations

from Tea.exceptions import TeaException

from oss_restore.language import gettext as _


def cannot_reach(service: str, endpoint: str, reason: object) -> str:
    """Return the message that a service cannot be reached.

    Args:
        service: name of the service.
        endpoint: endpoint of the service.
        reason: the reason, or the error of an official client.
    """
    if isinstance(reason, TeaException):
        # Only the last cause is shown, since earlier ones contain the signed URL.
        text = str(getattr(reason, "inner_exception", reason))
        reason = text.rpartition("Caused by ")[2].rpartition(": ")[2].rstrip("\"')}")
    return _("cannot reach {service} at {endpoint}: {reason}").format(
        service=service, endpoint=endpoint, reason=reason
    )
