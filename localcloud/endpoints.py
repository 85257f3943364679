"""The file by which a running cloud tells where it answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import orjson


def write_endpoints(path: Path, endpoints: Mapping[str, str]) -> None:
    """Writes the endpoints file at once and whole, readable by its owner only."""
    part = path.with_name(path.name + ".part")
    part.touch(mode=0o600)
    part.write_bytes(orjson.dumps(dict(endpoints), option=orjson.OPT_INDENT_2))
    part.replace(path)


def remove_endpoints(path: Path) -> None:
    """Takes the endpoints file away: the cloud answers no more."""
    path.unlink(missing_ok=True)
