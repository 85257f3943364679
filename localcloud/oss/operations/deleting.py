"""DeleteObject and DeleteMultipleObjects."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from localcloud.http import Response
from localcloud.oss.call import Call, xml_response
from localcloud.oss.errors import malformed_xml
from localcloud.oss.operations.writing import check_retention
from localcloud.oss.route import bucket_route, object_route
from localcloud.oss.store import check_version_id
from localcloud.oss.xml import child, element, text, url_encode

_DELETED_AT_MOST: Final = 1000  # docs deletemultipleobjects


@object_route("DeleteObject", "DELETE", has_versions=True)
def delete_object(call: Call) -> Response:
    """DeleteObject: a missing object is not an error."""
    check_retention(call.bucket, call.key, call.now)
    touched = call.store.delete_object(call.bucket_name, call.key, call.query.get("versionId"))
    if touched is None:
        return Response(204)
    headers = {"x-oss-version-id": touched.id}
    if touched.stored is None:
        headers["x-oss-delete-marker"] = "true"
    return Response(204, headers)


# oss2's tests delete a link with the parameters for reading it.
delete_symlink: Final = replace(delete_object, sub_resource="symlink")


@bucket_route(
    "DeleteMultipleObjects",
    "POST",
    "delete",
    action="",  # authorizes each key
    parameters="encoding-type",
)
def delete_multiple_objects(call: Call) -> Response:
    """DeleteMultipleObjects: authorizes each key; deletes all of them or none."""
    document = call.document("Delete")
    entries = [
        (node.findtext("Key") or "", node.findtext("VersionId"))
        for node in document.findall("Object")
    ]
    if not 1 <= len(entries) <= _DELETED_AT_MOST:
        raise malformed_xml(f"There must be 1 to {_DELETED_AT_MOST} keys.")
    for key, version_id in entries:
        if version_id is None:
            call.access.require("oss:DeleteObject", call.bucket_name, key)
        else:
            call.access.require("oss:DeleteObjectVersion", call.bucket_name, key)
            check_version_id(version_id)
    for key, _ in entries:
        check_retention(call.bucket, key, call.now)
    touched = [call.store.delete_object(call.bucket_name, *entry) for entry in entries]
    if document.findtext("Quiet") == "true":
        return Response(200)
    root = element("DeleteResult")
    encoded = call.query.get("encoding-type") == "url"
    if encoded:
        text(root, "EncodingType", "url")
    for (key, version_id), version in zip(entries, touched, strict=True):
        node = child(root, "Deleted")
        text(node, "Key", url_encode(key) if encoded else key)
        if version_id is not None:
            text(node, "VersionId", version_id)
        if version is not None and version.stored is None:
            text(node, "DeleteMarker", "true")
            text(node, "DeleteMarkerVersionId", version.id)
    return xml_response(root)
