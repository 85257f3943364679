"""Access to buckets from an operator's machine, with the same calls as the functions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import oss2
import requests

from oss_restore.clients.credentials import CallerCredentials
from oss_restore.clients.target import Target
from oss_restore.errors import OperatorError, RefusedError
from oss_restore.language import gettext as _
from thaw.errors import AccessDenied, NoSuchBucket, StorageRefused, StorageUnavailable
from thaw.oss_errors import describe
from thaw.retry import CALL_ERRORS, SERVER_ERRORS, RetryPolicy
from thaw.store import Store

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 30.0
_CONNECTIONS = 16
_STORAGE_ERRORS = (AccessDenied, NoSuchBucket, StorageRefused, StorageUnavailable)


@dataclass(frozen=True)
class _Provider:
    """A credentials provider for oss2 that reads the keys for each request."""

    credentials: CallerCredentials

    def get_credentials(self) -> oss2.credentials.Credentials:
        keys = self.credentials.keys()
        return oss2.credentials.Credentials(
            keys.access_key_id, keys.access_key_secret, keys.security_token
        )


class _LocalAdapter(requests.adapters.HTTPAdapter):
    """An adapter that sends requests for any host name to the local cloud."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        request.headers["Host"] = urlsplit(request.url or "").netloc
        return super().send(request, *args, **kwargs)

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        return self.poolmanager.connection_from_url(self._url)


def open_bucket(
    target: Target, name: str, *, endpoint: str = "", region: str | None = None
) -> oss2.Bucket:
    """Open a bucket.

    Args:
        target: endpoints and credentials.
        name: name of the bucket.
        endpoint: endpoint of OSS, if it is not the target's.
        region: region for signatures, if it is not the target's.
    """
    session = oss2.Session(pool_size=_CONNECTIONS)
    url = endpoint or target.oss_of(name)
    if target.control and url != target.oss:
        session.session.mount(url.partition("://")[0] + "://", _LocalAdapter(target.oss))
    return oss2.Bucket(
        oss2.ProviderAuthV4(_Provider(target.credentials)),
        url,
        name,
        session=session,
        connect_timeout=(_CONNECT_SECONDS, _READ_SECONDS),  # passed on to requests
        region=region or target.region_of(name),
        app_name="oss-restore",
    )


def open_store(target: Target, name: str) -> Store:
    """Open a bucket with the calls and retries of the functions."""
    return Store(open_bucket(target, name), RetryPolicy())


def region_of(bucket: oss2.Bucket) -> str:
    """Return the region of a bucket; empty if the caller lacks the permission.

    Raises:
        OperatorError: there is no such bucket, or OSS cannot be reached.
    """
    with storage_errors("oss:GetBucketInfo", bucket.bucket_name):
        try:
            location = str(bucket.get_bucket_info().location)
        except oss2.exceptions.AccessDenied as error:
            # OSS's error for a bucket in another region names it (docs http-status-code-403).
            location = error.details.get("Endpoint", "").partition(".")[0]
    return location.removeprefix("oss-")


def wrong_region(bucket: str, region: str, actual: str) -> tuple[str, str]:
    """Return the problem with a bucket in an unexpected region, and how to resolve it."""
    problem = _("bucket {bucket} is in {place}, not in {region}")
    to_do = _(
        "name its region in the environment file, buckets: [{{name: {bucket}, region: {place}}}]"
    )
    names = {"bucket": bucket, "region": region, "place": actual}
    return problem.format(**names), to_do.format(**names)


@contextmanager
def storage_errors(action: str, bucket: str, key: str = "") -> Iterator[None]:
    """Convert errors of OSS to messages.

    Args:
        action: RAM action of the call, such as ``oss:ListObjects``.
        bucket: bucket of the call.
        key: key of the object, if the call is about one.

    Raises:
        OperatorError: the call failed.
    """
    try:
        yield
    except BrokenPipeError:
        raise  # from writing to stdout; for its connections, oss2 raises its own errors
    except _STORAGE_ERRORS as error:
        raise _operator_error(
            error.__cause__ or error, error, action, f"oss://{bucket}/{key}"
        ) from error
    except CALL_ERRORS as error:
        raise _operator_error(error, error, action, f"oss://{bucket}/{key}") from error


def _operator_error(
    cause: BaseException, error: Exception, action: str, resource: str
) -> OperatorError:
    reason = describe(cause) if isinstance(cause, Exception) else str(cause)
    if isinstance(error, NoSuchBucket | oss2.exceptions.NoSuchBucket):
        bucket = resource.removeprefix("oss://").partition("/")[0]
        return RefusedError(
            _("bucket {bucket} does not exist").format(bucket=bucket),
            hint=_("check its name and region"),
        )
    if isinstance(error, AccessDenied | oss2.exceptions.AccessDenied):
        return RefusedError(
            _("OSS refused {action} on {resource}: {reason}").format(
                action=action, resource=resource, reason=reason
            ),
            hint=_(
                "grant {action} on it to the identity in use, and look for a "
                "bucket policy that denies it"
            ).format(action=action),
        )
    if isinstance(cause, oss2.exceptions.ServerError) and cause.status < SERVER_ERRORS:
        message = _("OSS refused {action} on {resource}: {reason}").format(
            action=action, resource=resource, reason=reason
        )
    else:
        message = _("OSS is unreachable or keeps failing: {reason}").format(reason=reason)
    return RefusedError(message)


def list_buckets(target: Target) -> list[tuple[str, str]]:
    """Return the names and regions of the buckets that the credentials can list, by name.

    Raises:
        OperatorError: OSS refuses the call, or cannot be reached.
    """
    service = oss2.Service(
        oss2.ProviderAuthV4(_Provider(target.credentials)),
        target.oss,
        connect_timeout=(_CONNECT_SECONDS, _READ_SECONDS),
        region=target.region,
        app_name="oss-restore",
    )
    with storage_errors("oss:ListBuckets", "*"):
        buckets = [
            (bucket.name, bucket.location.removeprefix("oss-"))
            for bucket in oss2.BucketIterator(service)
        ]
    return sorted(buckets)
