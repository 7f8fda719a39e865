"""HTTP to upstreams by aiohttp under the interface of httpx2, which the SDK's client speaks.

aiohttp parses in C and sends a request in one piece; httpx2's own connections take about twice the processor time.
Nothing else changes: pool, time-outs, TLS, and the exceptions that httpx2 promises.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from urllib.request import getproxies

import aiohttp
import httpx2
from yarl import URL

KEEP_ALIVE_SECONDS = 4.0
"""Shorter than the five seconds after which many servers close: a request should not meet a connection on its end."""
MAX_HEADER_BYTES = 65_536
_SET_BY_US = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


def upstream_transport(*, verify: ssl.SSLContext, max_connections: int) -> httpx2.AsyncBaseTransport | None:
    """None, which means httpx2's own, where the environment names a proxy: how those are chosen is httpx2's to know."""
    return None if getproxies() else UpstreamTransport(verify=verify, max_connections=max_connections)


class UpstreamTransport(httpx2.AsyncBaseTransport):
    """The connections of one client. Whoever asks while all are busy waits, within the request's time-out."""

    def __init__(self, *, verify: ssl.SSLContext, max_connections: int) -> None:
        self._verify = verify
        self._max_connections = max_connections
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises `httpx2.TransportError` as the transports of httpx2 do."""
        session = self._session or self._open()
        body = await request.aread()
        timeout = request.extensions.get("timeout", {})
        with _as_httpx(request):
            answer = await session.request(
                request.method,
                _url(str(request.url)),
                data=body or None,
                headers=[(name.decode("ascii"), value.decode(errors="replace")) for name, value in request.headers.raw],
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=None,
                    connect=timeout.get("pool"),
                    sock_connect=timeout.get("connect"),
                    sock_read=timeout.get("read"),
                ),
            )
        return httpx2.Response(answer.status, headers=list(answer.raw_headers), stream=_Body(answer, request), request=request)

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(ssl=self._verify, limit=self._max_connections, keepalive_timeout=KEEP_ALIVE_SECONDS)
        self._session = aiohttp.ClientSession(
            connector=connector,
            # Cookies, redirects and content encodings are httpx2's part.
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_SET_BY_US,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
        )
        return self._session


class _Body(httpx2.AsyncByteStream):
    """What comes after the headers. Closed before its end, it takes the connection with it."""

    def __init__(self, answer: aiohttp.ClientResponse, request: httpx2.Request) -> None:
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx(self._request):
            async for part in self._answer.content.iter_any():
                yield part

    async def aclose(self) -> None:
        if not self._answer.content.at_eof():
            self._answer.close()
        self._answer.release()


@lru_cache(maxsize=256)
def _url(text: str) -> URL:
    return URL(text, encoded=True)


@contextmanager
def _as_httpx(request: httpx2.Request) -> Iterator[None]:
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx2.ConnectTimeout(str(error), request=request) from error
    except (TimeoutError, aiohttp.ServerTimeoutError) as error:
        raise httpx2.ReadTimeout(str(error), request=request) from error
    except aiohttp.ClientConnectorError as error:
        raise httpx2.ConnectError(str(error), request=request) from error
    except aiohttp.InvalidURL as error:
        raise httpx2.UnsupportedProtocol(str(error), request=request) from error
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, aiohttp.ClientResponseError) as error:
        raise httpx2.RemoteProtocolError(str(error), request=request) from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx2.ReadError(str(error), request=request) from error
