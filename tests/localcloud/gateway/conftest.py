"""A cloud whose gateway is set in the environment variables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.infra.hosted import HostedCloud
from tests.localcloud.gateway.clients import RealNames

ACCOUNT = "1234567890123456"


@pytest.fixture
def hosted() -> Iterator[HostedCloud]:
    with HostedCloud(ACCOUNT).serving() as hosted:
        yield hosted


@pytest.fixture
def clients(hosted: HostedCloud, monkeypatch: pytest.MonkeyPatch) -> RealNames:
    """Clients with the variables that ``oss-restore cloud`` prints, and the one for requests."""
    endpoints = hosted.endpoints(ACCOUNT)
    monkeypatch.setenv("HTTPS_PROXY", endpoints.https_proxy)
    monkeypatch.setenv("SSL_CERT_FILE", endpoints.ca_file)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", endpoints.ca_file)
    return RealNames(endpoints)
