"""Timestamps in OSS's formats: whole seconds, in GMT."""

from __future__ import annotations

import time
from email.utils import formatdate
from functools import lru_cache


@lru_cache(maxsize=4096)
def http_date(moment: int) -> str:
    """Format seconds since 1970 for a header: ``Sun, 16 Apr 2017 08:12:33 GMT``."""
    return formatdate(moment, usegmt=True)


@lru_cache(maxsize=4096)
def iso_date(moment: int) -> str:
    """Format seconds since 1970 for XML: ``2017-04-16T08:12:33.000Z``."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(moment))
