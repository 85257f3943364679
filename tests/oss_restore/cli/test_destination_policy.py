"""``oss-restore destination-policy``, for a bucket of another account."""

from __future__ import annotations

from pathlib import Path

import yaml

from infra.environment_files import load_environments
from infra.policies.copying import destination_policy
from oss_restore.errors import ExitStatus
from tests.infra.environments import SMALL
from tests.oss_restore.conftest import Cli


def test_the_policy_is_printed_with_the_deployments_role(cli: Cli, tmp_path: Path) -> None:
    theirs = {"name": "theirs", "account": "2000000000000002"}
    (tmp_path / "dev.yaml").write_text(yaml.safe_dump({**SMALL, "destinations": [theirs]}))
    done = cli("destination-policy", "dev", "theirs", "--environments", str(tmp_path))
    (environment,) = load_environments(tmp_path)
    expected = destination_policy(environment, environment.destinations[0])
    assert (done.status, done.out) == (ExitStatus.OK, f"{expected}\n")
    assert "arn:sts::1234567890123456:assumed-role/oss-restore-functions-dev/*" in expected
    assert "acs:oss:*:2000000000000002:theirs/*" in expected
    other = cli("destination-policy", "dev", "others", "--environments", str(tmp_path))
    assert other.status == ExitStatus.USAGE
    assert "others is not a destination of environment dev: it has theirs" in other.err
