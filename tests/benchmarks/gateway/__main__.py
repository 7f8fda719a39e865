"""Start an upstream, our gateway and its peers, measure them side by side, print a table.

`.venv/bin/python -m tests.benchmarks.gateway [--rounds N] [--seconds S] [--only direct,ours,…] [--concurrency 1,16,64]
[--eras modern,legacy] [--tools echo,logs] [--also NAME=FOLDER] [--json FILE]`

Peers get a virtual environment of their own below `.sahur/`, from the locked requirements beside this file; a peer that
cannot be installed or started is left out, and the reason is told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2

from tests import services
from tests.benchmarks.gateway import contextforge, fastmcp_peer, measuring, processes, table
from tests.benchmarks.gateway.client import CALLS, ERAS, Door
from tests.benchmarks.gateway.measuring import DIRECT, Cell, Contestant
from tests.benchmarks.gateway.ours import OurGateway
from tests.benchmarks.gateway.peers import Unavailable
from tests.benchmarks.gateway.processes import NotStarted, Server

NAMES = (DIRECT, "ours", "fastmcp", "fastmcp-shared", "ContextForge")


def main() -> int:
    options = _parser().parse_args()
    # So that the processes are stopped in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures: dict[str, Any] = {
        "load before": [round(load, 2) for load in os.getloadavg()],
        "cores": os.cpu_count(),
        "rounds": options.rounds,
        "seconds a turn": options.seconds,
    }
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sahur-bench-") as name, ExitStack() as stack:
        figures |= _run(stack, Path(name), options)
    figures["load after"] = [round(load, 2) for load in os.getloadavg()]
    figures["minutes"] = round((time.monotonic() - started) / 60, 1)
    table.show(figures)
    print(table.markdown(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0


def _run(stack: ExitStack, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    upstream, url = _start_upstream(stack, folder)
    contestants = [Contestant(DIRECT, Door(url, {"echo": "get_echo", "logs": "get_logs"}), None)]
    ours: dict[str, OurGateway] = {}
    left_out: dict[str, str] = {}
    wanted = ["ours"] if "ours" in options.only else []
    for name, root in {**dict.fromkeys(wanted, processes.ROOT), **dict(options.also)}.items():
        ours[name] = OurGateway(stack, folder / f"ours-{len(ours)}", url, root=root, name=name)
        contestants.append(Contestant(name, ours[name].door, ours[name].server))
    for name, start in {**fastmcp_peer.STARTERS, **contextforge.STARTERS}.items():
        if name in options.only:
            try:
                server, door = start(stack, folder, url)
                contestants.append(Contestant(name, door, server))
            except (Unavailable, NotStarted) as error:
                left_out[name] = str(error)
                _tell(f"{name} is left out: {error}")
    cells = [Cell(era, tool, clients) for era in options.eras for tool in options.tools for clients in options.concurrency]
    results = asyncio.run(
        measuring.measure(contestants, upstream, cells, rounds=options.rounds, seconds=options.seconds, tell=_tell)
    )
    receipts = {
        f"receipts of {contestant.name}": f"{ours[contestant.name].wait_for_receipts(contestant.calls)} of {contestant.calls}"
        for contestant in contestants
        if contestant.name in ours
    }
    return {
        "cells": {
            str(cell): {name: series.figures(by_name[DIRECT]) for name, series in by_name.items()}
            for cell, by_name in results.items()
        },
        **{
            f"memory of {contestant.name}, MB": {"at first": contestant.memory_mb[0], "after each cell": contestant.memory_mb[1:]}
            for contestant in contestants
            if contestant.memory_mb
        },
        **receipts,
        **({"left out": left_out} if left_out else {}),
    }


def _start_upstream(stack: ExitStack, folder: Path) -> tuple[Server, str]:
    port = services.free_port()
    command = [sys.executable, "-m", "tests.benchmarks.gateway.upstream", str(port)]
    server = processes.start("upstream", command, folder / "upstream.log")
    stack.callback(server.stop)
    url = f"http://127.0.0.1:{port}/mcp"

    def answers() -> bool:
        try:
            httpx2.get(url, trust_env=False)
        except httpx2.HTTPError:
            return False
        return True

    server.wait_until(answers)
    return server, url


def _tell(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gateway", description=__doc__)
    parser.add_argument("--rounds", type=int, default=4, help="how often each gateway has its turn in a cell")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a turn")
    parser.add_argument("--only", type=_names(NAMES), default=NAMES, help=f"some of: {','.join(NAMES)}")
    parser.add_argument("--concurrency", type=lambda text: [int(part) for part in text.split(",")], default=[1, 16, 64])
    parser.add_argument("--eras", type=_names(tuple(ERAS)), default=tuple(ERAS))
    parser.add_argument("--tools", type=_names(tuple(CALLS)), default=tuple(CALLS))
    parser.add_argument("--also", type=_checkout, action="append", default=[], help="NAME=FOLDER of another checkout's gateway")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser


def _names(known: tuple[str, ...]) -> Any:
    def parse(text: str) -> tuple[str, ...]:
        wanted = tuple(text.split(","))
        if not set(wanted) <= set(known):
            raise argparse.ArgumentTypeError(f"use some of: {','.join(known)}")
        return wanted

    return parse


def _checkout(text: str) -> tuple[str, Path]:
    name, _, folder = text.partition("=")
    if not folder or not (Path(folder) / "sahur_mcp").is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}: NAME=FOLDER, where the folder holds sahur_mcp")
    return name, Path(folder).absolute()


if __name__ == "__main__":
    sys.exit(main())
