"""RAM policies with exactly the actions and resources that the functions and flows use.

Actions and resources are taken from the services' authorization tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from infra.model.environment import BucketConfig, Environment
from infra.model.names import Names
from infra.policies.copying import (
    statements_for_comparing,
    statements_for_removing,
    statements_for_writing,
)
from infra.policies.statements import (
    MAX_DOCUMENT_BYTES,
    PolicyStatement,
    allow,
    document,
    listing,
    objects_in,
    objects_of,
)

# The only actions that our policies allow on all resources, and why they cannot be narrower. A plan
# with any other is refused (infra.plan_checks.rules).
WILDCARD_REASONS: Final[Mapping[str, str]] = dict.fromkeys(
    ("fnf:StartExecution", "fnf:DescribeExecution", "fnf:StopExecution"),
    "the service's authorization table only grants it on all resources; the flows need it to start "
    "their children, and to follow and stop those that a task waits for",
)


_READ: Final = ("oss:GetObject", "oss:GetObjectTagging", "oss:GetObjectAcl")


class PolicyTooLargeError(Exception):
    """A policy document exceeds RAM's size limit; fewer or shorter prefixes make it fit."""


def trust(host: str) -> str:
    """Return a trust policy that lets one service assume the role.

    ``Action`` is a string, since the provider fails on a list (its issue 7421).
    """
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": [host]},
    }
    return document([statement])


def functions_policy(environment: Environment) -> str:
    """Return the functions' policy: list, thaw, copy, read manifests, keep the ledger, log.

    Raises:
        PolicyTooLargeError: there are too many buckets and prefixes for one policy.
    """
    names = Names(environment)
    statements = [
        statement for bucket in environment.buckets for statement in _list_and_thaw(bucket)
    ]
    statements += _copy(environment)
    statements += [
        allow(["oss:GetObject"], objects_of(manifests)) for manifests in environment.manifests
    ]
    ledger, prefix = names.report_bucket, environment.report.prefix
    statements += [
        listing(["oss:ListObjects"], ledger, [prefix] if prefix else []),
        allow(["oss:GetObject", "oss:PutObject"], [objects_in(ledger, prefix)]),
    ]
    if names.functions.log_with_role:
        statements.append(allow(["log:PostLogStoreLogs"], [names.logstore_arn()]))
    for target in environment.notify:
        if target.mns is not None:
            statements.append(allow([target.mns.action], [names.mns_arn(target.mns.path)]))
    return _checked(statements)


def flows_policy(environment: Environment) -> str:
    """Return the flows' policy: call the functions, and run child flows."""
    names = Names(environment)
    functions = [
        resource for function in names.deployed for resource in names.functions.invoked(function)
    ]
    statements = [
        allow(["fc:InvokeFunction"], functions),
        allow([*WILDCARD_REASONS], ["*"]),
    ]
    return _checked(statements)


def _list_and_thaw(bucket: BucketConfig) -> list[PolicyStatement]:
    lists, thaws = ["oss:ListObjects"], ["oss:RestoreObject"]
    if bucket.versions:
        lists.append("oss:ListObjectVersions")
        thaws.append("oss:RestoreObjectVersion")
    return [listing(lists, bucket.name, bucket.prefixes), allow(thaws, objects_of(bucket))]


def _copy(environment: Environment) -> list[PolicyStatement]:
    """Return the statements for copying: on each source, and each destination in this account.

    Another account's bucket is governed by its own bucket policy alone (docs authentication).
    """
    promoted = [bucket for bucket in environment.buckets if bucket.promote]
    sources = environment.buckets if environment.destinations else promoted
    statements = [allow(_READ, [resource for source in sources for resource in objects_of(source)])]
    if any(destination.versions for destination in environment.destinations):
        keeping = [source for source in sources if source.versions]
        of_versions = [resource for source in keeping for resource in objects_of(source)]
        if of_versions:
            statements.append(allow([_of_version(action) for action in _READ], of_versions))
    foreign = environment.foreign_destinations
    own = [one for one in environment.destinations if one not in foreign]
    for destination in own:
        statements += statements_for_comparing(destination)
    for source in promoted:
        if source.remove_archived:
            statements += statements_for_removing(source)
    for bucket in (*promoted, *own):
        statements += statements_for_writing(bucket)
    return statements if sources else []


def _of_version(action: str) -> str:
    """Return the action's name for a specific version, such as oss:GetObjectVersionTagging."""
    return action.replace("GetObject", "GetObjectVersion")


def _checked(statements: Sequence[PolicyStatement]) -> str:
    text = document(statements)
    size = len(text.encode())
    if size > MAX_DOCUMENT_BYTES:
        raise PolicyTooLargeError(
            f"the policy has {size} bytes, over RAM's {MAX_DOCUMENT_BYTES}; use fewer or shorter "
            "prefixes"
        )
    return text
