"""Check that copies can be written to their bucket, before a run sends any request."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from functions.copy_permissions import CopyPermissions
from functions.target_store import TargetStore
from thaw.after_thaw import CopyTo, Promotion
from thaw.errors import AccessDenied, InvalidInput
from thaw.run_input import Run

_WEEK: Final = 7 * 86_400
_OTHER_REGION: Final = "must be addressed using the specified endpoint"


@dataclass(frozen=True)
class PlaceFindings:
    """The conditions for copies to a place.

    Attributes:
        elsewhere: whether it is in another region, so that nothing else can be checked.
        missing: permissions that the functions' role lacks there.
        retention_days: days of the bucket's retention policy; 0 if it has none.
        lacks_versioning: whether versions are to be copied there, and the bucket keeps none.
        old_uploads: number of multipart uploads there that were started more than a week ago.
        old_bytes: total size of those parts of these uploads that were counted.
    """

    elsewhere: bool = False
    missing: tuple[str, ...] = ()
    retention_days: int = 0
    lacks_versioning: bool = False
    old_uploads: int = 0
    old_bytes: int = 0

    def to_json(self) -> dict[str, object]:
        """Return it as in the function's response."""
        return {**asdict(self), "missing": list(self.missing)}


def check_place(
    target: TargetStore, prefix: str, *, key: str, versions: bool = False
) -> PlaceFindings:
    """Check a place without changing anything.

    Args:
        target: the bucket.
        prefix: prefix of the copies.
        key: a key with this prefix that no object has.
        versions: whether runs may copy older versions there.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    try:
        target.list_after(prefix, "", max_keys=1)
    except AccessDenied as error:
        if _OTHER_REGION in str(error):
            return PlaceFindings(elsewhere=True)
    missing = target.missing_rights(prefix, key=key, versions=versions)
    keeps = not versions or "oss:GetBucketVersioning" in missing or target.versioning() == "Enabled"
    days = 0 if "oss:GetBucketWorm" in missing else target.retention_days()
    uploads, size = 0, 0
    if not {"oss:ListMultipartUploads", "oss:ListParts"} & set(missing):
        uploads, size = target.old_uploads(prefix, older_than=_WEEK)
    return PlaceFindings(
        missing=tuple(missing),
        retention_days=days,
        lacks_versioning=not keeps,
        old_uploads=uploads,
        old_bytes=size,
    )


def check_target(target: TargetStore, run: Run, allowed: CopyPermissions) -> None:
    """Check that the run's copies can be written to their bucket.

    Raises:
        InvalidInput: the bucket is in another region, has a retention policy, or keeps no versions
            although the run copies or removes them.
        AccessDenied: the policy of another account's bucket lacks permissions for copying.
        RunError: as :func:`thaw.oss_errors.call`.
    """
    if isinstance(run.then, CopyTo):
        destination = allowed.destination_of(run.then)
        owner = destination.account if destination else ""
        _check_region(target, run, run.then, owner)
        if owner:
            _check_policy(target, run, run.then, owner)
    if days := target.retention_days():
        raise InvalidInput(
            f"then: {target.name} has a retention policy of {days} days, under which no object can"
            " be changed or replaced: copy to a bucket without one"
        )
    _check_versioning(target, run)


def _check_versioning(target: TargetStore, run: Run) -> None:
    if isinstance(run.then, Promotion) and run.then.remove_archived and not target.versioning():
        raise InvalidInput(
            f"then: {target.name} does not keep versions, so a promotion replaces the archived"
            " object anyway: omit removeArchived"
        )
    if run.copies_versions and target.versioning() != "Enabled":
        raise InvalidInput(
            f"then: {target.name} does not keep versions, so only the last copy would remain:"
            " enable versioning there, or omit versions"
        )


def _check_region(target: TargetStore, run: Run, after: CopyTo, owner: str) -> None:
    try:
        target.list_after(after.prefix, "", max_keys=1)
    except AccessDenied as error:
        if _OTHER_REGION in str(error):
            raise InvalidInput(
                f"then: {after.bucket_name} is not in the region of {run.bucket_name}, and OSS"
                " copies within a region only: copy to a bucket there, and let cross-region"
                " replication transfer the copies"
            ) from error
        if not owner:
            raise AccessDenied(
                f"{error} If the bucket is another account's, name that account in destinations"
                " in the environment file."
            ) from error


def _check_policy(target: TargetStore, run: Run, after: CopyTo, owner: str) -> None:
    key, versions = after.key_of(run.run_id), run.copies_versions
    missing = target.missing_rights(after.prefix, key=key, versions=versions)
    if missing:
        place = after.prefix or "all of it"
        raise AccessDenied(
            f"then: the policy of {target.name}, a bucket of account {owner}, does not allow the"
            f" functions' role {', '.join(missing)} on {place}: its owner must add what"
            f" `oss-restore destination-policy ENV {target.name}` prints"
        )
