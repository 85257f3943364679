"""The settings under which flows are run: every value of every switch that they can notice."""

from __future__ import annotations

from typing import Final

import pytest

from localcloud.settings import Settings, override, switches

_OF_OSS: Final = {"lower_tier_error", "faster_tier", "bad_days_error", "clean_restored_status"}


def _every_setting() -> dict[Settings, str]:
    """Return the settings with their names; the defaults, which every switch shares, come once."""
    found = {Settings(): "defaults"}
    for name, values in switches().items():
        for value in values if name not in _OF_OSS else ():
            found.setdefault(override(Settings(), {name: value}), f"{name}={value}")
    return found


every_switch = pytest.mark.parametrize(
    "settings", [pytest.param(settings, id=name) for settings, name in _every_setting().items()]
)
