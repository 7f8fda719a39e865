"""`sahur-mcp serve` runs the gateway; `sahur-mcp check` says which upstreams work, which do not, and what to do."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
from dataclasses import asdict

import uvicorn
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from sahur_core.errors import InputError
from sahur_core.tools.risk import Risk
from sahur_mcp.app import configure_logging, create_app
from sahur_mcp.config import Config, load_config
from sahur_mcp.proxy.upstreams.checkup import Finding, ServerFinding, check_server, check_upstreams

CHECK_SECONDS = 20.0
GRACE_SECONDS = 10
COLLECTOR_THRESHOLDS = (20_000, 20, 20)
"""Of new objects, and of passes (`gc.set_threshold`): a call makes some thousands of objects and next to no cycles."""


def main(arguments: list[str] | None = None) -> int:
    """The command line. Exit status: 0 all well, 1 something does not work, 2 wrong usage or configuration."""
    options = _parser().parse_args(arguments)
    try:
        config = load_config()
        if options.command == "check":
            configure_logging("ERROR")
            return asyncio.run(check(config, options))
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    configure_logging(config.log_level)
    app = create_app(config)
    _spare_the_collector()
    uvicorn.run(
        app,
        host=options.host,
        port=options.port,
        log_config=None,
        access_log=False,
        # Who calls is told by tokens, never by addresses; and there are no WebSockets.
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return 0


def _spare_the_collector() -> None:
    """Modules and classes live as long as the process: looking through them for garbage delays calls, time and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)


async def check(config: Config, options: argparse.Namespace) -> int:
    """Connect to each upstream once and say how it went. 0 if all is well, 1 if not. Raises `InputError`."""
    entries = config.upstreams
    if options.upstream:
        if options.upstream not in entries:
            raise InputError(
                f"There is no upstream {options.upstream!r} in {config.file or 'the configuration'}.",
                next_step=f"It has: {', '.join(entries) or 'none'}.",
            )
        entries = {options.upstream: entries[options.upstream]}
    server, findings = await asyncio.gather(check_server(config), check_upstreams(entries, options.seconds))
    if options.json:
        print(json.dumps({"server": asdict(server), "upstreams": [_as_json(each, options.tools) for each in findings]}, indent=2))
    else:
        _print(config, server, findings, with_tools=options.tools)
    return 0 if server.is_well and all(each.is_well for each in findings) else 1


def _as_json(finding: Finding, with_tools: bool) -> dict[str, object]:
    return {name: value for name, value in asdict(finding).items() if with_tools or name != "tools"}


def _print(config: Config, server: ServerFinding, findings: list[Finding], *, with_tools: bool) -> None:
    # Names and problems come from outside: nothing in them is markup.
    console = Console(markup=False, highlight=False, emoji=False)
    if findings:
        console.print(_table(findings))
    else:
        console.print(
            "No upstreams are configured" + (f" in {config.file}." if config.file else ": SAHUR_MCP_CONFIG is not set.")
        )
    for finding in findings:
        if finding.problem:
            console.print(f"{finding.name}: {finding.problem}", soft_wrap=True)
    state = {"ready": "answers and knows the gateway.", "unknown": server.problem, "down": server.problem}[server.state]
    console.print(f"SAHUR's server at {server.url}: {state}", soft_wrap=True)
    if with_tools:
        for finding in (each for each in findings if each.tools):
            console.print(_tools_table(finding))


def _table(findings: list[Finding]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    # On a narrow screen long names go on in the next line; what state an upstream is in is never cut.
    table.add_column("Upstream", overflow="fold")
    table.add_column("State", no_wrap=True, min_width=max(len(each.state) for each in findings))
    table.add_column("Protocol", no_wrap=True, min_width=max(len(each.protocol) for each in findings))
    for title in ("Time", "Allow", "Ask", "Deny", "Res.", "Prompts"):
        table.add_column(title, justify="right", no_wrap=True, min_width=len(title))
    for each in findings:
        counts = (each.allowed, each.ask, each.denied, each.resources, each.prompts)
        cells = [str(count) for count in counts] if each.state == "ready" else []
        took = "" if each.seconds is None else f"{each.seconds:.1f} s"
        table.add_row(each.name, each.state, each.protocol, took, *cells)
    return table


def _tools_table(finding: Finding) -> Table:
    table = Table(title=f"Tools of {finding.name}", box=SIMPLE_HEAD, title_justify="left", pad_edge=False, collapse_padding=True)
    table.add_column("Tool", overflow="fold")
    table.add_column("Risk", no_wrap=True, min_width=len(max(Risk, key=len)))
    table.add_column("Permission", no_wrap=True, min_width=len("Permission"))
    # One line a tool: of its description what fits.
    table.add_column("Description", no_wrap=True, overflow="ellipsis", ratio=1)
    for tool in sorted(finding.tools, key=lambda tool: (tool.permission, tool.name)):
        table.add_row(tool.name, tool.risk, tool.permission, tool.description)
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sahur-mcp", description="The MCP gateway of SAHUR.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the gateway")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8100)
    checks = commands.add_parser("check", help="connect to each upstream and say what works, what does not, and what to do")
    checks.add_argument("upstream", nargs="?", help="only this one")
    checks.add_argument("--tools", action="store_true", help="list the tools, each with its risk and what the policy says")
    checks.add_argument("--json", action="store_true", help="for programs")
    checks.add_argument("--seconds", type=float, default=CHECK_SECONDS, help="how long to wait for each (default: %(default)g)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
