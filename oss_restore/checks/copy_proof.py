"""A test that a deployment can copy: a small object is put, thawed, copied and deleted again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import oss2

from infra.model.environment import Environment
from oss_restore.clients.storage import open_bucket, storage_errors
from oss_restore.clients.target import Target
from oss_restore.errors import OperatorError, UsageError
from oss_restore.language import gettext as _
from oss_restore.runs.run_lookup import run_name
from thaw.after_thaw import AfterThaw, CopyTo, parse_after_thaw
from thaw.errors import InvalidInput
from thaw.ledger_layout import SMOKE_RUN

_DATA: Final = b"oss-restore smoke"
_ARCHIVED: Final = {"x-oss-storage-class": "Archive"}  # the class that thaws within a minute


@dataclass(frozen=True)
class CopyProof:
    """A small test object, and a run's action with it.

    Attributes:
        bucket: the object's bucket.
        key: the object's key, in a place that the environment names.
        then: the run's action after the thaw.
        target: endpoints, and the credentials for putting and deleting the object.
    """

    bucket: str
    key: str
    then: AfterThaw
    target: Target

    @classmethod
    def of(cls, environment: Environment, then: object, target: Target) -> CopyProof:
        """Make the test for the field ``then`` of a run's input.

        Raises:
            OperatorError: the field is wrong, or no bucket's objects may be promoted.
        """
        try:
            after = parse_after_thaw(then)
        except InvalidInput as error:
            raise UsageError(f"--then: {error}") from error
        for bucket in environment.buckets:
            if bucket.promote or isinstance(after, CopyTo):
                prefix = bucket.prefixes[0] if bucket.prefixes else ""
                return cls(bucket.name, f"{prefix}{SMOKE_RUN}{run_name()}", after, target)
        raise UsageError(
            _("no bucket of environment {environment} allows promotion").format(
                environment=environment.name
            ),
            hint=_("add promote: true to one of them, and deploy it"),
        )

    @property
    def run_input(self) -> Mapping[str, Any]:
        """The input of a run over the object alone."""
        return {
            "bucketName": self.bucket,
            "prefix": self.key,
            "until": self.key,
            "then": self.then.to_json(),
        }

    @property
    def outcome(self) -> str:
        """The expected outcome of the object."""
        return "copied" if isinstance(self.then, CopyTo) else "promoted"

    def describe(self) -> str:
        """Describe the test for a confirmation."""
        if isinstance(self.then, CopyTo):
            then = _("copy it to oss://{bucket}/{prefix}").format(
                bucket=self.then.bucket_name, prefix=self.then.prefix
            )
        else:
            then = _("promote it to {storage_class}").format(storage_class=self.then.storage_class)
        return _(
            "Put a small object of class Archive at oss://{bucket}/{key}, thaw it, {then}, and"
            " delete it: this costs a few requests, and storing 64 KB for 60 days"
        ).format(bucket=self.bucket, key=self.key, then=then)

    def put(self) -> None:
        """Put the object.

        Raises:
            OperatorError: OSS refuses it.
        """
        with storage_errors("oss:PutObject", self.bucket, self.key):
            open_bucket(self.target, self.bucket).put_object(self.key, _DATA, headers=_ARCHIVED)

    def clean_up(self) -> Iterator[str]:
        """Delete the object and its copy; yield the reason for each that is left."""
        places = [(self.bucket, self.key)]
        if isinstance(self.then, CopyTo):
            places.append((self.then.bucket_name, self.then.key_of(self.key)))
        for bucket, key in places:
            try:
                self._delete(bucket, key)
            except OperatorError as error:
                yield _(
                    "could not delete oss://{bucket}/{key}, delete it yourself: {reason}"
                ).format(bucket=bucket, key=key, reason=error)

    def _delete(self, name: str, key: str) -> None:
        """Delete an object, with all its versions if its bucket keeps versions."""
        bucket = open_bucket(self.target, name)
        with storage_errors("oss:DeleteObject", name, key):
            marker = bucket.delete_object(key).versionid
        if not marker:
            return
        with storage_errors("oss:ListObjectVersions", name):
            listing = bucket.list_object_versions(prefix=key)
        versions = [*listing.versions, *listing.delete_marker]
        ids = [version.versionid for version in versions if version.key == key]
        with storage_errors("oss:DeleteObjectVersion", name, key):
            bucket.delete_object_versions(
                oss2.models.BatchDeleteObjectVersionList(
                    [oss2.models.BatchDeleteObjectVersion(key, version_id) for version_id in ids]
                )
            )
