"""Alibaba Cloud's host names for the services of a local cloud."""

from __future__ import annotations

import re
from typing import Final

# By endpoint. A label before the host is a bucket, project or account.
_HOSTS: Final = {
    "oss": r"(.+\.)?oss(-[a-z0-9-]+)?",
    "sls": r"(.+\.)?{region}(-intranet)?\.log",
    "fc": r"(fcv3|[0-9]+)\.{region}(-internal)?(\.fc)?|fcv3\.{region}",
    "fnf": r"{region}(-internal)?\.fnf",
    "ram": r"ram",
    "sts": r"sts(\.{region})?",
    "cms": r"metrics(\.{region})?",
    "location": r"location(-readonly)?(\.{region})?",
}
_DOMAIN: Final = r"\.aliyuncs\.com"


def service_of(host: str, region: str) -> str | None:
    """Return the service of a host name, such as ``sls``; None for other services or regions.

    OSS has names in all regions, and refuses those of other regions itself.
    """
    for service, pattern in _HOSTS.items():
        own = pattern.replace("{region}", re.escape(region))
        if re.fullmatch(f"(?:{own}){_DOMAIN}", host.lower()):
            return service
    return None


def endpoint_of(code: str, region: str, account_id: str) -> str | None:
    """Return a service's host, by its code in the Location service; None if it is not served."""
    return {
        "oss": f"oss-{region}.aliyuncs.com",
        "sls": f"{region}.log.aliyuncs.com",
        "fc": f"{account_id}.{region}.fc.aliyuncs.com",
        "fnf": f"{region}.fnf.aliyuncs.com",
        "ram": "ram.aliyuncs.com",
        "sts": f"sts.{region}.aliyuncs.com",
        "cms": f"metrics.{region}.aliyuncs.com",
    }.get(code)
