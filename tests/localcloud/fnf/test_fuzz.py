"""The API responds to any request with JSON, in time, and never with an internal error."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import urlencode

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.fnf.api import OPERATIONS, VERSION, fnf_handler
from localcloud.fnf.unsupported import UNSUPPORTED_ACTIONS, UNSUPPORTED_PARAMETERS
from localcloud.http import Handler, Request, Response
from localcloud.ram.credentials import Credential, root_principal
from localcloud.rpc import signature
from localcloud.settings import Settings
from tests.fdl.values import FLOW_LIKE, JSON
from tests.localcloud.fnf.harness import ACCOUNT, Cloud

FLOWS = st.lists(FLOW_LIKE, max_size=3).map(
    lambda steps: yaml.safe_dump({"version": "v1", "type": "flow", "steps": steps})
)
RUNNING = "version: v1\ntype: flow\nsteps: [{type: wait, name: w, duration: 5}]"
VALUES = (
    st.sampled_from(["f", "e", "FDL", "Standard", "", "0", "5", "-1", "{}", "true", RUNNING])
    | st.text(max_size=30)
    | JSON.map(lambda value: orjson.dumps(value).decode())
    | FLOWS
)


SENSIBLE = {
    "Name": st.just("f"),
    "FlowName": st.just("f"),
    "ExecutionName": st.sampled_from(["e", "g"]),
    "Type": st.just("FDL"),
    "Definition": st.just(RUNNING) | FLOWS,
    "Limit": st.just("5"),
    "Input": JSON.map(lambda value: orjson.dumps(value).decode()),
}
WAITS_A_MINUTE = "WaitTimeSeconds"


@st.composite
def calls(draw: st.DrawFn) -> dict[str, str]:
    """Generate a call's parameters, mostly valid ones of a known operation."""
    operation = draw(st.sampled_from(OPERATIONS))
    fields = operation.parameters.model_fields.items()
    given = {
        name: draw(SENSIBLE.get(name, VALUES) if draw(st.integers(0, 5)) else VALUES)
        for name in (field.alias or name for name, field in fields)
        if name != WAITS_A_MINUTE and (name in SENSIBLE or draw(st.booleans()))
    }
    if draw(st.integers(0, 9)) == 0:
        given[draw(st.sampled_from([*UNSUPPORTED_PARAMETERS, "Colour"]))] = draw(VALUES)
    if draw(st.integers(0, 9)) == 0:
        return {**given, "Action": draw(st.sampled_from([*UNSUPPORTED_ACTIONS, "", "Nothing"]))}
    return {**given, "Action": operation.name}


class Api:
    """The handler of one cloud, called within one event loop."""

    def __init__(self, runner: asyncio.Runner, handler: Handler, key: Credential) -> None:
        self._runner = runner
        self._handler = handler
        self._key = key

    def send(self, body: bytes) -> Response:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        request = Request("POST", "/", "", headers, body)

        async def answer() -> Response:
            async with asyncio.timeout(10):
                return await self._handler(request)

        return self._runner.run(answer())

    def signed(self, parameters: dict[str, str]) -> bytes:
        whole = {
            "Version": VERSION,
            "AccessKeyId": self._key.access_key_id,
            **parameters,
        }
        whole["Signature"] = signature("POST", whole, self._key.secret)
        return urlencode(whole).encode()


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with asyncio.Runner() as runner:

        async def cloud() -> Cloud:
            return Cloud(Settings(), {"f": lambda event: event})

        made = runner.run(cloud())
        made.flow(RUNNING, "f")
        handler = fnf_handler(made.core, made.credentials, lambda _: made.workflow)
        yield Api(runner, handler, made.credentials.issue(root_principal(ACCOUNT)))


def check(response: Response) -> None:
    assert response.status < 500
    answer = orjson.loads(response.body)
    assert answer["RequestId"]
    assert response.status == 200 or answer["Code"]


@settings(max_examples=100)
@given(calls())
def test_any_signed_call_is_answered(api: Api, parameters: dict[str, str]) -> None:
    check(api.send(api.signed(parameters)))


@settings(max_examples=100)
@given(st.binary(max_size=200) | st.text("&=%+AaZ0\x00é", max_size=60).map(str.encode))
def test_any_bytes_are_answered(api: Api, body: bytes) -> None:
    check(api.send(body))
