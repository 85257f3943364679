"""Environments to build from, and the local cloud's provider to hold them against."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.environment_files import Environment
from tests.infra.environments import full_environment, small_environment
from tests.localcloud.terraform.conftest import binary, cloud, reattach

__all__ = ["binary", "cloud", "reattach"]

# Before anything imports cdktf: on Node 20 jsii prints a banner.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")


@pytest.fixture
def small() -> Environment:
    """An environment that says as little as possible."""
    return small_environment()


@pytest.fixture
def full() -> Environment:
    """An environment that says everything."""
    return full_environment()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder for environment files, which is the working directory."""
    before = Path.cwd()
    os.chdir(tmp_path)
    environments = Path("environments")
    environments.mkdir()
    yield environments
    os.chdir(before)
