"""Isolation of a rehearsal from other machines."""

from __future__ import annotations

from typing import Final

from infra.bundle.build import CACHE, FUNCTIONS
from infra.bundle.packages import PackagesError, installed_packages
from infra.model.generations import Runtime
from oss_restore.clients.target import LocalEndpoints
from oss_restore.errors import OperatorError

_THIS_MACHINE: Final = "127.0.0.1,localhost"
_PROXIES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


def get_packages(runtime: Runtime) -> None:
    """Install the packages of the functions' bundle from PyPI, unless they are in the cache.

    Raises:
        OperatorError: they could not be installed.
    """
    try:
        installed_packages(runtime, FUNCTIONS, CACHE)
    except PackagesError as error:
        raise OperatorError(str(error)) from error


def isolated_environment(endpoints: LocalEndpoints) -> dict[str, str]:
    """Return the environment variables for a program that may only reach this machine.

    They set the local cloud's proxy, which refuses every host except Alibaba Cloud's, and passes
    requests for those to the local cloud.
    """
    proxies = dict.fromkeys(_PROXIES, endpoints.https_proxy)
    variables = {**proxies, "NO_PROXY": _THIS_MACHINE, "SSL_CERT_FILE": endpoints.ca_file}
    return variables | {name.lower(): value for name, value in variables.items() if "PROXY" in name}
