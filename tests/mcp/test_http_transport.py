"""The transport to upstreams keeps what httpx2 promises of one."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from sahur_mcp.proxy.transports.http_transport import UpstreamTransport, upstream_transport
from tests.fakes.internal import serve

closed: list[str] = []


async def echo(request: Request) -> JSONResponse:
    sent = [[name.decode(), value.decode()] for name, value in request.headers.raw]
    return JSONResponse(
        {"body": (await request.body()).decode(), "headers": sent, "path": str(request.url), "port": request.client[1]}
    )


async def slow(_request: Request) -> PlainTextResponse:
    await asyncio.sleep(60)
    return PlainTextResponse("late")


async def drip(request: Request) -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        try:
            for number in range(int(request.query_params["parts"])):
                yield f"data: {number}\n\n".encode()
                await asyncio.sleep(0.01)
        finally:
            closed.append(request.query_params["parts"])

    return StreamingResponse(parts(), media_type="text/event-stream")


async def zipped(_request: Request) -> Response:
    return Response(gzip.compress(b"squeezed"), headers={"Content-Encoding": "gzip"})


async def away(_request: Request) -> RedirectResponse:
    response = RedirectResponse("/echo", 307)
    response.set_cookie("seen", "1")
    return response


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    routes = [
        Route("/echo", echo, methods=["GET", "POST"]),
        Route("/slow", slow),
        Route("/drip", drip),
        Route("/zipped", zipped),
        Route("/away", away),
    ]
    with serve(Starlette(routes=routes)) as address:
        yield address


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    transport = UpstreamTransport(verify=ssl.create_default_context(), max_connections=4)
    async with httpx2.AsyncClient(transport=transport, timeout=httpx2.Timeout(10, read=0.3)) as made:
        yield made


async def test_a_request_arrives_as_it_was_made_and_connections_are_used_again(url: str, client: httpx2.AsyncClient) -> None:
    sent = {"Authorization": "Bearer x", "Mcp-Name": "get_é".encode()}
    first = await client.post(f"{url}/echo?a=%2F&b=ä", json={"x": "ö"}, headers=sent)
    told = first.json()
    headers = dict(told["headers"])
    assert told["body"] == '{"x":"ö"}'
    assert told["path"].endswith("/echo?a=%2F&b=%C3%A4")
    assert headers["authorization"] == "Bearer x"
    assert headers["mcp-name"] == "get_é"
    assert headers["user-agent"].startswith("python-httpx")
    assert len(headers) == len(told["headers"]), "no header twice"
    assert (await client.get(f"{url}/echo")).json()["port"] == told["port"]


async def test_streams_are_read_as_they_come(url: str, client: httpx2.AsyncClient) -> None:
    async with client.stream("GET", f"{url}/drip", params={"parts": 3}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert [line async for line in response.aiter_lines() if line] == ["data: 0", "data: 1", "data: 2"]


async def test_who_stops_reading_closes_the_stream_for_the_server_too(url: str, client: httpx2.AsyncClient) -> None:
    async with client.stream("GET", f"{url}/drip", params={"parts": 5000}) as response:
        async for _ in response.aiter_lines():
            break
    for _ in range(500):
        if "5000" in closed:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the server goes on")


async def test_a_request_that_is_canceled_leaves_its_place_in_the_pool(url: str, client: httpx2.AsyncClient) -> None:
    waiting = [asyncio.create_task(client.get(f"{url}/slow", timeout=60)) for _ in range(4)]
    await asyncio.sleep(0.2)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert (await client.get(f"{url}/echo")).is_success


async def test_encodings_and_redirects_are_left_to_the_client(url: str, client: httpx2.AsyncClient) -> None:
    assert (await client.get(f"{url}/zipped")).text == "squeezed"
    response = await client.get(f"{url}/away")
    assert response.status_code == 307
    assert response.next_request is not None
    assert response.next_request.url == f"{url}/echo"


async def test_trouble_has_the_names_that_httpx2_gives_it(url: str, client: httpx2.AsyncClient) -> None:
    with pytest.raises(httpx2.ReadTimeout):
        await client.get(f"{url}/slow")
    with pytest.raises(httpx2.ConnectError):
        await client.get("http://127.0.0.1:9/")
    with pytest.raises(httpx2.ConnectError):
        await client.get(f"https{url.removeprefix('http')}/echo")
    with pytest.raises(httpx2.ConnectError):
        await client.get("http://nowhere.invalid/")


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"])
async def test_a_server_that_breaks_off_is_an_error_of_the_transport(client: httpx2.AsyncClient, said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(httpx2.TransportError):
            await client.get(f"http://127.0.0.1:{port}/")


async def test_a_wait_for_a_connection_ends_in_time(url: str) -> None:
    transport = UpstreamTransport(verify=ssl.create_default_context(), max_connections=1)
    async with httpx2.AsyncClient(transport=transport, timeout=httpx2.Timeout(10, pool=0.2)) as client:
        busy = asyncio.create_task(client.get(f"{url}/slow", timeout=60))
        await asyncio.sleep(0.2)
        with pytest.raises(httpx2.TimeoutException):
            await client.get(f"{url}/echo")
        busy.cancel()


def test_behind_a_proxy_the_choice_is_left_to_httpx2(monkeypatch: pytest.MonkeyPatch) -> None:
    assert upstream_transport(verify=ssl.create_default_context(), max_connections=1) is not None
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:3128")
    assert upstream_transport(verify=ssl.create_default_context(), max_connections=1) is None
