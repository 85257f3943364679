"""The step after the thaw: copying each readable object elsewhere, or promoting it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from thaw.json_reader import MAX_KEY_BYTES, Reader
from thaw.storage_classes import ARCHIVE_CLASSES

READABLE_CLASSES: Final = ("Standard", "IA")  # need no thawing
COPY_CLASSES: Final = (*READABLE_CLASSES, *ARCHIVE_CLASSES)
STANDARD: Final = "Standard"
# The functions' environment variable with the permissions to copy and promote.
PERMISSIONS_VARIABLE: Final = "AFTER_THAW"


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """Moves objects out of the archive: copying an object onto itself changes its storage class.

    Attributes:
        storage_class: the new storage class.
        acl: whether objects keep their own ACLs, for one more request each.
        remove_archived: whether the archived version is removed in a bucket that keeps versions.
    """

    storage_class: str = STANDARD
    acl: bool = False
    remove_archived: bool = False

    def key_of(self, key: str) -> str:
        """Return the key of the promoted object."""
        return key

    def to_json(self) -> dict[str, object]:
        """Return it as in a run's input."""
        promote: dict[str, object] = {"storageClass": self.storage_class, "acl": self.acl}
        if self.remove_archived:
            promote["removeArchived"] = True
        return {"promote": promote}

    def __str__(self) -> str:
        removes = ", and remove the archived versions" if self.remove_archived else ""
        return f"promote to {self.storage_class}{removes}"


@dataclass(frozen=True, kw_only=True)
class CopyTo:
    """Copies objects to another bucket.

    Attributes:
        bucket_name: a bucket in the same region.
        prefix: prepended to each key.
        storage_class: class of the copies; empty for the class that the environment names.
        acl: whether copies get the objects' own ACLs, for one more request each.
    """

    bucket_name: str
    prefix: str = ""
    storage_class: str = ""
    acl: bool = False

    def key_of(self, key: str) -> str:
        """Return the key of an object's copy."""
        return self.prefix + key

    def to_json(self) -> dict[str, object]:
        """Return it as in a run's input."""
        copy: dict[str, object] = {"bucketName": self.bucket_name, "prefix": self.prefix}
        if self.storage_class:
            copy["storageClass"] = self.storage_class
        return {"copy": {**copy, "acl": self.acl}}

    def __str__(self) -> str:
        into = f" as {self.storage_class}" if self.storage_class else ""
        return f"copy to oss://{self.bucket_name}/{self.prefix}{into}"


AfterThaw = Promotion | CopyTo
Goal = Literal["thaw", "copy", "promote"]  # a run's goal for each object


def goal_of(after: AfterThaw | None) -> Goal:
    """Return the goal of a run."""
    if after is None:
        return "thaw"
    return "copy" if isinstance(after, CopyTo) else "promote"


def parse_after_thaw(value: object) -> AfterThaw:
    """Parse the field ``then`` of a run's input.

    Raises:
        InvalidInput: naming every field that is wrong.
    """
    reader = Reader(value, "it")
    promote, copy = reader.value("promote"), reader.value("copy")
    if (promote is None) == (copy is None):
        reader.fault("then", "must be one of promote and copy")
    reader.finish()
    return _promotion(promote) if copy is None else _copy(copy)


def _promotion(value: object) -> Promotion:
    reader = Reader(value, "promote")
    promotion = Promotion(
        storage_class=reader.choice("storageClass", STANDARD, READABLE_CLASSES),
        acl=reader.flag("acl", default=False),
        remove_archived=reader.flag("removeArchived", default=False),
    )
    reader.finish()
    return promotion


def _copy(value: object) -> CopyTo:
    reader = Reader(value, "copy")
    name = reader.bucket_name("bucketName")
    prefix = reader.text("prefix", "")
    if prefix.startswith(("/", "\\")):
        reader.fault("prefix", "starts with a slash, as no key does")
    copy = CopyTo(
        bucket_name=name,
        prefix=prefix,
        storage_class=reader.choice("storageClass", "", COPY_CLASSES),
        acl=reader.flag("acl", default=False),
    )
    reader.finish()
    return copy


def fits(key: str) -> bool:
    """Return whether a key is no longer than OSS allows."""
    return len(key.encode()) <= MAX_KEY_BYTES
