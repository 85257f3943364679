"""The gateway: which hosts it serves, which it does not, and who trusts it."""

from __future__ import annotations

import socket
import ssl
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from localcloud.hosts import service_of
from tests.infra.hosted import HostedCloud
from tests.localcloud.gateway.conftest import ACCOUNT


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("oss-cn-hangzhou.aliyuncs.com", "oss"),
        ("bucket.oss-cn-hangzhou-internal.aliyuncs.com", "oss"),
        ("a.b.oss-cn-beijing.aliyuncs.com", "oss"),
        ("cn-hangzhou.log.aliyuncs.com", "sls"),
        ("project.cn-hangzhou.log.aliyuncs.com", "sls"),
        ("project.cn-hangzhou-intranet.log.aliyuncs.com", "sls"),
        ("1234567890123456.cn-hangzhou.fc.aliyuncs.com", "fc"),
        ("1234567890123456.cn-hangzhou-internal.fc.aliyuncs.com", "fc"),
        ("fcv3.cn-hangzhou.aliyuncs.com", "fc"),
        ("cn-hangzhou.fnf.aliyuncs.com", "fnf"),
        ("cn-hangzhou-internal.fnf.aliyuncs.com", "fnf"),
        ("ram.aliyuncs.com", "ram"),
        ("STS.cn-hangzhou.aliyuncs.com", "sts"),
        ("sts.aliyuncs.com", "sts"),
        ("metrics.cn-hangzhou.aliyuncs.com", "cms"),
        ("location-readonly.aliyuncs.com", "location"),
        ("cn-beijing.fnf.aliyuncs.com", None),
        ("ecs.aliyuncs.com", None),
        ("ram.aliyuncs.com.example.com", None),
        ("example.com", None),
        ("", None),
    ],
)
def test_a_host_names_its_service(host: str, service: str | None) -> None:
    assert service_of(host, "cn-hangzhou") == service


@pytest.fixture
def http(hosted: HostedCloud) -> Iterator[httpx.Client]:
    endpoints = hosted.endpoints(ACCOUNT)
    trusted = ssl.create_default_context(cafile=endpoints.ca_file)
    with httpx.Client(proxy=endpoints.https_proxy, verify=trusted, trust_env=False) as http:
        yield http


def test_no_other_host_is_reached(http: httpx.Client) -> None:
    for host in ("example.com", "ecs.aliyuncs.com", "127.0.0.1", "cn-beijing.fnf.aliyuncs.com"):
        with pytest.raises(httpx.ProxyError, match="403"):
            http.get(f"https://{host}/")


def test_a_host_inside_a_tunnel_must_be_served_too(http: httpx.Client) -> None:
    for named, status in (("example.com", 403), ("ecs.aliyuncs.com", 421)):
        answer = http.get("https://ram.aliyuncs.com/", headers={"host": named})
        assert answer.status_code == status
        assert named in answer.json()["Message"]


def test_nothing_passes_without_tls(http: httpx.Client) -> None:
    answer = http.get("http://ram.aliyuncs.com/")
    assert answer.status_code == 405
    assert "use https" in answer.text


def test_a_client_that_does_not_trust_the_authority_is_not_served(hosted: HostedCloud) -> None:
    proxy = hosted.endpoints(ACCOUNT).https_proxy
    with (
        httpx.Client(proxy=proxy, trust_env=False) as http,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        http.get("https://ram.aliyuncs.com/")


def test_the_authoritys_key_is_in_no_file_and_its_certificate_is_removed_with_the_cloud() -> None:
    with HostedCloud(ACCOUNT).serving() as hosted:
        path = Path(hosted.endpoints(ACCOUNT).ca_file)
        assert b"PRIVATE KEY" not in b"".join(f.read_bytes() for f in path.parent.iterdir())
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.exists()


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"\r\n\r\n",
        b"CONNECT\r\n\r\n",
        b"CONNECT ram.aliyuncs.com:443\r\n\r\n",
        b"CONNECT " + b"a" * 300 + b":443 HTTP/1.1\r\n\r\n",
        b"CONNECT ram.aliyuncs.com:443 HTTP/1.1\r\n" + b"a: b\r\n" * 5_000 + b"\r\n",
        b"CONNECT ram.aliyuncs.com:443 HTTP/1.1\r\n\r\nnot TLS at all" + b"x" * 10_000,
        bytes(range(256)) * 100,
    ],
)
def test_a_connection_that_is_not_a_tunnel_is_closed_without_affecting_others(
    hosted: HostedCloud, http: httpx.Client, request_: bytes
) -> None:
    url = urlsplit(hosted.endpoints(ACCOUNT).https_proxy)
    with socket.create_connection((url.hostname, url.port), timeout=20) as own:
        own.sendall(request_)
        own.shutdown(socket.SHUT_WR)
        answer = b""
        with suppress(ConnectionError):  # the connection may be cut
            while chunk := own.recv(65_536):
                answer += chunk
    assert b"HTTP/1.1 5" not in answer
    assert http.get("https://ram.aliyuncs.com/").status_code == 403


def test_open_tunnels_end_with_the_cloud() -> None:
    with HostedCloud(ACCOUNT).serving() as hosted:
        url = urlsplit(hosted.endpoints(ACCOUNT).https_proxy)
        own = socket.create_connection((url.hostname, url.port), timeout=20)
        own.sendall(b"CONNECT ram.aliyuncs.com:443 HTTP/1.1\r\n\r\n")
        assert own.recv(100).startswith(b"HTTP/1.1 200")
    with own, suppress(ConnectionResetError):
        assert own.recv(100) == b""
