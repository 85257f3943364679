"""The HTTP endpoint: the requests that a handler receives, and how its responses are sent."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx
import pytest

from localcloud.errors import CloudError
from localcloud.http import (
    UNSIGNED_BYTES,
    Handler,
    HttpServer,
    HttpService,
    Request,
    Response,
    asgi,
    check_host,
    refuse_as_json,
)


async def echo(request: Request) -> Response:
    text = f"{request.method} {request.raw_path} {request.query} {request.headers['x-name']} "
    return Response(202, {"X-Echo": "yes"}, text.encode() + request.body)


def serve(service: HttpService | Handler, client: Callable[[HttpServer], Awaitable[None]]) -> None:
    async def run() -> None:
        server = HttpServer(asgi(service))
        await server.start()
        try:
            await client(server)
        finally:
            await server.stop()

    asyncio.run(run())


def test_a_request_arrives_undecoded_with_its_chunked_body() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"one,"
        yield b"two"

    async def client(server: HttpServer) -> None:
        async with httpx.AsyncClient() as http:
            answer = await http.post(
                f"{server.url}/a%2Fb//c?x=%20&y", headers={"X-Name": "n"}, content=chunks()
            )
        assert answer.status_code == 202
        assert answer.headers["x-echo"] == "yes"
        assert answer.text == "POST /a%2Fb//c x=%20&y n one,two"

    serve(echo, client)


def test_a_long_body_is_sent_in_chunks_and_only_while_there_is_a_client() -> None:
    sent = 0

    async def long(_: Request) -> Response:
        def chunks() -> Iterator[bytes]:
            nonlocal sent
            while sent < 5 * 1024**2:
                sent += 1
                yield b"x" * 1024**2

        return Response(chunks=chunks(), content_length=5 * 1024**4)

    async def client(server: HttpServer) -> None:
        async with httpx.AsyncClient() as http, http.stream("GET", server.url) as answer:
            assert answer.headers["content-length"] == str(5 * 1024**4)
            received = 0
            async for piece in answer.aiter_raw():
                received += len(piece)
                if received > 3 * 1024**2:
                    break

    serve(long, client)
    assert 3 < sent < 100


def test_head_returns_a_length_without_a_body() -> None:
    async def head(_: Request) -> Response:
        return Response(content_length=5 * 1024**4)

    async def client(server: HttpServer) -> None:
        async with httpx.AsyncClient() as http:
            answer = await http.head(server.url)
        assert answer.headers["content-length"] == str(5 * 1024**4)
        assert answer.content == b""

    serve(head, client)


def test_a_reset_cuts_the_connection_without_a_response() -> None:
    async def reset(_: Request) -> Response:
        return Response(reset=True)

    async def client(server: HttpServer) -> None:
        async with httpx.AsyncClient() as http:
            with pytest.raises(httpx.TransportError):
                await http.get(server.url)

    serve(reset, client)


def test_stopping_lets_a_response_in_progress_finish() -> None:
    under_way = asyncio.Event()

    async def slow(_: Request) -> Response:
        under_way.set()
        await asyncio.sleep(0.05)
        return Response(body=b"done")

    async def client(server: HttpServer) -> None:
        async with httpx.AsyncClient() as http:
            call = asyncio.create_task(http.get(server.url))
            await under_way.wait()
            await server.stop()
            assert (await call).text == "done"

    serve(slow, client)


def test_a_port_can_be_used_again_at_once() -> None:
    async def run() -> None:
        first = HttpServer(asgi(echo))
        await first.start()
        port = first.port
        async with httpx.AsyncClient() as http:
            await http.get(first.url, headers={"x-name": ""})
            await first.stop()
        second = HttpServer(asgi(echo), port=port)
        await second.start()
        assert second.url == f"http://127.0.0.1:{port}"
        await second.stop()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))

    asyncio.run(run())


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:4011",
        "LOCALHOST:1",
        "[::1]",
        "[::1]:80",
        "bucket.localhost:80",
        "my-bucket.oss-cn-hangzhou.aliyuncs.com",
    ],
)
def test_host_names_of_this_machine_and_of_the_cloud_are_served(host: str) -> None:
    check_host(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "evil.example:80", "127.0.0.1.evil.example", "aliyuncs.com.evil", "[::2]"],
)
def test_a_rebound_host_name_is_refused_before_the_service_sees_the_request(host: str) -> None:
    async def client(server: HttpServer) -> None:
        async with httpx.AsyncClient() as http:
            answer = await http.get(server.url, headers={"Host": host, "X-Name": "n"})
        assert answer.status_code == 403
        assert answer.json()["Code"] == "InvalidHost"

    serve(echo, client)


def admitting(limit: int) -> HttpService:
    """Build a service that returns the body's length, and admits only callers who say please."""

    async def length(request: Request) -> Response:
        return Response(body=str(len(request.body)).encode())

    def admit(head: Request) -> int:
        if "x-please" not in head.headers:
            raise CloudError("AccessDenied", "sign the request", 403)
        return limit

    return HttpService(length, refuse_as_json, admit)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_read_up_to_the_limit_and_from_admitted_callers_only(chunked: bool) -> None:
    async def client(server: HttpServer) -> None:
        async def send(size: int, **headers: str) -> tuple[int, bytes]:
            body = bytes(size)

            async def parts() -> AsyncIterator[bytes]:
                for start in range(0, size, 2**20):
                    yield body[start : start + 2**20]

            async with httpx.AsyncClient() as http:
                content = parts() if chunked else body
                answer = await http.put(server.url, content=content, headers=headers)
            return answer.status_code, answer.content

        limit = UNSIGNED_BYTES * 2
        assert await send(UNSIGNED_BYTES) == (200, b"%d" % UNSIGNED_BYTES)
        assert (await send(UNSIGNED_BYTES + 1))[0] == 403
        please = {"X-Please": "1"}
        assert await send(limit, **please) == (200, b"%d" % limit)
        status, body = await send(limit + 1, **please)
        assert status == 400
        assert b"EntityTooLarge" in body

    serve(admitting(UNSIGNED_BYTES * 2), client)
