"""Checks for obstacles to a run before it is started."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import oss2

from infra.model.environment import BucketConfig, Environment
from oss_restore.clients.deployment import Deployment
from oss_restore.clients.storage import region_of, storage_errors, wrong_region
from oss_restore.errors import OperatorError, RefusedError
from oss_restore.language import gettext as _
from oss_restore.planning.survey import Survey
from thaw.after_thaw import CopyTo
from thaw.run_input import RunInput
from thaw.storage_classes import ARCHIVE


@dataclass
class Preflight:
    """The findings of the checks.

    Attributes:
        obstacles: reasons why the run cannot work, as errors.
        notes: failed checks and other useful information.
    """

    obstacles: list[OperatorError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def check_scope(self, deployment: Deployment, run: RunInput) -> None:
        """Compare a run with the permissions that the environment gives the functions."""
        if deployment.environment is not None:
            self.obstacles += _out_of_scope(deployment, deployment.environment, run)

    def check_region(self, bucket: oss2.Bucket, region: str) -> None:
        """Check that the bucket is in the region set by the environment file.

        Raises:
            OperatorError: there is no such bucket, or OSS cannot be reached.
        """
        actual = region_of(bucket)
        if not actual:
            self._unchecked(_("the region of the bucket"), "oss:GetBucketInfo")
        elif actual != region:
            self._refuse(*wrong_region(bucket.bucket_name, region, actual))

    def keeps_versions(self, bucket: oss2.Bucket) -> bool:
        """Return whether the bucket keeps replaced objects as versions.

        Raises:
            OperatorError: OSS cannot be reached.
        """
        with storage_errors("oss:GetBucketVersioning", bucket.bucket_name):
            try:
                return bool(bucket.get_bucket_versioning().status == "Enabled")
            except oss2.exceptions.AccessDenied:
                self._unchecked(
                    _("whether the bucket keeps versions, which a promotion would leave there"),
                    "oss:GetBucketVersioning",
                )
                return False

    def check_direct_read(self, bucket: oss2.Bucket, survey: Survey) -> None:
        """Check whether Archive objects can be read without a thaw.

        Raises:
            OperatorError: OSS cannot be reached.
        """
        name = bucket.bucket_name
        if ARCHIVE not in survey.frozen:
            return
        with storage_errors("oss:GetBucketArchiveDirectRead", name):
            try:
                enabled = bucket.get_bucket_archive_direct_read().enabled
            except oss2.exceptions.AccessDenied:
                self._unchecked(
                    _("real-time access of Archive objects"), "oss:GetBucketArchiveDirectRead"
                )
                return
        if str(enabled).lower() != "true":
            return
        if survey.frozen.keys() == {ARCHIVE}:
            self._refuse(
                _(
                    "nothing needs to be thawed: Archive objects in {bucket} can be read directly"
                ).format(bucket=name),
                _(
                    "real-time access of Archive objects is on in this bucket; such "
                    "reads are billed by the byte"
                ),
            )
        else:
            self.notes.append(
                _(
                    "Archive objects in {bucket} can be read directly and need no "
                    "thaw: exclude the class with --storage-class"
                ).format(bucket=name)
            )

    def refuse(self) -> None:
        """Raise an error that names every obstacle, if there is one.

        Raises:
            OperatorError: if anything does.
        """
        if self.obstacles:
            raise RefusedError(
                *map(str, self.obstacles), hint="\n".join(error.hint for error in self.obstacles)
            )

    def _refuse(self, message: str, hint: str) -> None:
        self.obstacles.append(RefusedError(message, hint=hint))

    def _unchecked(self, what: str, action: str) -> None:
        self.notes.append(
            _("cannot check {what}: grant {action} to the identity in use").format(
                what=what, action=action
            )
        )


def _out_of_scope(
    deployment: Deployment, environment: Environment, run: RunInput
) -> Iterator[OperatorError]:
    """Yield permissions that the functions' policy lacks, from the environment alone."""
    bucket = _bucket_config(environment, run.bucket_name)
    if bucket is None:
        yield _refusal(
            _(
                "the functions have no access to bucket {bucket}: environment "
                "{environment} names {named}"
            ).format(
                bucket=run.bucket_name,
                environment=environment.name,
                named=", ".join(config.name for config in environment.buckets),
            ),
            "buckets",
        )
    else:
        yield from _inside_bucket(environment, bucket, run)
    yield from _after_thaw(environment, run)
    manifest = run.manifest
    if manifest is not None and manifest.bucket not in {"", deployment.report_bucket}:
        named = [one for one in environment.manifests if one.name == manifest.bucket]
        if not any(one.covers(manifest.key) for one in named):
            yield _refusal(
                _("the functions may not read the manifest oss://{bucket}/{key}").format(
                    bucket=manifest.bucket, key=manifest.key
                ),
                "manifests",
            )


def _bucket_config(environment: Environment, name: str) -> BucketConfig | None:
    return next((config for config in environment.buckets if config.name == name), None)


def _after_thaw(environment: Environment, run: RunInput) -> Iterator[OperatorError]:
    after = run.then
    if isinstance(after, CopyTo):
        named = [one for one in environment.destinations if one.name == after.bucket_name]
        if not any(one.covers(after.prefix) for one in named):
            yield _refusal(
                _("the functions may not copy objects to {place}").format(
                    place=f"oss://{after.bucket_name}/{after.prefix}"
                ),
                "destinations",
            )
    elif after is not None:
        bucket = _bucket_config(environment, run.bucket_name)
        if bucket is not None and not bucket.promote:
            yield _refusal(
                _("the functions may not promote objects in {bucket}").format(bucket=bucket.name),
                "promote: true",
            )
        elif bucket is not None and after.remove_archived and not bucket.remove_archived:
            yield _refusal(
                _("the functions may not remove archived versions from {bucket}").format(
                    bucket=bucket.name
                ),
                "remove_archived: true",
            )


def _inside_bucket(
    environment: Environment, bucket: BucketConfig, run: RunInput
) -> Iterator[OperatorError]:
    for prefix in run.prefixes or (run.prefix,):
        if not bucket.covers(prefix):
            yield _refusal(
                _(
                    "the functions may not list {place}: environment {environment} names {named}"
                ).format(
                    place=f"oss://{bucket.name}/{prefix}",
                    environment=environment.name,
                    named=", ".join(bucket.prefixes),
                ),
                "prefixes",
            )
    if run.versions == "all" and not bucket.versions:
        yield _refusal(
            _("the functions may not access older versions in {bucket}").format(bucket=bucket.name),
            "versions: true",
        )


def _refusal(message: str, name: str) -> OperatorError:
    return RefusedError(
        message,
        hint=_("add it to `{field}` in the environment file, and deploy").format(field=name),
    )
