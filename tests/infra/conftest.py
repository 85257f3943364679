"""Fixtures: environments to build from, and the local cloud's provider to check them with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.environment_files import Environment
from localcloud.ram.credentials import root_principal
from tests.infra.environments import full_environment, small_environment
from tests.infra.provider_versions import schema_of_2
from tests.localcloud.terraform.conftest import (
    ACCOUNT,
    RunningCloud,
    binary,
    cloud,
    opentofu,
    reattach,
)

__all__ = ["binary", "cloud", "opentofu", "reattach"]

# Before anything imports cdktf: on Node 20 jsii prints a banner.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")


@pytest.fixture
def provider(request: pytest.FixtureRequest, cloud: RunningCloud, reattach: str) -> str:
    """The value to reattach to the provider in use, or to one of another major version."""
    if getattr(request, "param", 1) == 1:
        return reattach
    return cloud.serve(root_principal(ACCOUNT), schema_of_2())


@pytest.fixture
def small() -> Environment:
    """An environment with as few settings as possible."""
    return small_environment()


@pytest.fixture
def full() -> Environment:
    """An environment with every setting."""
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
