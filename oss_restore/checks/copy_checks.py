"""Checks of the places to which runs may copy, or in which they may promote objects.

The checks call ``planCopies``, since only its role can find out its permissions: in a bucket of
another account, they depend on that account's policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.model.environment import Environment
from oss_restore.checks.check_result import CheckResult, fail, ok, warn
from oss_restore.clients.deployment import Deployment
from oss_restore.clients.function_calls import invoke
from oss_restore.clients.function_calls.results import FunctionFailedError
from oss_restore.clients.storage import open_bucket, storage_errors
from oss_restore.clients.target import Target
from oss_restore.errors import OperatorError
from oss_restore.language import gettext as _
from oss_restore.language import ngettext
from oss_restore.reporting.formatting import size


@dataclass(frozen=True)
class CopyPlace:
    """A place to which copies may go, or in which objects may be promoted.

    Attributes:
        account: the bucket's account; empty for the environment's own.
        versions: whether older versions may be copied there, too.
        promotes: whether objects are promoted there.
    """

    bucket: str
    prefix: str
    account: str = ""
    versions: bool = False
    promotes: bool = False

    def __str__(self) -> str:
        return f"oss://{self.bucket}/{self.prefix}"


def check_copies(target: Target, deployment: Deployment) -> Iterator[CheckResult]:
    """Check every place that the environment names."""
    environment = deployment.environment
    for place in _places(environment) if environment is not None else ():
        try:
            findings = _call_function(target, deployment, place)
        except FunctionFailedError as error:
            to_do = _("deploy again, and make sure that the bucket exists and is in the region")
            yield fail(f"{place}: {error}", to_do)
            continue
        except OperatorError as error:
            message = _("{place}: cannot be checked: {reason}").format(place=place, reason=error)
            to_do = error.hint or _("grant fc:InvokeFunction on planCopies to the identity in use")
            yield warn(message, to_do)
            continue
        results = [*_findings(place, findings, environment), *_versions(target, place)]
        yield from results
        if not any(result.state == "fail" for result in results):
            message = (
                _("{place}: the functions can promote objects in it")
                if place.promotes
                else _("{place}: the functions can copy to it")
            )
            yield ok(message.format(place=place))


def _places(environment: Environment) -> Iterator[CopyPlace]:
    foreign = environment.foreign_destinations
    for destination in environment.destinations:
        account = (destination.account or "") if destination in foreign else ""
        for prefix in destination.prefixes or ("",):
            yield CopyPlace(destination.name, prefix, account, destination.versions)
    for bucket in environment.buckets:
        if bucket.promote:
            for prefix in bucket.prefixes or ("",):
                yield CopyPlace(bucket.name, prefix, promotes=True)


def _call_function(target: Target, deployment: Deployment, place: CopyPlace) -> dict[str, Any]:
    event = {
        "place": {
            "endpoint": target.oss_for_functions_of(place.bucket),
            "bucketName": place.bucket,
            "prefix": place.prefix,
            "versions": place.versions,
        }
    }
    response = invoke(target, deployment, "planCopies", json.dumps(event))
    findings: dict[str, Any] = json.loads(response.result)
    return findings


def _findings(
    place: CopyPlace, findings: dict[str, Any], environment: Environment | None
) -> Iterator[CheckResult]:
    if findings["elsewhere"]:
        message = _("{place} is in another region, and OSS copies within a region only")
        to_do = _(
            "copy to a bucket of the region, and let cross-region replication take it from there"
        )
        yield fail(message.format(place=place), to_do)
    if findings["missing"]:
        rights = ", ".join(findings["missing"])
        message = _("{place}: the functions' role lacks {rights}").format(
            place=place, rights=rights
        )
        yield fail(message, _to_grant(place, environment), refused=True)
    if days := findings["retention_days"]:
        message = ngettext(
            "{place}: a retention policy prevents changes to any object for {count} day",
            "{place}: a retention policy prevents changes to any object for {count} days",
            days,
        ).format(place=place, count=days)
        yield fail(message, _("copy to a bucket without one"))
    if findings["lacks_versioning"]:
        message = _(
            "{place}: the bucket does not keep versions, so no older ones can be copied to it"
        )
        to_do = _("enable versioning there, or remove versions from the destination")
        yield fail(message.format(place=place), to_do)
    if count := findings["old_uploads"]:
        message = ngettext(
            "{place}: {count:,} upload was started more than a week ago and never completed: "
            "its {size} are billed",
            "{place}: {count:,} uploads were started more than a week ago and never completed: "
            "their {size} are billed",
            count,
        ).format(place=place, count=count, size=size(findings["old_bytes"]))
        to_do = _("abort the uploads that are no longer needed, or let a lifecycle rule do it")
        yield warn(message, to_do)


def _to_grant(place: CopyPlace, environment: Environment | None) -> str:
    if place.account and environment is not None:
        return _(
            "let account {account} add what `oss-restore destination-policy {environment} "
            "{bucket}` prints to the bucket's policy"
        ).format(account=place.account, environment=environment.name, bucket=place.bucket)
    return _(
        "deploy again, and look for a bucket policy that denies it; if the bucket is another "
        "account's, name that account in destinations"
    )


def _versions(target: Target, place: CopyPlace) -> Iterator[CheckResult]:
    """Warn that a promotion leaves the archived version if the bucket keeps versions."""
    if not place.promotes:
        return
    try:
        with storage_errors("oss:GetBucketInfo", place.bucket):
            status = open_bucket(target, place.bucket).get_bucket_info().versioning_status
    except OperatorError as error:
        message = _("{place}: cannot tell whether the bucket keeps versions: {reason}")
        yield warn(message.format(place=place, reason=error), error.hint)
        return
    if status:
        message = _(
            "{place}: the bucket keeps versions, so a promotion leaves the archived version"
        )
        to_do = _("delete noncurrent versions by a lifecycle rule: until then both are billed")
        yield warn(message.format(place=place), to_do)
