"""OSS: buckets, objects, and their thaw."""

from __future__ import annotations

from localcloud.oss.api import ObjectStorage
from localcloud.oss.store import GeneratedObject

__all__ = ["GeneratedObject", "ObjectStorage"]
