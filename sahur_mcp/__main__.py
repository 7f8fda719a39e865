"""`sahur-mcp serve` runs the gateway; `sahur-mcp check` shows which upstreams answer."""

from __future__ import annotations

import argparse
import asyncio
import sys

import uvicorn
from rich.console import Console
from rich.table import Table

from sahur_core.errors import InputError
from sahur_mcp.app import build_upstreams, configure_logging, create_app
from sahur_mcp.config import Config, load_config
from sahur_mcp.proxy.internal import InternalApi
from sahur_mcp.proxy.remote import RemoteUpstream
from sahur_mcp.proxy.upstreams import Upstream

CHECK_SECONDS = 20.0
GRACE_SECONDS = 10


def main(arguments: list[str] | None = None) -> int:
    """The command line. Exit status: 0 all well, 1 an upstream does not answer, 2 wrong usage or configuration."""
    options = _parser().parse_args(arguments)
    try:
        config = load_config()
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    configure_logging("ERROR" if options.command == "check" else config.log_level)
    if options.command == "check":
        return asyncio.run(check(config))
    uvicorn.run(
        create_app(config),
        host=options.host,
        port=options.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return 0


async def check(config: Config) -> int:
    """Connect to each upstream once and print a table. 0 if all are ready."""
    api = InternalApi(config.server_url, config.internal_token)
    upstreams = build_upstreams(config, api)
    try:
        await asyncio.gather(*(upstream.start() for upstream in upstreams))
        remote = [upstream for upstream in upstreams if isinstance(upstream, RemoteUpstream)]
        await asyncio.gather(*(upstream.wait_until_tried(CHECK_SECONDS) for upstream in remote))
        Console().print(_table(upstreams))
        return 0 if all(upstream.status.state == "ready" for upstream in upstreams) else 1
    finally:
        await asyncio.gather(*(upstream.stop() for upstream in upstreams))
        await api.close()


def _table(upstreams: list[Upstream]) -> Table:
    table = Table("Upstream", "Kind", "State", "Tools", "Protocol", "Problem")
    for upstream in upstreams:
        status = upstream.status
        table.add_row(upstream.name, status.kind, status.state, str(status.tools), status.protocol, status.problem)
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sahur-mcp", description="The MCP gateway of SAHUR.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the gateway")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8100)
    commands.add_parser("check", help="connect to each upstream and print a table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
