"""The routing table: how each operation is selected, what it requires and what it supports.

The actions are from each operation's page and the table of RAM policies for OSS (docs 100680),
which has separate actions for requests with a version id.
"""

from __future__ import annotations

from typing import Final

from localcloud.oss.operations import (
    access,
    appending,
    buckets,
    copying,
    deleting,
    lists,
    multipart,
    objects,
    retention,
    settings,
    statistics,
    symlinks,
    tags,
    versions,
)
from localcloud.oss.route import Route
from localcloud.oss.routing import Router

# These modules import no operations from each other, which would be here twice.
ROUTES: Final = tuple(
    operation
    for module in (
        *(buckets, statistics, settings, retention, lists, versions, deleting),
        *(objects, copying, appending, symlinks, access, tags, multipart),
    )
    for operation in vars(module).values()
    if isinstance(operation, Route)
)
ROUTER: Final = Router(ROUTES)
