"""Multipart uploads: initiate, upload or copy parts, list, complete, abort."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from xml.etree.ElementTree import Element

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.oss.call import Call, xml_response
from localcloud.oss.content import Literal
from localcloud.oss.damage import damage_data, remaining_headers
from localcloud.oss.errors import invalid_argument, malformed_xml, missing_argument
from localcloud.oss.httptime import iso_date
from localcloud.oss.model import ObjectType
from localcloud.oss.operations.copying import SOURCE_CONDITIONS, read_source
from localcloud.oss.operations.lists import Write, encoding_of, write_prefixes
from localcloud.oss.operations.writing import (
    ATTRIBUTES,
    OVERWRITE,
    check_overwrite,
    read_attributes,
    read_object_acl,
    written_headers,
)
from localcloud.oss.ranges import copied_range
from localcloud.oss.route import SOURCE, bucket_route, object_route
from localcloud.oss.upload_listing import list_upload_page
from localcloud.oss.uploads import MAX_PART_BYTES, MAX_PARTS, Upload, make_part
from localcloud.oss.xml import child, element, text, url_encode
from localcloud.whole_numbers import whole_number

_LISTED_AT_MOST: Final = 1000  # docs listparts, listmultipartuploads
_COMPLETE_ALL: Final = "x-oss-complete-all"
# oss2's resumable uploads repeat the first request's headers in all other requests.
_REPEATED: Final = f"{ATTRIBUTES} {OVERWRITE} {_COMPLETE_ALL}"


def _upload(call: Call) -> Upload:
    upload = call.bucket.uploads.get(call.query["uploadId"])
    if upload is None or upload.key != call.key:
        raise CloudError(
            "NoSuchUpload", "There is no such upload; it may have been completed or aborted.", 404
        )
    return upload


def _part_number(call: Call) -> int:
    if "partNumber" not in call.query:
        raise missing_argument("partNumber")
    return call.number("partNumber", default=0, most=MAX_PARTS)


@object_route(
    "InitiateMultipartUpload",
    "POST",
    "uploads",
    action="oss:PutObject",
    parameters="encoding-type sequential",
    headers=f"{ATTRIBUTES} {OVERWRITE}",
)
def initiate_multipart_upload(call: Call) -> Response:
    """InitiateMultipartUpload."""
    write = encoding_of(call)
    check_overwrite(call)
    attributes = read_attributes(call)
    upload = Upload(
        id=call.store.new_upload_id(),
        key=call.key,
        initiated=call.now,
        attributes=replace(attributes, headers=remaining_headers(call.fault, attributes.headers)),
        sequential="sequential" in call.query,
    )
    call.bucket.uploads[upload.id] = upload
    root = element("InitiateMultipartUploadResult")
    _write_head(root, call, upload, write)
    return xml_response(root)


def _write_head(root: Element, call: Call, upload: Upload, write: Write) -> None:
    if write is url_encode:
        text(root, "EncodingType", "url")
    text(root, "Bucket", call.bucket_name)
    text(root, "Key", write(upload.key))
    text(root, "UploadId", upload.id)


@object_route(
    "UploadPart",
    "PUT",
    "uploadId",
    action="oss:PutObject",
    parameters="partNumber",
    ignored=_REPEATED,
)
def upload_part(call: Call) -> Response:
    """UploadPart: replaces an existing part with the same number."""
    upload = _upload(call)
    part = make_part(Literal(call.request.body), call.now)
    upload.add(_part_number(call), part)
    headers = {
        "etag": f'"{part.etag}"',
        "content-md5": part.content_md5,
        "x-oss-hash-crc64ecma": str(part.crc64),
    }
    return Response(200, headers)


@object_route(
    "UploadPartCopy",
    "PUT",
    "uploadId",
    action="oss:PutObject",
    parameters="partNumber versionId",  # oss2 also sends the source's version as a parameter
    headers=f"{SOURCE_CONDITIONS} {SOURCE} {SOURCE}-range",
    ignored=_REPEATED,
    copies=True,
)
def upload_part_copy(call: Call) -> Response:
    """UploadPartCopy: a range of an object, or all of it."""
    upload = _upload(call)
    source = read_source(call)
    if source.stored.type is ObjectType.SYMLINK:  # has no data; assumed
        raise CloudError("OperationNotSupported", "The source is a symlink.", 400)
    start, end = copied_range(call.header("x-oss-copy-source-range") or "", source.stored.size)
    if end - start > MAX_PART_BYTES:
        raise CloudError(
            "EntityTooLarge",
            f"A part may have at most {MAX_PART_BYTES} bytes, not {end - start}.",
            400,
        )
    data = damage_data(call.fault, source.stored.data.slice(start, end))
    part = make_part(data, call.now)
    upload.add(_part_number(call), part)
    root = element("CopyPartResult")
    text(root, "LastModified", iso_date(part.modified))
    text(root, "ETag", f'"{part.etag}"')
    headers = {"etag": f'"{part.etag}"', "x-oss-hash-crc64ecma": str(part.crc64)}
    return xml_response(root, headers | source.header(call))


@object_route(
    "CompleteMultipartUpload",
    "POST",
    "uploadId",
    action="oss:PutObject",
    parameters="encoding-type",
    headers=f"{OVERWRITE} {_COMPLETE_ALL} x-oss-object-acl",
    ignored=_REPEATED,
)
def complete_multipart_upload(call: Call) -> Response:
    """CompleteMultipartUpload: from the listed parts, or from all.

    Without parts the object is empty, as in aliyun-sdk-oss's tests.
    """
    write = encoding_of(call)
    upload = _upload(call)
    check_overwrite(call)
    stored = upload.complete(_requested_parts(call, upload), call.now)
    if call.header("x-oss-object-acl") is not None:
        stored.acl = read_object_acl(call)
    call.bucket.write(call.key, stored, call.store.new_version_id)
    del call.bucket.uploads[upload.id]
    root = element("CompleteMultipartUploadResult")
    if write is url_encode:
        text(root, "EncodingType", "url")
    text(root, "Location", _location(call))
    text(root, "Bucket", call.bucket_name)
    text(root, "Key", write(call.key))
    text(root, "ETag", stored.etag())
    return xml_response(root, written_headers(call, stored))


def _location(call: Call) -> str:
    """Return the object's URL; a tilde is encoded too, as in aliyun-sdk-oss's tests."""
    host = call.header("host") or ""
    is_hosted = host.startswith(f"{call.bucket_name}.")
    path = "" if is_hosted else f"{call.bucket_name}/"
    return f"http://{host}/{path}{url_encode(call.key).replace('~', '%7E')}"


def _requested_parts(call: Call, upload: Upload) -> list[tuple[int, str]]:
    complete_all = call.header(_COMPLETE_ALL)
    if complete_all is not None:
        if complete_all != "yes" or call.request.body:
            raise invalid_argument(f"{_COMPLETE_ALL} can only be 'yes', and then without a body.")
        requested = [(number, part.etag) for number, part in sorted(upload.parts.items())]
    else:
        document = call.document("CompleteMultipartUpload")
        requested = [
            (_named_number(node), node.findtext("ETag") or "") for node in document.findall("Part")
        ]
    if len(requested) > MAX_PARTS:
        raise malformed_xml(f"There may be at most {MAX_PARTS} parts.")
    return requested


def _named_number(part: Element) -> int:
    number = whole_number(part.findtext("PartNumber") or "")
    if number is None:
        raise malformed_xml("A PartNumber is not a number.")
    return number


@object_route("AbortMultipartUpload", "DELETE", "uploadId", ignored=_REPEATED)
def abort_multipart_upload(call: Call) -> Response:
    """AbortMultipartUpload."""
    del call.bucket.uploads[_upload(call).id]
    return Response(204)


@object_route(
    "ListParts",
    "GET",
    "uploadId",
    parameters="max-parts part-number-marker encoding-type",
    ignored=_REPEATED,
)
def list_parts(call: Call) -> Response:
    """ListParts: ordered by number."""
    write = encoding_of(call)
    upload = _upload(call)
    most = call.number("max-parts", default=_LISTED_AT_MOST, most=_LISTED_AT_MOST)
    marker = call.query.get("part-number-marker") or "0"
    after = whole_number(marker)
    if after is None:
        raise invalid_argument(f"part-number-marker is not a number: {marker!r}.")
    parts = [(n, part) for n, part in sorted(upload.parts.items()) if n > after]
    page = parts[:most]
    root = element("ListPartsResult")
    _write_head(root, call, upload, write)
    text(root, "StorageClass", upload.attributes.storage_class)
    text(root, "PartNumberMarker", marker)
    text(root, "NextPartNumberMarker", str(page[-1][0]) if page else "")
    text(root, "MaxParts", str(most))
    text(root, "IsTruncated", "true" if len(parts) > most else "false")
    for number, part in page:
        node = child(root, "Part")
        text(node, "PartNumber", str(number))
        text(node, "LastModified", iso_date(part.modified))
        text(node, "ETag", f'"{part.etag}"')
        text(node, "HashCrc64ecma", str(part.crc64))
        text(node, "Size", str(part.content.size))
    return xml_response(root)


@bucket_route(
    "ListMultipartUploads",
    "GET",
    "uploads",
    parameters="prefix delimiter key-marker upload-id-marker max-uploads encoding-type",
)
def list_multipart_uploads(call: Call) -> Response:
    """ListMultipartUploads: ordered by key and id."""
    write = encoding_of(call)
    most = call.number("max-uploads", default=_LISTED_AT_MOST, most=_LISTED_AT_MOST)
    prefix, delimiter = call.name("prefix"), call.name("delimiter")
    key_marker, id_marker = call.name("key-marker"), call.query.get("upload-id-marker", "")
    page = list_upload_page(
        call.bucket.uploads.values(),
        prefix=prefix,
        delimiter=delimiter,
        after_key=key_marker,
        after_id=id_marker if key_marker else "",
        max_uploads=most,
    )
    root = element("ListMultipartUploadsResult")
    if write is url_encode:
        text(root, "EncodingType", "url")
    text(root, "Bucket", call.bucket_name)
    text(root, "KeyMarker", write(key_marker))
    text(root, "UploadIdMarker", id_marker)
    # Also on the last page, as in the tests of alibabacloud_oss_v2 and aliyun-sdk-oss.
    text(root, "NextKeyMarker", write(page.last_key))
    text(root, "NextUploadIdMarker", page.last_id)
    text(root, "Delimiter", write(delimiter))
    text(root, "Prefix", write(prefix))
    text(root, "MaxUploads", str(most))
    text(root, "IsTruncated", "true" if page.truncated else "false")
    for upload in page.uploads:
        node = child(root, "Upload")
        text(node, "Key", write(upload.key))
        text(node, "UploadId", upload.id)
        text(node, "StorageClass", upload.attributes.storage_class)
        text(node, "Initiated", iso_date(upload.initiated))
    write_prefixes(root, page.prefixes, write)
    return xml_response(root)
