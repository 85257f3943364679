"""The older signature of API version 2023-03-30, as the Terraform provider signs."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest
from darabonba.runtime import RuntimeOptions

from localcloud.errors import CloudError
from localcloud.fc import roa
from localcloud.http import Request
from localcloud.ram.credentials import Credential, CredentialStore, root_principal
from tests.localcloud.fc.support import ECHO, an_account, an_endpoint

ARN = "acs:fc:cn-hangzhou:1234567890123456:functions/f"
KEY = Credential("LTAIa", "secret", root_principal("1"))
DATE = "Sun, 29 Nov 2026 12:00:00 GMT"


async def call(
    url: str,
    key: Credential,
    method: str,
    path: str,
    *,
    query: dict[str, str] | None = None,
    body: object = None,
) -> Any:
    """Make a call in the SDK's ROA style, whose signature does not cover the body."""
    client = Client(
        Config(
            endpoint=url.removeprefix("http://"),
            protocol="http",
            access_key_id=key.access_key_id,
            access_key_secret=key.secret,
            security_token=key.token or None,
        )
    )
    request = OpenApiRequest(headers={}, query=query, body=body)
    call = ("Any", "2023-03-30", "HTTP", method, "AK", f"/2023-03-30{path}", "json")
    answer = await asyncio.to_thread(lambda: client.do_roarequest(*call, request, RuntimeOptions()))
    return answer.get("body")


async def test_calls_signed_by_the_older_scheme_are_answered() -> None:
    async with an_account() as account, an_endpoint(account) as url:
        account.deploy_fc3(ECHO)
        key = account.credentials.issue(account.root)
        await call(
            *(url, key, "POST", "/tags-v2"),
            body={
                "ResourceId": [ARN],
                "ResourceType": "function",
                "Tag": [{"Key": "team", "Value": "a b"}],
            },
        )
        function = await call(url, key, "GET", "/functions/f", query={"qualifier": "LATEST"})
        assert function["tags"] == [{"Key": "team", "Value": "a b"}]
        listed = {"ResourceType": "function", "ResourceId": json.dumps([ARN])}
        tags = await call(url, key, "GET", "/tags-v2", query=listed)
        assert [tag["TagKey"] for tag in tags["TagResources"]] == ["team"]


async def test_a_call_with_another_secret_is_refused() -> None:
    async with an_account() as account, an_endpoint(account) as url:
        key = account.credentials.issue(account.root)
        forged = Credential(key.access_key_id, "other", key.principal)
        with pytest.raises(AlibabaCloudException) as refused:
            await call(url, forged, "GET", "/functions")
        assert (refused.value.code, refused.value.status_code) == ("SignatureNotMatch", 403)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "MissingRequiredHeader"),
        ({"authorization": "acs LTAIa"}, "InvalidArgument"),
        ({"authorization": "acs LTAIa:x"}, "MissingRequiredHeader"),
        ({"authorization": "acs LTAIa:x", "date": "now"}, "InvalidArgument"),
        (
            {"authorization": "acs LTAIa:x", "date": "Sun, 29 Nov 2006 12:00:00 GMT"},
            "AccessDenied",
        ),
    ],
)
def test_a_missing_header_is_reported(headers: dict[str, str], code: str) -> None:
    credentials = CredentialStore()
    credentials.add(KEY)
    with pytest.raises(CloudError) as refused:
        roa.authenticate(Request("GET", "/2023-03-30/functions", "", headers, b""), credentials)
    assert refused.value.code == code


def test_a_signature_depends_on_everything_but_the_body() -> None:
    base = Request("GET", "/f", "a=1&b", {"date": DATE, "x-acs-action": "A"}, b"")
    others = [
        Request("PUT", "/f", "a=1&b", base.headers, b""),
        Request("GET", "/g", "a=1&b", base.headers, b""),
        Request("GET", "/f", "a=2&b", base.headers, b""),
        *(
            Request("GET", "/f", "a=1&b", {**base.headers, name: "x"}, b"")
            for name in ("accept", "content-type", "content-md5", "x-acs-action", "x-acs-more")
        ),
    ]
    signatures = {roa.signature(request, "secret") for request in (base, *others)}
    assert len(signatures) == len(others) + 1
    same = Request("GET", "/f", "b&a=1", {**base.headers, "user-agent": "x"}, b"body")
    assert roa.signature(same, "secret") == roa.signature(base, "secret")
