"""Texts about the local cloud's meters."""

from __future__ import annotations

from typing import Final

from oss_restore.language import N_, gettext
from oss_restore.reporting.formatting import number, size

_NAMES: Final = {
    "fc.invocations": N_("function calls"),
    "fc.vcpu_seconds": N_("vCPU-seconds of functions"),
    "fc.gb_seconds": N_("GB-seconds of functions"),
    "fnf.step_transitions": N_("workflow steps"),
}
# The rest of the name is an operation, or a storage class and, for a retrieval, its tier.
_KINDS: Final = {
    "oss.requests.": N_("{what} requests to OSS"),
    "oss.retrievals.": N_("objects retrieved from {what}"),
    "oss.retrieved_bytes.": N_("data retrieved from {what}"),
}


def meter_text(meter: str, amount: float) -> tuple[str, str]:
    """Return the description of a meter and the formatted amount."""
    text = size(amount) if ".retrieved_bytes." in meter else number(amount)
    for start, kind in _KINDS.items():
        if meter.startswith(start):
            detail = meter.removeprefix(start).replace(".", ", ")
            return gettext(kind).format(what=detail), text
    return gettext(_NAMES.get(meter, meter)), text
