"""The development kit that synthesizes: cdktf, or its community successor cdktn.

``OSS_RESTORE_CDK`` selects it. We only use what both have in common, so no other module depends on
the choice, and their outputs differ only in the kit's version.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

_CACHE: Final = Path(__file__).parents[2] / "build" / "jsii"
KITS: Final = ("cdktf", "cdktn")  # the first is the default


class CdkLoadError(Exception):
    """There is no such development kit, or it is not installed."""


def load_kit() -> ModuleType:
    """Load the selected kit.

    Raises:
        CdkLoadError: there is no such kit, or it is not installed.
    """
    name = os.environ.get("OSS_RESTORE_CDK") or KITS[0]
    if name not in KITS:
        raise CdkLoadError(f"OSS_RESTORE_CDK is {name!r}; use {' or '.join(KITS)}")
    # By default jsii unpacks itself to the home folder, which may be missing or read-only.
    os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(_CACHE))
    # With Node 20 jsii prints a banner at every start; the value silences it for that version.
    os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise CdkLoadError(f"{error.name} is not installed here; run: make setup") from error


if TYPE_CHECKING:
    import cdktf as cdktf  # noqa: PLC0414 - re-exported
else:

    def __getattr__(name: str) -> ModuleType:
        """Load the kit when it is first imported."""
        if name != "cdktf":
            raise AttributeError(name)
        return load_kit()
