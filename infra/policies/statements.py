"""RAM policy documents and their statements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NotRequired, TypedDict

from infra.model.environment import BucketPrefixes

MAX_DOCUMENT_BYTES: Final = 6_144  # maximum size of a custom policy (RAM limits)


class PolicyStatement(TypedDict):
    """A policy statement, in RAM's spelling."""

    Effect: str
    Action: Sequence[str]
    Resource: Sequence[str]
    Condition: NotRequired[Mapping[str, Mapping[str, Sequence[str]]]]


def allow(actions: Sequence[str], resources: Sequence[str]) -> PolicyStatement:
    """Return a statement that allows these actions on these resources."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def listing(
    actions: Sequence[str], bucket: str, prefixes: Sequence[str], *, owner: str = "*"
) -> PolicyStatement:
    """Return a statement that allows listing a bucket, or only some prefixes of it."""
    statement = allow(actions, [f"acs:oss:*:{owner}:{bucket}"])
    if prefixes:
        statement["Condition"] = {
            "StringLike": {"oss:Prefix": [f"{prefix}*" for prefix in prefixes]}
        }
    return statement


def objects_in(bucket: str, prefix: str, *, owner: str = "*") -> str:
    """Return the resource of a bucket's objects with a prefix."""
    return f"acs:oss:*:{owner}:{bucket}/{prefix}*"


def objects_of(place: BucketPrefixes, *, owner: str = "*") -> list[str]:
    """Return the resources of all objects in a configured bucket's prefixes."""
    return [objects_in(place.name, prefix, owner=owner) for prefix in place.prefixes or ("",)]


def document(statements: Iterable[Mapping[str, object]]) -> str:
    """Return a RAM document of these statements, compact because its size is limited."""
    return json.dumps({"Version": "1", "Statement": list(statements)}, separators=(",", ":"))


def documents(statements: Iterable[PolicyStatement]) -> tuple[str, ...]:
    """Return the fewest documents of these statements, in order, within RAM's size limit."""
    finished: list[str] = []
    batch: list[PolicyStatement] = []
    for statement in statements:
        if batch and len(document([*batch, statement]).encode()) > MAX_DOCUMENT_BYTES:
            finished.append(document(batch))
            batch = []
        batch.append(statement)
    return (*finished, document(batch))
