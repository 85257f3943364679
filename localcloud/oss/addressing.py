"""What a request's host and path name: a bucket, a key, a region."""

from __future__ import annotations

import re
from dataclasses import dataclass
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


def read_address(host: str, raw_path: str) -> Address:
    """Reads host and path.

    The bucket is in the name of the host, or else it is the first part of the path, which the
    service's own names do not allow. The path is split before it is decoded, once, so that
    ``%2F`` and ``//`` stay data.

    Raises:
        CloudError: ``SecondLevelDomainForbidden``, the path names the bucket on an endpoint of the
            service.
    """
    path = raw_path.removeprefix("/")
    service, local = _SERVICE.fullmatch(host.lower()), _LOCAL.fullmatch(host.lower())
    match = service or local
    region = (service["region"] or service["dual"]) if service else ""
    if match and match["bucket"]:
        return Address(match["bucket"], _decode(path), region)
    bucket, _, raw_key = path.partition("/")
    if service and bucket:
        raise CloudError(
            "SecondLevelDomainForbidden",
            "The bucket must be named in the host: BUCKET." + host,
            403,
        )
    return Address(bucket, _decode(raw_key), region)


def _decode(text: str) -> str:
    return unquote(text, errors="surrogateescape")
