"""OSS: buckets, and objects that a stack uploads.

The order of calls, and so the required permissions, is that of the real provider (source of
1.289.0). Life-cycle, encryption, versioning and other settings of a bucket are stored in
Terraform's state and have no effect.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from localcloud.oss.httptime import iso_date
from localcloud.oss.model import Acl, StorageClass
from localcloud.terraform.arguments import Arguments
from localcloud.terraform.diagnostics import ArgumentError
from localcloud.terraform.resources.base import ResourceHandler, generated_name
from localcloud.terraform.session import Session
from localcloud.terraform.values import Object

_GENERATED_NAME: Final = "tf-oss-bucket-"

# What the provider reads of every bucket, whatever is configured. Actions are named after the API's
# operations (assumed where not documented).
_SETTINGS: Final = (
    "oss:GetBucketCors",
    "oss:GetBucketWebsite",
    "oss:GetBucketLogging",
    "oss:GetBucketReferer",
    "oss:GetBucketLifecycle",
    "oss:GetBucketPolicy",
    "oss:GetBucketTagging",
    "oss:GetBucketTransferAcceleration",
    "oss:GetBucketResourceGroup",
)


class BucketArguments(Arguments):
    """Arguments of ``alicloud_oss_bucket``."""

    bucket: str = ""
    acl: str = "private"
    storage_class: StorageClass = StorageClass.STANDARD
    force_destroy: bool = False
    tags: dict[str, str] = Field(default={})


class BucketHandler(ResourceHandler[BucketArguments]):
    """``alicloud_oss_bucket``."""

    arguments = BucketArguments

    async def create(self, session: Session, planned: BucketArguments) -> str:
        name = planned.bucket or generated_name(_GENERATED_NAME)
        self._find(session)
        session.authorize("oss:PutBucket", f"acs:oss:*:{session.account_id}:{name}")
        session.cloud.oss.create_bucket(
            name, session.account_id, planned.storage_class, acl=planned.acl
        )
        if planned.tags:
            self._tag(session, name, planned.tags)
        return name

    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        bucket = session.bucket("oss:GetBucketInfo", id_)
        if bucket is None:
            return None
        for action in _SETTINGS:
            session.bucket(action, id_)
        return {
            "id": bucket.name,
            "bucket": bucket.name,
            "acl": bucket.acl,
            "storage_class": bucket.storage_class.value,
            "owner": bucket.owner,
            "location": bucket.location,
            "extranet_endpoint": f"{bucket.location}.aliyuncs.com",
            "intranet_endpoint": f"{bucket.location}-internal.aliyuncs.com",
            "creation_date": iso_date(bucket.created_at)[:10],
        }

    async def update(
        self, session: Session, id_: str, prior: BucketArguments, planned: BucketArguments
    ) -> None:
        if planned.acl != prior.acl:
            session.bucket("oss:PutBucketAcl", id_)
            session.cloud.oss.get_bucket(id_).acl = planned.acl
        if planned.tags != prior.tags:
            self._tag(session, id_, planned.tags)

    async def delete(self, session: Session, id_: str, prior: BucketArguments) -> None:
        self._find(session)
        bucket = session.bucket("oss:DeleteBucket", id_)
        if bucket is None:
            return
        if prior.force_destroy:
            versioned = bool(bucket.versioning)
            session.bucket("oss:ListObjectVersions" if versioned else "oss:ListObjects", id_)
            action = "oss:DeleteObjectVersion" if versioned else "oss:DeleteObject"
            for key in list(bucket.keys_with_versions("", inclusive=True)):
                session.bucket(action, id_, key)
                for version in list(bucket.versions_of(key)):
                    session.cloud.oss.delete_object(id_, key, version.id)
        session.cloud.oss.delete_bucket(id_)

    @staticmethod
    def _tag(session: Session, name: str, tags: dict[str, str]) -> None:
        session.bucket("oss:PutBucketTagging" if tags else "oss:DeleteBucketTagging", name)
        session.cloud.oss.get_bucket(name).tags = tags

    @staticmethod
    def _find(session: Session) -> None:
        """Authorize listing all buckets, which is how the provider looks up a bucket."""
        session.authorize("oss:ListBuckets", f"acs:oss:*:{session.account_id}:*")


class ObjectArguments(Arguments):
    """Arguments of ``alicloud_oss_bucket_object``."""

    bucket: str
    key: str
    source: str = ""
    content: str | None = None
    acl: Literal["private", "public-read", "public-read-write"] = "private"
    content_type: str = "application/octet-stream"
    cache_control: str = ""
    content_disposition: str = ""
    content_encoding: str = ""
    expires: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Return what is stored with the object, by header name."""
        headers = {
            "content-type": self.content_type,
            "cache-control": self.cache_control,
            "content-disposition": self.content_disposition,
            "content-encoding": self.content_encoding,
            "expires": self.expires,
        }
        return {name: value for name, value in headers.items() if value}


class ObjectHandler(ResourceHandler[ObjectArguments]):
    """``alicloud_oss_bucket_object``. Its id is its key."""

    arguments = ObjectArguments
    volatile = frozenset({"etag", "content_length"})

    async def create(self, session: Session, planned: ObjectArguments) -> str:
        self._put(session, planned)
        return planned.key

    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        bucket_name, key = state.get("bucket"), state.get("key")
        if not isinstance(bucket_name, str) or not isinstance(key, str):
            raise ArgumentError(
                "bucket", "An object cannot be imported: its id does not contain the bucket."
            )
        bucket = session.bucket("oss:GetObject", bucket_name, key)
        stored = bucket.objects.get(key) if bucket else None
        if stored is None:
            return None
        return {
            "id": key,
            "content_type": stored.headers.get("content-type", ""),
            "content_length": str(stored.size),
            "etag": stored.etag().strip('"'),
            "version_id": "",
        }

    async def update(
        self, session: Session, id_: str, prior: ObjectArguments, planned: ObjectArguments
    ) -> None:
        self._put(session, planned)

    async def delete(self, session: Session, id_: str, prior: ObjectArguments) -> None:
        if session.bucket("oss:DeleteObject", prior.bucket, prior.key) is not None:
            session.cloud.oss.delete_object(prior.bucket, prior.key)

    @staticmethod
    def _put(session: Session, planned: ObjectArguments) -> None:
        session.bucket("oss:PutObject", planned.bucket, planned.key)
        if planned.source:
            body = session.read_file("source", planned.source)
        elif planned.content is not None:
            body = planned.content.encode()
        else:
            raise ArgumentError("source", "Set source or content.")
        session.cloud.oss.put_object(
            planned.bucket, planned.key, body, headers=planned.headers, acl=Acl(planned.acl)
        )
