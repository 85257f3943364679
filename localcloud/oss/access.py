"""Access control: the caller's RAM policies, the bucket's policy, and ACLs.

As in docs authentication: any Deny refuses, an Allow in either policy is enough, and otherwise the
ACLs decide. RAM policies apply only to buckets of the caller's account; access to another account's
bucket requires that bucket's policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from localcloud.errors import AccessDeniedError, CloudError
from localcloud.oss.bucket import Bucket
from localcloud.oss.bucket_policy import read_policy
from localcloud.oss.model import Acl
from localcloud.oss.store import ObjectStore
from localcloud.ram.credentials import Principal
from localcloud.ram.model import RamLookup

ANONYMOUS: Final = Principal(account_id="", arn="anonymous", user="anonymous")

# The actions that an ACL grants (docs bucket-acl). Listing is excluded (assumed: strictest).
_READS: Final = frozenset({"oss:GetObject"})
_WRITES: Final = frozenset({"oss:PutObject", "oss:DeleteObject", "oss:AbortMultipartUpload"})
_OPENED: Final[Mapping[str, frozenset[str]]] = {
    Acl.PUBLIC_READ: _READS,
    Acl.PUBLIC_READ_WRITE: _READS | _WRITES,
}
_DENIED_BY_BUCKET_POLICY: Final = "0003-00000101"  # the codes' own pages
_DENIED_BY_RAM: Final = "0003-00000201"


@dataclass(frozen=True, slots=True)
class Access:
    """The permissions of a caller.

    Attributes:
        ram_of: see ``RamLookup``.
    """

    store: ObjectStore
    principal: Principal
    ram_of: RamLookup

    def require(
        self, action: str, bucket_name: str, key: str, conditions: Mapping[str, str] | None = None
    ) -> None:
        """Refuse an action that is not granted, or is denied.

        Args:
            action: the action, such as ``oss:GetObject``.
            bucket_name: the bucket's name; empty for the service itself.
            key: the object's key; empty for the bucket itself.
            conditions: values of condition keys in RAM policies.

        Raises:
            CloudError: ``NoSuchBucket``, ``AccessDenied``.
        """
        of_bucket = bool(bucket_name) and action != "oss:PutBucket"
        bucket = self.store.get_bucket(bucket_name) if of_bucket else None
        owner = bucket.owner if bucket else self.principal.account_id
        path = f"{bucket_name}/{key}" if key else bucket_name or "*"
        resource = f"acs:oss:*:{owner}:{path}"
        if self._is_allowed(action, resource, bucket, conditions or {}):
            return
        if bucket is not None and action in _OPENED.get(_acl(bucket, key), ()):
            return
        if self.principal is ANONYMOUS:
            raise CloudError(
                "AccessDenied",
                f"Without a signature {action} is forbidden by the ACL of the bucket or object.",
                403,
                ec="0003-00000001",
            )
        raise self._denied(action, resource)

    def _is_allowed(
        self, action: str, resource: str, bucket: Bucket | None, conditions: Mapping[str, str]
    ) -> bool:
        """Return whether a policy allows a request; False if no statement matches.

        Raises:
            AccessDeniedError: a policy denies it.
        """
        principal, name, by_ram = self.principal, "", "none"
        if principal is not ANONYMOUS:
            ram = self.ram_of(principal.account_id)
            name = ram.name_in_policies(principal) if bucket and bucket.policy else ""
            if bucket is None or bucket.owner == principal.account_id:
                by_ram = ram.decision(principal, action, resource, conditions)
        if by_ram == "deny":
            raise self._denied(action, resource, ec=_DENIED_BY_RAM)
        if bucket is None or not bucket.policy:
            return by_ram == "allow"
        policy = read_policy(bucket.policy)
        if bucket.blocks_public_access:
            policy = policy.without_public_statements()
        by_bucket = policy.decision(name, bucket.owner, action, resource, conditions)
        if by_bucket == "deny":
            raise self._denied(action, resource, ec=_DENIED_BY_BUCKET_POLICY)
        return "allow" in (by_ram, by_bucket)

    def _denied(self, action: str, resource: str, *, ec: str = "") -> AccessDeniedError:
        return AccessDeniedError(
            principal=self.principal.arn, action=action, resource=resource, ec=ec
        )


def _acl(bucket: Bucket, key: str) -> str:
    """Return the effective ACL: the current object's own, or else its bucket's."""
    if bucket.blocks_public_access:
        return Acl.PRIVATE
    stored = bucket.objects.get(key) if key else None
    return bucket.acl if stored is None or stored.acl is Acl.DEFAULT else stored.acl
