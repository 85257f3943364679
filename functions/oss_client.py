"""Open buckets, with the right region, signature and number of connections."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

import oss2

from functions.credentials import Credentials
from thaw.errors import InvalidInput

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0

# oss-cn-hangzhou[-internal].aliyuncs.com, and cn-hangzhou.oss.aliyuncs.com for dual stack (docs:
# regions and endpoints). Accelerated endpoints name no region.
_REGION = re.compile(
    r"(?:^|\.)(?:oss-(?!accelerate)(?P<classic>[a-z]+-[a-z0-9-]+?)(?:-internal)?"
    r"|(?P<dual>[a-z]+-[a-z0-9-]+)\.oss)\.aliyuncs\.com$"
)

# oss2 logs every refused request at INFO, but each outcome is in the ledger anyway.
logging.getLogger("oss2").setLevel(logging.WARNING)


def open_bucket(
    endpoint: str,
    name: str,
    *,
    credentials: Credentials,
    environment: Mapping[str, str],
    connections: int,
) -> oss2.Bucket:
    """Open a bucket, with signature version 4.

    Args:
        endpoint: OSS endpoint, by default with https; an IP address works, too.
        name: the bucket's name.
        credentials: the keys.
        environment: the environment variables; ``FC_REGION`` is used if the endpoint names no
            region.
        connections: the number of threads that will use the bucket at the same time.

    Raises:
        InvalidInput: the region is unknown, or oss2 refuses the endpoint or the name.
    """
    url = endpoint if "://" in endpoint else f"https://{endpoint}"
    auth = oss2.StsAuth(
        credentials.access_key_id,
        credentials.access_key_secret,
        credentials.security_token,
        auth_version=oss2.AUTH_VERSION_4,
    )
    try:
        return oss2.Bucket(
            auth,
            url,
            name,
            session=_session(url, connections),
            connect_timeout=(CONNECT_SECONDS, READ_SECONDS),  # passed to requests unchanged
            region=region_of(url, environment),
            app_name="oss-restore",
            # oss2 makes tables for a checksum at each request, which takes as long as signing it
            # does, and nothing is compared on reading; writers of the ledger send Content-MD5.
            enable_crc=False,
        )
    except oss2.exceptions.ClientError as error:
        raise InvalidInput(f"endpoint {endpoint!r}, bucket {name!r}: {error.body}") from error


def region_of(endpoint: str, environment: Mapping[str, str]) -> str:
    """Return the region for signatures at an endpoint.

    Raises:
        InvalidInput: neither the host nor ``FC_REGION`` names it.
    """
    match = _REGION.search(urlsplit(endpoint).hostname or "")
    named = match and (match["classic"] or match["dual"])
    region = named or environment.get("FC_REGION")
    if not region:
        raise InvalidInput(f"endpoint {endpoint!r} names no region, and FC_REGION is not set")
    return region


@lru_cache(maxsize=4)
def _session(url: str, connections: int) -> oss2.Session:  # noqa: ARG001 - part of the key
    """Return the session, which keeps connections between invocations, and no credentials."""
    session = oss2.Session(pool_size=connections)
    session.session.trust_env = False  # no proxies, and no reading of .netrc at every request
    return session
