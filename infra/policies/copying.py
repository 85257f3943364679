"""What copying needs where it writes; and the policy of another account's bucket that gives it."""

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

# Conditions on a prefix are documented of ListObjects only.
_OF_BUCKET: Final = ("oss:ListMultipartUploads", "oss:GetBucketWorm")


def written_in(place: BucketPrefixes, *, owner: str = "*") -> list[PolicyStatement]:
    """What allows to write copies in a bucket."""
    return [
        allow(_WRITE, objects_of(place, owner=owner)),
        allow(_OF_BUCKET, [f"acs:oss:*:{owner}:{place.name}"]),
    ]


def destination_policy(environment: Environment, destination: DestinationConfig) -> str:
    """The policy that the owner of a destination gives the bucket, for the deployment's functions.

    The functions' role is named by its sessions (docs bucket-policy-settings-faq).
    """
    owner = destination.account or environment.account
    role = Names(environment).functions_role
    principal = [f"arn:sts::{environment.account}:assumed-role/{role}/*"]
    statements = [
        listing(["oss:ListObjects"], destination.name, destination.prefixes, owner=owner),
        allow(["oss:GetObject"], objects_of(destination, owner=owner)),
        *written_in(destination, owner=owner),
    ]
    named = [{"Principal": principal, **statement} for statement in statements]
    return json.dumps({"Version": "1", "Statement": named}, indent=2)
