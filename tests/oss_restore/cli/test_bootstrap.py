"""``oss-restore bootstrap``, as an administrator calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.infra.test_bootstrap import HOME, OTHER, PIPELINE_ROLE, STATE
from tests.oss_restore.conftest import Cli

OIDC = ("--oidc-provider", "github", "--github", "me/it")


@pytest.fixture
def arguments(tmp_path: Path) -> tuple[str, ...]:
    folder = tmp_path / "environments"
    folder.mkdir()
    for name, account in (("dev", HOME), ("far", OTHER)):
        document = {
            "name": name,
            "account": account,
            "region": "cn-hangzhou",
            "buckets": [{"name": "archive"}],
            "backend": {"oss": STATE},
            "provider": {"assume_role": {"role_arn": f"acs:ram::{account}:role/deployer"}},
        }
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(document))
    return ("--environments", str(folder), "--output", str(tmp_path / "bootstrap"))


def test_every_account_gets_a_folder(cli: Cli, arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = cli("bootstrap", *arguments, "--pipeline-role", PIPELINE_ROLE, *OIDC)
    assert done.status == 0, done.err
    files = [tmp_path / "bootstrap" / account / "main.tf.json" for account in (HOME, OTHER)]
    assert done.out.splitlines() == [str(file) for file in files]
    roles = json.loads(files[0].read_text())["resource"]["alicloud_ram_role"]
    assert set(roles) == {
        *("pipeline", "pipeline_reader"),
        *("deployer_deployer", "deployer_deployer_reader"),
    }
    trust = roles["pipeline"]["assume_role_policy_document"]
    assert '"repo:me/it:environment:dev","repo:me/it:environment:far"' in trust


def test_only_the_named_environments_are_bootstrapped(
    cli: Cli, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    cli("bootstrap", "dev", *arguments, "--pipeline-role", PIPELINE_ROLE)
    assert [path.name for path in (tmp_path / "bootstrap").iterdir()] == [HOME]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), "--pipeline-role acs:ram::ACCOUNT:role/NAME"),
        (("--pipeline-role", "pipeline"), "--pipeline-role acs:ram::ACCOUNT:role/NAME"),
        (("--pipeline-role", PIPELINE_ROLE, "--oidc-provider", "x"), "anybody with a token"),
        (
            (
                *("--pipeline-role", PIPELINE_ROLE, "--oidc-provider", "x"),
                *("--oidc-subject", "repo:me/it:*", "--reader-subject", "repo:me/it:*"),
            ),
            "would let any branch deploy",
        ),
    ],
)
def test_missing_arguments_are_reported(
    cli: Cli, arguments: tuple[str, ...], given: tuple[str, ...], message: str
) -> None:
    done = cli("bootstrap", *arguments, *given)
    assert done.status == 2
    assert message in done.err


def test_an_environment_that_keeps_its_state_in_a_file_is_reported(
    cli: Cli, arguments: tuple[str, ...]
) -> None:
    file = Path(arguments[1]) / "dev.yaml"
    document = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump({**document, "backend": {"local": {"path": "x"}}}))
    done = cli("bootstrap", *arguments, "--pipeline-role", PIPELINE_ROLE)
    assert done.status == 2
    assert "dev keeps its state in a file" in done.err
