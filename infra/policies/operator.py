"""The exact permissions that an operator's commands need on given environments.

tests/oss_restore/cli/test_operator_policy.py shows which command needs a permission.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from infra.model.environment import BucketConfig, Environment
from infra.model.names import NOTIFIER, Names
from infra.policies.statements import (
    PolicyStatement,
    allow,
    documents,
    listing,
    objects_in,
    objects_of,
)
from thaw.ledger_layout import RETRY_MANIFEST, STOP_MARK, run_folder

# On every resource: the service's authorization table only grants these on all resources.
_WORKFLOW = (
    "fnf:DescribeExecution",
    "fnf:DescribeFlow",
    "fnf:GetExecutionHistory",
    "fnf:ListExecutions",
    "fnf:StartExecution",
    "fnf:StopExecution",
)


def operator_policies(environments: Iterable[Environment]) -> tuple[str, ...]:
    """Return the policies to plan, start, follow and stop runs in environments of one account."""
    statements = [allow(_WORKFLOW, ["*"])]
    for environment in environments:
        statements += _of_environment(environment)
    return documents(statements)


def _of_environment(environment: Environment) -> Iterator[PolicyStatement]:
    for bucket in environment.buckets:
        yield from _of_bucket(bucket)
    for manifests in environment.manifests:
        yield allow(["oss:GetObject"], objects_of(manifests))
    names = Names(environment)
    reports, prefix = names.report_bucket, environment.report.prefix
    any_run = run_folder(prefix, "*")
    yield allow(["oss:GetBucketInfo"], [f"acs:oss:*:*:{reports}"])
    yield listing(["oss:ListObjects"], reports, [prefix] if prefix else [])
    yield allow(["oss:GetObject"], [objects_in(reports, any_run)])
    written = (STOP_MARK, RETRY_MANIFEST)
    yield allow(["oss:PutObject"], [f"acs:oss:*:*:{reports}/{any_run}{name}" for name in written])
    # A stopped flow cannot send its notification, so `stop` does.
    yield allow(["fc:InvokeFunction"], [names.functions.arn(NOTIFIER)])
    # `doctor` calls the function to check what copies would find with its role.
    if environment.destinations or any(bucket.promote for bucket in environment.buckets):
        yield allow(["fc:InvokeFunction"], [names.functions.arn("planCopies")])


def _of_bucket(bucket: BucketConfig) -> Iterator[PolicyStatement]:
    lists, cleans = ["oss:ListObjects"], ["oss:CleanRestoredObject"]
    if bucket.versions:
        lists.append("oss:ListObjectVersions")
        cleans.append("oss:CleanRestoredObjectVersion")
    yield listing(lists, bucket.name, bucket.prefixes)
    checks = ["oss:GetBucketInfo", "oss:GetBucketArchiveDirectRead"]
    if bucket.promote:
        checks.append("oss:GetBucketVersioning")
    yield allow(checks, [f"acs:oss:*:*:{bucket.name}"])
    yield allow(cleans, objects_of(bucket))
