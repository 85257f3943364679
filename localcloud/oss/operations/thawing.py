"""RestoreObject and CleanRestoredObject."""

from __future__ import annotations

from localcloud.http import Response
from localcloud.oss.call import Call
from localcloud.oss.restore import read_restore_request
from localcloud.oss.route import object_route


@object_route("RestoreObject", "POST", "restore", has_versions=True)
def restore_object(call: Call) -> Response:
    """RestoreObject."""
    stored = call.object
    request = read_restore_request(call.request.body)
    accepted = call.store.thawer.restore(stored, request, owner=call.bucket.owner)
    headers = {"x-oss-object-restore-priority": accepted.tier.value} if accepted.tier else {}
    return Response(accepted.status, headers | call.version_header())


@object_route("CleanRestoredObject", "POST", "cleanRestoredObject", has_versions=True)
def clean_restored_object(call: Call) -> Response:
    """CleanRestoredObject."""
    return Response(call.store.thawer.clean(call.object), call.version_header())
