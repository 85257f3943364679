"""Both APIs respond to any request with JSON, and never with an internal error."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from email.utils import formatdate
from urllib.parse import quote, unquote, urlencode

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.core import Core
from localcloud.fc import auth, fc2_routes, fc3_routes, roa
from localcloud.fc.api import fc_service
from localcloud.http import Handler, Request, Response
from localcloud.ram.credentials import Credential, root_principal
from localcloud.settings import Settings
from tests.fdl.values import JSON
from tests.localcloud.fc.support import ACCOUNT, ECHO, an_account, zipped

ROUTES = [(fc2_routes.VERSION, route) for route in fc2_routes.ROUTES] + [
    (fc3_routes.VERSION, route) for route in fc3_routes.ROUTES
]
NAMES = st.sampled_from(["s", "f", "s.LATEST", "s.1", "nobody"]) | st.text(max_size=8)
VALUES = (
    JSON
    | st.sampled_from(["s", "f", "services/s", "python3.10", "index.handler", 512])
    | st.just({"zipFile": base64.b64encode(zipped(ECHO)).decode()})
    | st.dictionaries(st.sampled_from(["A", "zipFile", "project", "initializer"]), JSON, max_size=2)
)
SENSIBLE = {
    "serviceName": NAMES,
    "functionName": NAMES,
    "runtime": st.just("python3.10"),
    "handler": st.just("index.handler"),
    "code": st.just({"zipFile": base64.b64encode(zipped(ECHO)).decode()}),
    "resourceArn": st.just("services/s"),
    "tags": st.just({"a": "b"}) | st.just([{"Key": "a", "Value": "b"}]),
    "ResourceId": st.just(["functions/f"]),
    "ResourceType": st.just("function"),
    "Tag": st.just([{"Key": "a"}]),
}


@st.composite
def bodies(draw: st.DrawFn, names: tuple[str, ...]) -> bytes:
    """Generate a body with these fields, most of which the operation accepts."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=40))
    body = {
        name: draw(SENSIBLE.get(name, VALUES) if draw(st.integers(0, 9)) else VALUES)
        for name in names
        if name in SENSIBLE or draw(st.integers(0, 4)) == 0
    }
    if draw(st.integers(0, 9)) == 0:
        body[draw(st.sampled_from(["vpcConfig", "colour", "layers"]))] = draw(VALUES)
    return orjson.dumps(body)


QUERIES = st.dictionaries(
    st.sampled_from(["limit", "nextToken", "prefix", "qualifier", "resourceArn", "ResourceId"])
    | st.text("abé&=", max_size=4),
    st.sampled_from(["1", "LATEST", "services/s", '["f"]', "["]) | st.text(max_size=6),
    max_size=3,
)
HEADERS = st.dictionaries(
    st.sampled_from(["x-fc-log-type", "x-fc-colour", "if-match", "if-none-match", "range"]),
    st.sampled_from(["Tail", "", "*", "nothing"]),
    max_size=2,
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Generate a request of some route, or of an unknown one."""
    version, route = draw(st.sampled_from(ROUTES))
    path = route.path
    for part in ("{service}", "{function}"):
        path = path.replace(part, quote(draw(NAMES), safe=""))
    path = path.replace("[.{qualifier}]", draw(st.sampled_from(["", ".LATEST", ".x"])))
    odd = draw(st.integers(0, 3)) == 0
    return Request(
        draw(st.sampled_from(["GET", "PATCH"])) if odd else route.method,
        f"/{version}{path}{draw(st.sampled_from(['/triggers', '/%00', '/'])) if odd else ''}",
        urlencode(draw(QUERIES)) if draw(st.booleans()) else "",
        {
            **(draw(HEADERS) if odd else {}),
            "date": formatdate(usegmt=True),
            "host": "127.0.0.1",
        },
        draw(bodies(route.body.names() if route.body else ())),
    )


class Api:
    """The handler of one account, called within one event loop."""

    def __init__(self, runner: asyncio.Runner, handler: Handler, key: Credential) -> None:
        self._runner = runner
        self._handler = handler
        self._key = key

    def send(self, request: Request) -> Response:
        async def answer() -> Response:
            async with asyncio.timeout(20):
                return await self._handler(request)

        return self._runner.run(answer())

    def signed(self, request: Request) -> Request:
        if fc3_routes.VERSION in request.raw_path:
            given = f"acs {self._key.access_key_id}:{roa.signature(request, self._key.secret)}"
        else:
            path = unquote(request.raw_path)
            signed = auth.signature(request.method, path, request.headers, self._key.secret)
            given = f"FC {self._key.access_key_id}:{signed}"
        headers = {**request.headers, "authorization": given}
        return Request(request.method, request.raw_path, request.query, headers, request.body)


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with asyncio.Runner() as runner:
        context = an_account(Settings())
        account = runner.run(context.__aenter__())
        assert isinstance(account.core, Core)
        account.deploy(ECHO)
        account.deploy_fc3(ECHO)
        service = fc_service(account.credentials, {ACCOUNT: account.fc}.__getitem__)
        yield Api(runner, service.handle, account.credentials.issue(root_principal(ACCOUNT)))
        runner.run(context.__aexit__(None, None, None))


def check(response: Response) -> None:
    assert response.status < 500
    assert response.headers["x-fc-request-id"]
    if response.status >= 400:
        answer = orjson.loads(response.body)
        assert answer.get("ErrorCode") or answer["Code"]


@settings(max_examples=100)
@given(requests())
def test_any_signed_call_is_answered(api: Api, request: Request) -> None:
    check(api.send(api.signed(request)))


@settings(max_examples=50)
@given(requests(), st.sampled_from(["", "FC", "FC x:y", "acs x:y", "ACS3-HMAC-SHA256 a=b", "\x00"]))
def test_any_signature_is_answered(api: Api, request: Request, authorization: str) -> None:
    headers = {**request.headers, "authorization": authorization}
    response = api.send(
        Request(request.method, request.raw_path, request.query, headers, request.body)
    )
    check(response)
    assert response.status >= 400
