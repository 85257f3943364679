"""The signed parts of a request, and the identity that it claims."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from localcloud.errors import CloudError

SECONDS: Final = re.compile(r"[0-9]{1,12}")
_ALLOWED_SKEW: Final = 15 * 60  # seconds, docs include-signatures-in-the-authorization-header


@dataclass(frozen=True, slots=True)
class Signed:
    """The signed parts of a request.

    Attributes:
        resource: ``/``, ``/bucket/`` or ``/bucket/key``, decoded; bytes that are not UTF-8 become
            surrogates.
        query: the decoded query; a flag has an empty value.
        headers: the headers, by lower-case name; values as Latin-1, which preserves every byte.
    """

    method: str
    resource: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    def header(self, name: str) -> str:
        """Return a header's value; empty if it is missing."""
        return self.headers.get(name, "")

    def canonical_headers(self, additional: frozenset[str]) -> str:
        """Return the ``x-oss-`` headers and the additional ones, one per line, sorted."""
        return "".join(
            f"{name}:{value}\n"
            for name, value in sorted(self.headers.items())
            if name.startswith("x-oss-") or name in additional
        )

    def canonical_query(self, without: str = "") -> str:
        """Return the query parameters, encoded and sorted by encoded name."""
        pairs = sorted(
            (encode(name), encode(value)) for name, value in self.query.items() if name != without
        )
        return "&".join(f"{name}={value}" if value else name for name, value in pairs)


@dataclass(frozen=True, slots=True)
class Claim:
    """The identity that a request claims, and its signature.

    Attributes:
        sign: computes the signature for a secret.
    """

    access_key_id: str
    token: str
    signature: str
    sign: Callable[[str], str]


def encode(value: str, *, keep: str = "") -> str:
    """Percent-encode everything but letters, digits and ``-_.~``."""
    return quote(value, safe=f"-_.~{keep}", errors="surrogateescape")


def malformed_authorization(ec: str = "") -> CloudError:
    """400: parts of the signature are missing in the header or query."""
    return CloudError(
        "InvalidArgument", "The authorization of this request cannot be read.", 400, ec=ec
    )


def check_fresh(signed_at: float) -> None:
    """Refuse a signature that is too old or from the future, in machine time.

    Raises:
        CloudError: ``RequestTimeTooSkewed``.
    """
    if abs(time.time() - signed_at) > _ALLOWED_SKEW:
        raise CloudError(
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            403,
        )


def check_not_expired(expires_at: float) -> None:
    """Refuse a presigned request that has expired, in machine time.

    Raises:
        CloudError: ``AccessDenied``.
    """
    if time.time() > expires_at:
        raise CloudError("AccessDenied", "Request has expired.", 403)
