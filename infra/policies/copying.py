"""Permissions to write copies, and the policy that grants them on another account's bucket."""

from __future__ import annotations

import json
from typing import Final

from infra.model.environment import BucketPrefixes, DestinationConfig, Environment
from infra.model.names import Names
from infra.policies.statements import PolicyStatement, allow, listing, objects_of

_WRITE: Final = (
    "oss:PutObject",
    "oss:PutObjectTagging",
    "oss:AbortMultipartUpload",
    "oss:ListParts",
)

# Conditions on a prefix are only documented for ListObjects.
_OF_BUCKET: Final = ("oss:ListMultipartUploads", "oss:GetBucketWorm")


def statements_for_writing(bucket: BucketPrefixes, *, owner: str = "*") -> list[PolicyStatement]:
    """Return the statements that allow writing copies to a bucket."""
    return [
        allow(_WRITE, objects_of(bucket, owner=owner)),
        allow(_OF_BUCKET, [f"acs:oss:*:{owner}:{bucket.name}"]),
    ]


def statements_for_comparing(
    destination: DestinationConfig, *, owner: str = "*"
) -> list[PolicyStatement]:
    """Return the statements that allow comparing copies with their sources and replaying deletions.

    In a bucket that keeps versions, oss:DeleteObject adds a delete marker and removes nothing.
    """
    lists, reads = ["oss:ListObjects"], ["oss:GetObject"]
    statements = []
    if destination.versions:
        lists.append("oss:ListObjectVersions")
        reads += ["oss:GetObjectVersion", "oss:DeleteObject"]
        bucket = f"acs:oss:*:{owner}:{destination.name}"
        statements.append(allow(["oss:GetBucketVersioning"], [bucket]))
    return [
        listing(lists, destination.name, destination.prefixes, owner=owner),
        allow(reads, objects_of(destination, owner=owner)),
        *statements,
    ]


def statements_for_removing(bucket: BucketPrefixes) -> list[PolicyStatement]:
    """Return the statements that allow removing the archived versions of promoted objects."""
    return [
        listing(["oss:ListObjectVersions"], bucket.name, bucket.prefixes),
        allow(["oss:DeleteObjectVersion"], objects_of(bucket)),
        allow(["oss:GetBucketVersioning"], [f"acs:oss:*:*:{bucket.name}"]),
    ]


def destination_policy(environment: Environment, destination: DestinationConfig) -> str:
    """Return the bucket policy with which a destination's owner lets the functions in.

    It names the sessions of the functions' role (docs bucket-policy-settings-faq).
    """
    owner = destination.account or environment.account
    role = Names(environment).functions_role
    principal = [f"arn:sts::{environment.account}:assumed-role/{role}/*"]
    statements = [
        *statements_for_comparing(destination, owner=owner),
        *statements_for_writing(destination, owner=owner),
    ]
    named = [{"Principal": principal, **statement} for statement in statements]
    return json.dumps({"Version": "1", "Statement": named}, indent=2)
