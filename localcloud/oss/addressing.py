"""Reads bucket, key and region from a request's host and path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from localcloud.errors import CloudError

_BUCKET: Final = r"(?:(?P<bucket>[a-z0-9][a-z0-9-]*)\.)?"
_SERVICE: Final = re.compile(
    rf"{_BUCKET}(?:oss-(?P<region>[a-z0-9-]+?)(?:-internal)?|(?P<dual>[a-z0-9-]+)\.oss)"
    r"\.aliyuncs\.com(?::[0-9]+)?"
)
_LOCAL: Final = re.compile(rf"{_BUCKET}(?:localhost|127\.0\.0\.1)(?::[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Address:
    """The target of a request.

    Attributes:
        bucket: the bucket's name; empty for the service itself.
        key: the object's key; empty for a bucket. Bytes that are not UTF-8 become surrogates.
        region: the endpoint's region, if its name contains one.
    """

    bucket: str
    key: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class _Host:
    """The parts of a host name.

    Attributes:
        bucket: the bucket in the name, or empty.
        region: the region in the name, or empty.
        is_service: whether the name belongs to the service.
    """

    bucket: str
    region: str
    is_service: bool


@lru_cache(maxsize=1024)
def _read_host(host: str) -> _Host:
    service = _SERVICE.fullmatch(host.lower())
    if service:
        region = service["region"] or service["dual"]
        return _Host(service["bucket"] or "", region, is_service=True)
    local = _LOCAL.fullmatch(host.lower())
    return _Host((local and local["bucket"]) or "", "", is_service=False)


def read_address(host: str, raw_path: str) -> Address:
    """Parse host and path.

    The bucket is in the host name, or else the first part of the path, which the service's own
    names do not allow. The path is split before it is decoded, once, so that ``%2F`` and ``//``
    remain data.

    Raises:
        CloudError: ``SecondLevelDomainForbidden``, the bucket is in the path on an endpoint of the
            service.
    """
    path, parsed = raw_path.removeprefix("/"), _read_host(host)
    if parsed.bucket:
        return Address(parsed.bucket, _decode(path), parsed.region)
    bucket, _, raw_key = path.partition("/")
    if parsed.is_service and bucket:
        raise CloudError(
            "SecondLevelDomainForbidden",
            "The bucket must be part of the host: BUCKET." + host,
            403,
        )
    return Address(bucket, _decode(raw_key), parsed.region)


def _decode(text: str) -> str:
    return unquote(text, errors="surrogateescape")
