"""Services that do not answer, in words."""

from __future__ import annotations

from Tea.exceptions import TeaException

from oss_restore.language import gettext as _


def cannot_reach(service: str, endpoint: str, reason: object) -> str:
    """Say that a service did not answer.

    Args:
        service: its name.
        endpoint: where it was called.
        reason: why, or the error of an official client.
    """
    if isinstance(reason, TeaException):
        # Only its last cause, since earlier ones contain the signed URL.
        text = str(getattr(reason, "inner_exception", reason))
        reason = text.rpartition("Caused by ")[2].rpartition(": ")[2].rstrip("\"')}")
    return _("cannot reach {service} at {endpoint}: {reason}").format(
        service=service, endpoint=endpoint, reason=reason
    )
