"""The HTTP endpoint: what a handler is given, and how its answers arrive."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from localcloud.http import Handler, HttpServer, Request, Response, asgi


async def echo(request: Request) -> Response:
    text = f"{request.method} {request.raw_path} {request.query} {request.headers['x-name']} "
    return Response(202, {"X-Echo": "yes"}, text.encode() + request.body)


def serve(handler: Handler, client: Callable[[HttpServer], Awaitable[None]]) -> None:
    async def run() -> None:
        server = HttpServer(asgi(handler))
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


def test_head_tells_a_length_without_a_body() -> None:
    async def head(_: Request) -> Response:
        return Response(content_length=5 * 1024**4)

    async def client(server: HttpServer) -> None:
        async with httpx.AsyncClient() as http:
            answer = await http.head(server.url)
        assert answer.headers["content-length"] == str(5 * 1024**4)
        assert answer.content == b""

    serve(head, client)


def test_a_reset_cuts_the_connection_without_an_answer() -> None:
    async def reset(_: Request) -> Response:
        return Response(reset=True)

    async def client(server: HttpServer) -> None:
        async with httpx.AsyncClient() as http:
            with pytest.raises(httpx.TransportError):
                await http.get(server.url)

    serve(reset, client)


def test_stopping_lets_an_answer_under_way_end() -> None:
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
