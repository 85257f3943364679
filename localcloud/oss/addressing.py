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
    """What a request is about.

    Attributes:
        bucket: empty for the service itself.
        key: empty for a bucket; bytes that are not UTF-8 are kept as surrogates.
        region: of the endpoint, where its name has one.
    """

    bucket: str
    key: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class _Host:
    """The parts of a host name.

    Attributes:
        bucket: empty if it names none.
        region: empty if it names none.
        is_service: whether it is one of the service's own names.
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
    """Read host and path.

    The bucket is in the name of the host, or else it is the first part of the path, which the
    service's own names do not allow. The path is split before it is decoded, once, so that
    ``%2F`` and ``//`` stay data.

    Raises:
        CloudError: ``SecondLevelDomainForbidden``, the path names the bucket on an endpoint of the
            service.
    """
    path, named = raw_path.removeprefix("/"), _read_host(host)
    if named.bucket:
        return Address(named.bucket, _decode(path), named.region)
    bucket, _, raw_key = path.partition("/")
    if named.is_service and bucket:
        raise CloudError(
            "SecondLevelDomainForbidden",
            "The bucket must be named in the host: BUCKET." + host,
            403,
        )
    return Address(bucket, _decode(raw_key), named.region)


def _decode(text: str) -> str:
    return unquote(text, errors="surrogateescape")
