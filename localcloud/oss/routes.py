"""The routing table: how each operation is selected, what it requires and what it supports.

The actions are from each operation's page and the table of RAM policies for OSS (docs 100680),
which has separate actions for requests with a version id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from localcloud.operation_row import OperationRow
from localcloud.oss.operations import (
    acls,
    appending,
    buckets,
    copying,
    deleting,
    lists,
    multipart,
    objects,
    policies,
    retention,
    settings,
    statistics,
    symlinks,
    tags,
    thawing,
    versions,
)
from localcloud.oss.route import SOURCE, Route
from localcloud.oss.routing import Router

ROUTES: Final = tuple(
    operation
    for module in (
        *(buckets, statistics, settings, policies, retention, lists, versions, deleting),
        *(objects, copying, appending, symlinks, thawing, acls, tags, multipart),
    )
    for operation in vars(module).values()
    if isinstance(operation, Route)
)
ROUTER: Final = Router(ROUTES)

_SETTINGS: Final = "a bucket setting that can be read (above) but not changed"
# Features of the service that the local cloud does not support.
UNSUPPORTED: Final[Mapping[str, str]] = {
    "PutBucketCors": _SETTINGS,
    "PutBucketEncryption": _SETTINGS,
    "PutBucketLifecycle": _SETTINGS,
    "PutBucketLogging": _SETTINGS,
    "GetBucketPolicyStatus": "put a policy that is not public instead",
    "PutBucketReferer": _SETTINGS,
    "PutBucketRequestPayment": _SETTINGS,
    "PutBucketTransferAcceleration": _SETTINGS,
    "PutBucketWebsite": _SETTINGS,
    "CompleteBucketWorm, ExtendBucketWorm": "a retention policy is never locked here",
    "every other parameter of a bucket": "inventories, replication and newer features",
    "PostObject": "uploads from browser forms",
    "OptionObject": "cross-origin requests from browsers",
    "PutLiveChannel": "live channels; the list of them is empty",
    "SelectObject": "queries on object data",
    "AsyncFetch": "copies from other origins",
    "SealAppendObject": "conversion of appendable objects to cold classes",
    "x-oss-process": "processing of images and other data",
    "x-oss-callback": "calls to a server after an upload",
    "x-oss-traffic-limit": "bandwidth is never limited",
    "x-oss-server-side-encryption: KMS": "there is no KMS; AES256 is recorded with the object",
}


def operation_rows() -> Iterator[OperationRow]:
    """Yield every operation as a row for the documentation."""
    for route in ROUTES:
        sub_resource = f"?{route.sub_resource}" if route.sub_resource else ""
        source = f" with {SOURCE}" if route.copies else ""
        version = ["versionId"] if route.version_action else []
        yield OperationRow(
            route.name,
            f"{route.method} {route.level}{sub_resource}{source}",
            (*version, *sorted(route.parameters), *sorted(route.headers)),
        )
