"""A pipeline's permissions besides deploying: the state, and the smoke test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from infra.model.environment import Environment
from infra.model.names import Names
from infra.model.terraform_access import OssState
from infra.policies.deployer import Right
from thaw.ledger_layout import SMOKE_RUN, run_folder

# Permissions of a smoke test on every resource, and why they cannot be narrower.
WILDCARD_REASONS: Final[Mapping[str, str]] = dict.fromkeys(
    ("fnf:DescribeFlow", "fnf:StartExecution", "fnf:DescribeExecution", "fnf:GetExecutionHistory"),
    "the service's authorization table only grants it on all resources",
)
READER: Final = "-reader"  # suffix of the read-only role beside a deploying role


def smoke_rights(environment: Environment) -> Iterator[Right]:
    """Yield what ``oss-restore smoke`` needs: inspect the deployment, run it, read the ledger."""
    names = Names(environment)
    for action in WILDCARD_REASONS:
        yield Right(action, "*")
    for function in names.deployed:
        yield Right("fc:GetFunction", names.functions.arn(function))
    ledgers = run_folder(environment.report.prefix, f"{SMOKE_RUN}*")
    yield Right("oss:GetObject", f"acs:oss:*:*:{names.report_bucket}/{ledgers}*")


def state_rights(environment: Environment, state: OssState, account: str) -> Iterator[Right]:
    """Yield what Terraform needs to read, write and lock an environment's state.

    Args:
        environment: the environment.
        state: where it is kept.
        account: account that owns the bucket and the lock table.
    """
    folder = f"{state.bucket}/{Names(environment).state_prefix}/*"
    yield Right("oss:ListObjects", f"acs:oss:*:*:{state.bucket}")
    yield Right("oss:GetObject", f"acs:oss:*:*:{folder}")
    yield Right("oss:PutObject", f"acs:oss:*:*:{folder}")
    if state.tablestore_endpoint and state.tablestore_table:
        region = state.region or environment.region
        instance = lock_instance(state.tablestore_endpoint)
        table = f"instance/{instance.lower()}/table/{state.tablestore_table}"  # docs 27362
        for action in ("ots:DescribeTable", "ots:GetRow", "ots:PutRow", "ots:DeleteRow"):
            yield Right(action, f"acs:ots:{region}:{account}:{table}")


def lock_instance(endpoint: str) -> str:
    """Return the Tablestore instance of an endpoint, the first part of its host."""
    return (urlsplit(endpoint).hostname or "").partition(".")[0]
