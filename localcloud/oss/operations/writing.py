"""Reads an object's attributes from a request, and writes the response of an upload."""

from __future__ import annotations

from typing import Final

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.bucket import Bucket, Versioning
from localcloud.oss.call import Call
from localcloud.oss.errors import invalid_argument, not_implemented
from localcloud.oss.model import Acl, Attributes, ObjectType, StoredObject
from localcloud.oss.store import read_storage_class
from localcloud.oss.tagging import read_header

# The headers that set attributes, and the one that protects an existing object.
ATTRIBUTES: Final = (
    "x-oss-storage-class x-oss-object-acl x-oss-tagging x-oss-server-side-encryption x-oss-meta-*"
)
OVERWRITE: Final = "x-oss-forbid-overwrite"
_ENCRYPTION: Final = "x-oss-server-side-encryption"
_KEPT_HEADERS: Final = frozenset(
    {
        "content-type",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "expires",
        _ENCRYPTION,
    }
)
_DEFAULT_HEADERS: Final = {"content-type": "application/octet-stream"}


def read_acl(text: str | None, *, of_object: bool) -> Acl:
    """Return an ACL by name.

    Raises:
        CloudError: ``InvalidArgument`` for an unknown name.
    """
    allowed = [acl for acl in Acl if of_object or acl is not Acl.DEFAULT]
    if text not in allowed:
        raise invalid_argument(f"An ACL must be one of {', '.join(allowed)}, not {text!r}.")
    return Acl(text)


def read_object_acl(call: Call) -> Acl:
    """Return the ACL in ``x-oss-object-acl``; the bucket's if the header is missing.

    Raises:
        CloudError: ``InvalidArgument``, ``AccessDenied`` if the bucket blocks public access.
    """
    acl = read_acl(call.header("x-oss-object-acl") or Acl.DEFAULT, of_object=True)
    check_public_access(call.bucket, acl)
    return acl


def check_public_access(bucket: Bucket, acl: Acl) -> None:
    """Refuse public ACLs in a bucket that blocks public access (docs putpublicaccessblock)."""
    if bucket.blocks_public_access and acl in {Acl.PUBLIC_READ, Acl.PUBLIC_READ_WRITE}:
        raise CloudError("AccessDenied", f"{bucket.name} blocks public access: {acl}.", 403)


def read_headers(call: Call) -> dict[str, str]:
    """Return the headers to store with the object.

    Raises:
        CloudError: ``InvalidEncryptionAlgorithmError``, ``NotImplemented``.
    """
    encryption = call.header(_ENCRYPTION)
    if encryption in {"KMS", "SM4"}:
        raise not_implemented(f"{_ENCRYPTION}: {encryption}")
    if encryption not in {None, "AES256"}:
        raise CloudError(
            "InvalidEncryptionAlgorithmError", f"There is no encryption {encryption!r}.", 400
        )
    return _DEFAULT_HEADERS | {
        name: value
        for name, value in call.request.headers.items()
        if name in _KEPT_HEADERS or name.startswith("x-oss-meta-")
    }


def read_tags(call: Call) -> dict[str, str]:
    """Return the tags in ``x-oss-tagging``, which require a permission (docs putobject)."""
    text = call.header("x-oss-tagging")
    if text is None:
        return {}
    call.require("oss:PutObjectTagging")
    return read_header(text)


def read_attributes(call: Call) -> Attributes:
    """Return the object attributes that the request sets."""
    storage_class = call.header("x-oss-storage-class")
    return Attributes(
        storage_class=read_storage_class(storage_class or call.bucket.storage_class),
        headers=read_headers(call),
        acl=read_object_acl(call),
        tags=read_tags(call),
    )


def write_object(
    call: Call,
    attributes: Attributes,
    body: bytes,
    *,
    kind: ObjectType = ObjectType.NORMAL,
    target: str = "",
) -> StoredObject:
    """Write the object in the request with these attributes."""
    return call.store.put_object(
        call.bucket_name,
        call.key,
        body,
        storage_class=attributes.storage_class,
        headers=attributes.headers,
        acl=attributes.acl,
        tags=attributes.tags,
        kind=kind,
        target=target,
    )


def check_overwrite(call: Call) -> None:
    """Refuse to replace an object if the caller or the bucket forbids it.

    Raises:
        CloudError: ``FileAlreadyExists``, ``FileImmutable``.
    """
    # With versioning, even suspended, the header has no effect (docs PutObject, CopyObject).
    heeded = call.bucket.versioning is Versioning.NEVER
    forbidden = heeded and call.header(OVERWRITE) == "true"
    if forbidden and call.bucket.objects.get(call.key) is not None:
        raise CloudError(
            "FileAlreadyExists", "The object you specified already exists and is not writable.", 409
        )
    check_retention(call.bucket, call.key, call.now)


def check_retention(bucket: Bucket, key: str, now: float) -> None:
    """Raise ``FileImmutable`` for an object that its bucket retains."""
    if bucket.retains(key, now):
        raise CloudError("FileImmutable", f"The bucket {bucket.name} retains this object.", 409)


def written_headers(call: Call, stored: StoredObject) -> dict[str, str]:
    """Return the response headers for an object that was written."""
    headers = {
        "etag": stored.etag(),
        "x-oss-hash-crc64ecma": str(stored.crc()),
        **call.version_header(),
    }
    if stored.content_md5:
        headers["content-md5"] = stored.content_md5
    if _ENCRYPTION in stored.headers:
        headers[_ENCRYPTION] = stored.headers[_ENCRYPTION]
    return headers


def written(call: Call, stored: StoredObject) -> Response:
    """Make the 200 response for an object that was written."""
    return Response(200, written_headers(call, stored))
