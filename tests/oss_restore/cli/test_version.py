"""``oss-restore --version``."""

from __future__ import annotations

import tomllib

from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.errors import ExitStatus
from tests.oss_restore.conftest import Cli


def test_the_version_is_that_of_pyproject(cli: Cli) -> None:
    """If this fails, the package was installed before its version changed: ``make setup``."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    done = cli("--version")
    assert (done.status, done.out) == (ExitStatus.OK, f"oss-restore {project['version']}\n")
