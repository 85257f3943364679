"""Environments for tests: the shortest file that is right, with changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from infra.model import Environment

ACCOUNT = "1234567890123456"
SHORTEST: Mapping[str, Any] = {
    "name": "dev",
    "account": ACCOUNT,
    "region": "cn-hangzhou",
    "buckets": [{"name": "my-archive"}],
    "backend": {"local": {"path": "state/dev.tfstate"}},
}


def environment(**changes: object) -> Environment:
    """The shortest environment, with other values for some of its fields."""
    return Environment.model_validate({**SHORTEST, **changes})


def write(folder: Path, file: str = "dev.yaml", **changes: object) -> Path:
    """Writes an environment file; a change to None leaves the field out."""
    data = {name: value for name, value in {**SHORTEST, **changes}.items() if value is not None}
    path = folder / file
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path
