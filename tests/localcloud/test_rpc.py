"""The RPC style: signatures, routing, and the format of errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.errors import CloudError
from localcloud.ram.credentials import Credential, CredentialStore, root_principal
from localcloud.rpc import rpc, signature
from tests.localcloud.rpc_client import RpcClient, RpcError, served

VERSION = "2020-01-01"


async def echo(caller: Credential, parameters: Mapping[str, str]) -> Mapping[str, object]:
    return {"Caller": caller.principal.arn, "Text": parameters.get("Text", "")}


async def refuse(_: Credential, __: Mapping[str, str]) -> Mapping[str, object]:
    raise CloudError("No.Way", "not today", 418)


@asynccontextmanager
async def a_service(lifetime: float | None = None) -> AsyncIterator[tuple[RpcClient, Credential]]:
    credentials = CredentialStore()
    key = credentials.issue(root_principal("1"), lifetime=lifetime)
    handler = rpc({"Echo": echo, "Refuse": refuse}, credentials=credentials, version=VERSION)
    async with served(handler) as url:
        yield RpcClient(url, VERSION, key), key


def test_the_signature_is_as_documented() -> None:
    """The example in the documentation of the RPC signature (DescribeRegions)."""
    parameters = {
        "Timestamp": "2016-02-23T12:46:24Z",
        "Format": "XML",
        "AccessKeyId": "testid",
        "Action": "DescribeRegions",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
        "Version": "2014-05-26",
        "SignatureVersion": "1.0",
    }
    assert signature("GET", parameters, "testsecret") == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


@given(
    parameters=st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=5),
    name=st.text(max_size=6),
    value=st.text(max_size=6),
)
def test_any_change_of_a_parameter_changes_the_signature(
    parameters: dict[str, str], name: str, value: str
) -> None:
    changed = parameters | {name: value}
    same = changed == parameters or name == "Signature"
    assert (signature("GET", changed, "s") == signature("GET", parameters, "s")) is same


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_signed_call_reaches_its_action_by_query_and_by_form(method: str) -> None:
    async with a_service() as (client, key):
        text = "a b+c/ü&=%~*"
        call = client.signed(method, client.parameters("Echo", Text=text))
        response = await client.send(method, call)
        assert response.status_code == 200
        assert response.json()["Text"] == text
        assert response.json()["Caller"] == key.principal.arn


async def test_a_temporary_key_signs_with_its_token() -> None:
    async with a_service(lifetime=900) as (client, key):
        assert (await client("Echo"))["Caller"] == key.principal.arn
        call = client.parameters("Echo")
        del call["SecurityToken"]
        response = await client.send("POST", client.signed("POST", call))
        assert response.json()["Code"] == "InvalidSecurityToken"


async def test_a_wrong_secret_is_refused() -> None:
    async with a_service() as (client, _):
        call = client.signed("POST", client.parameters("Echo"), "another secret")
        response = await client.send("POST", call)
        assert response.status_code == 403
        assert response.json()["Code"] == "SignatureDoesNotMatch"


async def test_a_call_changed_in_transit_is_refused() -> None:
    async with a_service() as (client, _):
        call = client.signed("POST", client.parameters("Echo", Text="one"))
        response = await client.send("POST", call | {"Text": "two"})
        assert response.json()["Code"] == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("action", "changes", "code", "status"),
    [
        ("Nothing", {}, "InvalidAction.NotFound", 404),
        ("Echo", {"Version": "1999-01-01"}, "InvalidVersion", 404),
        ("Echo", {"AccessKeyId": "LTAInobody"}, "InvalidAccessKeyId", 403),
        ("Refuse", {}, "No.Way", 418),
    ],
)
async def test_a_refusal_has_a_code_a_message_and_a_request_id(
    action: str, changes: dict[str, str], code: str, status: int
) -> None:
    async with a_service() as (client, _):
        with pytest.raises(RpcError) as refusal:
            await client(action, **changes)
        assert (refusal.value.code, refusal.value.status) == (code, status)


@pytest.mark.parametrize(
    "body", [b"Action=%ff", b"\xff\xfe=1&Action=%c3%28", b"=" * 5000, b"&" * 99]
)
async def test_a_form_of_arbitrary_bytes_is_refused_without_an_error(body: bytes) -> None:
    async with a_service() as (client, _), httpx.AsyncClient(trust_env=False) as http:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await http.post(client.url, content=body, headers=form)
        assert 400 <= answer.status_code < 500
        assert answer.json()["Code"]
