"""fastmcp's proxy as its documentation has it; runs in the peer's environment: `fastmcp_proxy.py PORT URL shared|fresh`.

`fresh` is the default of `create_proxy`: a session with the upstream for each call. Its era is left to be found out
(`auto`), since the default, the caller's own, costs the same here. `shared` hands one connected client to all callers,
the fastest that the library offers, without any supervision of that connection. Logs are quiet, the banner is off.
"""

from __future__ import annotations

import asyncio
import sys

from fastmcp import Client
from fastmcp.server import create_proxy


async def main(port: int, url: str, session: str) -> None:
    if session == "fresh":
        await _serve(url, port, mode="auto")
        return
    async with Client(url, mode="auto") as client:
        await _serve(client, port)


async def _serve(target: str | Client, port: int, mode: str | None = None) -> None:
    proxy = create_proxy(target, mode=mode, name="fastmcp")
    await proxy.run_async(
        transport="http",
        host="127.0.0.1",
        port=port,
        show_banner=False,
        log_level="warning",
        uvicorn_config={"access_log": False},
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
