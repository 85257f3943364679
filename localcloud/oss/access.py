"""Who may do what: the owner's RAM policies, and what ACLs open to everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from localcloud.errors import AccessDeniedError, CloudError
from localcloud.oss.bucket import Bucket
from localcloud.oss.model import Acl
from localcloud.oss.store import ObjectStore
from localcloud.ram.credentials import Principal

Authorize = Callable[[Principal, str, str, Mapping[str, str]], None]

ANONYMOUS: Final = Principal(account_id="", arn="anonymous", user="anonymous")

# What an ACL opens (docs bucket-acl). Listing is not among it (assumed, the strict way).
_READS: Final = frozenset({"oss:GetObject"})
_WRITES: Final = frozenset({"oss:PutObject", "oss:DeleteObject", "oss:AbortMultipartUpload"})
_OPENED: Final[Mapping[str, frozenset[str]]] = {
    Acl.PUBLIC_READ: _READS,
    Acl.PUBLIC_READ_WRITE: _READS | _WRITES,
}


@dataclass(frozen=True, slots=True)
class Access:
    """What one caller may do."""

    store: ObjectStore
    principal: Principal
    authorize: Authorize

    def require(
        self, action: str, bucket_name: str, key: str, conditions: Mapping[str, str] | None = None
    ) -> None:
        """Refuses what neither RAM nor an ACL grants, and whatever is another account's.

        Args:
            action: such as ``oss:GetObject``.
            bucket_name: empty for the service itself.
            key: empty for the bucket itself.
            conditions: what a policy's conditions can ask about.

        Raises:
            CloudError: ``NoSuchBucket``, ``AccessDenied``.
        """
        principal = self.principal
        if not bucket_name or action == "oss:PutBucket":
            owner = principal.account_id
        else:
            bucket = self.store.get_bucket(bucket_name)
            if action in _OPENED.get(_acl(bucket, key), ()):
                return
            owner = bucket.owner
        if principal is ANONYMOUS:
            raise CloudError(
                "AccessDenied",
                f"Without a signature {action} is forbidden by the ACL of bucket or object.",
                403,
                ec="0003-00000001",
            )
        path = f"{bucket_name}/{key}" if key else bucket_name or "*"
        resource = f"acs:oss:*:{owner}:{path}"
        if owner != principal.account_id:
            raise AccessDeniedError(principal=principal.arn, action=action, resource=resource)
        self.authorize(principal, action, resource, conditions or {})


def _acl(bucket: Bucket, key: str) -> str:
    """The ACL that counts: the current object's own, or else its bucket's."""
    if bucket.blocks_public_access:
        return Acl.PRIVATE
    stored = bucket.objects.get(key) if key else None
    return bucket.acl if stored is None or stored.acl is Acl.DEFAULT else stored.acl
