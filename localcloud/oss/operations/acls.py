"""ACLs of objects."""

from __future__ import annotations

from localcloud.http import Response
from localcloud.oss.call import Call, xml_response
from localcloud.oss.operations.buckets import write_owner
from localcloud.oss.operations.writing import check_public_access, read_acl
from localcloud.oss.route import object_route
from localcloud.oss.xml import child, element, text


@object_route("PutObjectAcl", "PUT", "acl", has_versions=True, headers="x-oss-object-acl")
def put_object_acl(call: Call) -> Response:
    """PutObjectAcl."""
    acl = read_acl(call.header("x-oss-object-acl"), of_object=True)
    check_public_access(call.bucket, acl)
    call.object.acl = acl
    return Response(200, call.version_header())


@object_route("GetObjectAcl", "GET", "acl", has_versions=True)
def get_object_acl(call: Call) -> Response:
    """GetObjectAcl."""
    root = element("AccessControlPolicy")
    write_owner(root, call.bucket.owner)
    text(child(root, "AccessControlList"), "Grant", call.object.acl)
    return xml_response(root, call.version_header())
