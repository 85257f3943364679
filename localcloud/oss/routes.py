"""The routing table: how each operation is selected, what it requires, and what it supports.

The actions are those of each operation's page, and of the table of RAM policies for OSS (docs
100680), which has separate actions for calls that name a version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from localcloud.operation_row import OperationRow
from localcloud.oss.bucket_routes import LISTS, SERVICE, SETTINGS
from localcloud.oss.object_routes import OBJECTS, UPLOADS
from localcloud.oss.operations.copying import SOURCE
from localcloud.oss.routing import Router

ROUTES: Final = SERVICE + SETTINGS + LISTS + OBJECTS + UPLOADS
ROUTER: Final = Router(ROUTES)

_SETTINGS: Final = "a bucket setting that can be read (above) but not changed"
# Features of the service that the local cloud refuses.
LEFT_OUT: Final[Mapping[str, str]] = {
    "PutBucketCors": _SETTINGS,
    "PutBucketEncryption": _SETTINGS,
    "PutBucketLifecycle": _SETTINGS,
    "PutBucketLogging": _SETTINGS,
    "GetBucketPolicyStatus": "whether a policy is public: put one that is not",
    "PutBucketReferer": _SETTINGS,
    "PutBucketRequestPayment": _SETTINGS,
    "PutBucketTransferAcceleration": _SETTINGS,
    "PutBucketWebsite": _SETTINGS,
    "CompleteBucketWorm, ExtendBucketWorm": "a retention policy is never locked here",
    "every other parameter of a bucket": "inventories, replication and what is newer",
    "PostObject": "uploads by forms of browsers",
    "OptionObject": "cross-origin requests of browsers",
    "PutLiveChannel": "live channels; the list of them is empty",
    "SelectObject": "queries on objects' data",
    "AsyncFetch": "copies from elsewhere",
    "SealAppendObject": "makes appendable objects cold",
    "x-oss-process": "images and other data processed on the way",
    "x-oss-callback": "calls of others after an upload",
    "x-oss-traffic-limit": "no bandwidth is limited",
    "x-oss-server-side-encryption: KMS": "there is no KMS; AES256 is noted with the object",
}


def operation_rows() -> Iterator[OperationRow]:
    """Every operation, as rows for the documentation."""
    for route in ROUTES:
        sub_resource = f"?{route.sub_resource}" if route.sub_resource else ""
        source = f" with {SOURCE}" if route.copies else ""
        version = ["versionId"] if route.version_action else []
        yield OperationRow(
            route.name,
            f"{route.method} {route.level}{sub_resource}{source}",
            (*version, *sorted(route.parameters), *sorted(route.headers)),
        )
