"""A bootstrapped account, and a repository whose pipelines deploy to it."""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import oss2
import pytest
import yaml

from infra.bootstrap import Oidc, Pipeline, bootstrap, github_subjects
from infra.environment_files import load_environments
from localcloud.ram.credentials import root_principal
from oss_restore.cli.rehearsal.terraform_binary import find_terraform, terraform_environment
from oss_restore.clients.target import LocalEndpoints
from tests.infra.bootstrapped import applicable
from tests.localcloud.terraform.terraform import Terraform
from tests.pipelines.cloud import CloudBeside, cloud_beside
from tests.pipelines.github import VARIABLES, GitHub
from tests.pipelines.project import Project, make_project

ACCOUNT = "1234567890123456"
WAVES = {"canary": 0, "prod": 1}
ISSUER, AUDIENCE = "https://token.actions.githubusercontent.com", "sts.aliyuncs.com"
LOCK = {
    "tablestore_endpoint": "https://my-locks.cn-hangzhou.ots.aliyuncs.com",
    "tablestore_table": "terraform_lock",
}
# Responds as gh would, and records its arguments.
GH = """\
#!/bin/sh
echo "$*" >> "$GH_LOG"
case "$1 $2" in
"api repos/me/it/commits/f00d/pulls") echo reviewed-commit ;;
"run list") cat "$GH_LOG.run" ;;
"pr comment") for file; do :; done; cp "$file" "$GH_LOG.comment" ;;
*) exit 1 ;;
esac
"""


@dataclass
class Scene:
    """The cloud, the project and its forge.

    Attributes:
        cloud: the cloud with the account.
        project: the project whose pipelines are run.
        hub: the forge.
        gh_log: the calls of ``gh``.
    """

    cloud: CloudBeside
    project: Project
    hub: GitHub
    gh_log: Path

    def bucket(self, name: str) -> oss2.Bucket:
        """Return a bucket, with the account's own keys."""
        endpoints = self.cloud.endpoints
        auth = oss2.AuthV4(endpoints.access_key_id, endpoints.access_key_secret)
        return oss2.Bucket(auth, endpoints.oss, name, region=endpoints.region)

    @property
    def comment(self) -> str:
        """Return the comment on the pull request."""
        return self.gh_log.with_suffix(".log.comment").read_text()

    def review(self, run_id: str) -> None:
        """Make the plans of a run those of the merged pull request."""
        self.gh_log.with_suffix(".log.run").write_text(run_id)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    workdir = tmp_path_factory.mktemp("pipelines")
    commands = workdir / "bin"
    commands.mkdir()
    (commands / "gh").write_text(GH)
    (commands / "gh").chmod(stat.S_IRWXU)
    with cloud_beside(ACCOUNT) as cloud:
        gh_log = workdir / "gh.log"
        project = make_project(workdir / "project", {"GH_LOG": str(gh_log)}, commands)
        write_environments(project.path / "environments", cloud.endpoints, **LOCK)
        prepare_account(cloud, project.path / "environments", workdir / "bootstrap")
        # The local cloud has no Tablestore, so the states are not locked.
        write_environments(project.path / "environments", cloud.endpoints)
        project.commit()
        sessions = itertools.count()

        def sign_in(role: str, subject: str) -> Mapping[str, str]:
            return signed_in(cloud, role, subject, workdir / f"session-{next(sessions)}.json")

        yield Scene(cloud, project, GitHub(project, workdir, sign_in), gh_log)


def write_environments(folder: Path, endpoints: LocalEndpoints, **lock: str) -> None:
    """Write two environments of one account; only their endpoints differ from real ones."""
    defaults: dict[str, Any] = {
        "account": ACCOUNT,
        "region": endpoints.region,
        "report": {"endpoint": endpoints.oss},
        "backend": {"oss": {"bucket": "my-states", "endpoint": endpoints.oss, **lock}},
        "provider": {
            "protocol": "HTTP",
            "endpoints": {
                product: getattr(endpoints, product)
                for product in ("fc", "fnf", "oss", "ram", "sts")
            },
            "assume_role": {"role_arn": f"acs:ram::{ACCOUNT}:role/oss-restore-deployer"},
        },
    }
    folder.mkdir(exist_ok=True)
    (folder / "_defaults.yaml").write_text(yaml.safe_dump(defaults))
    for name, wave in WAVES.items():
        own = {"name": name, "wave": wave, "buckets": [{"name": f"{name}-data"}]}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(own))


def prepare_account(cloud: CloudBeside, environments: Path, folder: Path) -> None:
    """Bootstrap the account, as its administrator."""
    loaded = load_environments(environments)
    oidc = Oidc("github", ISSUER, AUDIENCE, *github_subjects("me/it", loaded, "main"))
    document = bootstrap(loaded, Pipeline(VARIABLES["OSS_RESTORE_PIPELINE_ROLE"], oidc))[ACCOUNT]
    folder.mkdir()
    reattach = cloud.provider(root_principal(ACCOUNT))
    variables = terraform_environment(os.environ, reattach=reattach)
    terraform = Terraform(find_terraform(folder / "bin"), folder, variables)
    terraform.write_document(applicable(document))
    terraform.applied()


def signed_in(cloud: CloudBeside, role: str, subject: str, file: Path) -> Mapping[str, str]:
    """Return a job's environment variables once its token is exchanged.

    Terraform's provider gets the keys from the attached address here, and the command line from the
    endpoints file; on Alibaba Cloud both read the variables.
    """
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject}
    key = cloud.sign_in(role.rpartition("/")[2], VARIABLES["OSS_RESTORE_OIDC_PROVIDER"], claims)
    keys = {
        "access_key_id": key.access_key_id,
        "access_key_secret": key.secret,
        "security_token": key.token,
    }
    file.write_text(cloud.endpoints.model_copy(update=keys).model_dump_json())
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": key.token,
        "OSS_RESTORE_CLOUD": str(file),
        "TF_REATTACH_PROVIDERS": cloud.provider(key.principal),
    }
