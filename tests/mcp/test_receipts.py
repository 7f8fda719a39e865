"""One receipt a call, whatever happens to the call, the server or the gateway."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from io import FileIO
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import psutil
import pytest

from sahur_core.tools.receipts import MAX_RESULT_CHARS
from sahur_mcp.proxy.records import spool
from sahur_mcp.proxy.records.receipts import BATCH_RECEIPTS, batches
from sahur_mcp.proxy.records.spool import Spool
from tests.fakes.internal import TOKEN, serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import RUN, TEAM, Gateway, GatewayMaker
from tests.mcp.test_upstreams import STDIO
from tests.services import free_port

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def test_a_receipt_says_who_called_what_and_how_it_ended(gateway: Gateway) -> None:
    result = await gateway.call("code__read", {"path": "x"}, traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")
    receipt = gateway.receipt(result)
    assert UUID(receipt["id"]).version == 7
    told = [receipt[name] for name in ("team", "run", "attempt", "caller", "upstream", "tool", "status", "trace_id", "is_cached")]
    assert told == [TEAM, RUN, 3, f"run:{RUN}", "code", "code__read", "error", TRACE, False]
    assert receipt["result"] == result.content[0].text
    assert receipt["result_bytes"] == len(receipt["result"].encode())


async def test_the_token_names_the_trace_if_nothing_else_does(gateway: Gateway) -> None:
    result = await gateway.call("code__read", {"path": "x"}, token=gateway.token(trace=TRACE))
    assert gateway.receipt(result)["trace_id"] == TRACE


async def test_a_call_of_nothing_leaves_a_receipt_too(gateway: Gateway) -> None:
    result = await gateway.call("nowhere__to_be_found", {"secret": "ghp_" + "a1B2" * 9})
    receipt = gateway.receipt(result)
    assert (receipt["status"], receipt["upstream"]) == ("error", "nowhere")
    assert "ghp_" not in str(receipt["arguments"])


async def test_receipts_wait_while_the_server_is_down(gateway: Gateway) -> None:
    gateway.internal.is_down = True
    results = [await gateway.call("code__read", {"path": "x"}) for _ in range(3)]
    gateway.wait_for(lambda: gateway.ready()["receipts"]["waiting_batches"])
    assert gateway.internal.receipts == {}
    gateway.internal.is_down = False
    for result in results:
        gateway.receipt(result)


async def test_receipts_survive_a_restart(gateways: GatewayMaker) -> None:
    gateways.internal.is_down = True
    with ExitStack() as stack:
        first = gateways.start(stack=stack)
        result = await first.call("code__read", {"path": "x"})
    gateways.internal.is_down = False
    gateways.start().receipt(result)


async def test_one_refused_receipt_does_not_keep_the_others_back(gateway: Gateway) -> None:
    gateway.internal.is_down = True
    gateway.internal.refused_receipts = {"code__bad"}
    bad = await gateway.call("code__bad")
    good = await gateway.call("code__read", {"path": "x"})
    gateway.internal.is_down = False
    gateway.receipt(good)
    aside = gateway.wait_for(lambda: list(gateway.spool.glob("*/*.refused")))
    assert (bad.meta or {})["sahur/receipt"] in aside[0].read_text()


def test_nothing_is_lost_and_nobody_left_when_the_gateway_is_killed(gateways: GatewayMaker) -> None:
    """kill -9 with a child running and a receipt not yet sent."""
    gateways.internal.is_down = True
    port = free_port()
    gateways.config({"local": STDIO})
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "SAHUR_MCP_CONFIG": str(gateways.folder / "mcp.json"),
        "SAHUR_TOKEN_PUBLIC_KEY": gateways.keys.public,
        "SAHUR_SERVER_URL": gateways.internal.url,
        "SAHUR_INTERNAL_TOKEN": TOKEN,
        "SAHUR_MCP_SPOOL_DIR": str(gateways.folder / "spool"),
    }
    command = [sys.executable, "-m", "sahur_mcp", "serve", "--port", str(port)]
    with (
        (gateways.folder / "log").open("wb") as log,
        subprocess.Popen(command, env=environment, stderr=log, stdout=log) as process,
    ):
        gateway = Gateway(f"http://127.0.0.1:{port}", gateways.internal, gateways.keys, gateways.folder / "spool")
        gateway.wait_for(lambda: _answers(f"{gateway.url}/health/live"))
        gateway.wait_for_state("local", "ready")
        result = asyncio.run(gateway.call("local__get_echo", {"text": "hello"}))
        large = asyncio.run(gateway.call("local__get_huge"))
        children = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert children
    gateway.wait_for(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children))
    gateways.internal.is_down = False
    heir = gateways.start()
    assert heir.receipt(result)["result"] == "hello"
    assert heir.receipt(large)["result"].endswith("line 59999\n")
    assert "call tool=local__get_echo" in (gateways.folder / "log").read_text()


async def test_a_result_of_two_megabytes_is_kept_whole_through_an_outage(gateways: GatewayMaker) -> None:
    """In characters that take more room as JSON, and as much of it as the gateway reads at all."""
    text = "ü\n" * (MAX_RESULT_CHARS // 2)
    foreign = ForeignServer()
    with serve(foreign.app()) as url:
        gateway = gateways.start({"foreign": {"url": f"{url}/mcp"}})
        gateway.wait_for_state("foreign", "ready")
        foreign.huge = text
        gateway.internal.is_down = True
        results = [await gateway.call("foreign__get_huge") for _ in range(4)]
        waiting = gateway.wait_for(lambda: (told := gateway.ready()["receipts"])["waiting_batches"] and told)
        gateway.internal.is_down = False
        assert [gateway.receipt(result)["result"] == text for result in results] == [True] * 4
    assert waiting["waiting_bytes"] > 4 * len(text)
    gateway.wait_for(lambda: gateway.ready()["receipts"]["waiting_bytes"] == 0)


async def test_what_is_longer_than_that_says_so(gateways: GatewayMaker) -> None:
    foreign = ForeignServer()
    foreign.huge = "x" * (MAX_RESULT_CHARS + 7)
    with serve(foreign.app()) as url:
        gateway = gateways.start({"foreign": {"url": f"{url}/mcp"}})
        gateway.wait_for_state("foreign", "ready")
        kept = gateway.receipt(await gateway.call("foreign__get_huge"))["result"]
    assert kept.endswith("\n[7 more characters were left out.]")


async def test_without_a_receipt_there_is_no_result_and_no_further_call(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that takes nothing, from the middle of a line on."""
    before = gateway.receipt(await gateway.call("code__read", {"path": "x"}))
    gateway.wait_for(lambda: not gateway.ready()["receipts"]["waiting_bytes"])
    monkeypatch.setattr(spool, "FileIO", FullDisk)
    made = await gateway.call("code__read", {"path": "x"})
    assert (made.is_error, "its receipt could not be kept" in made.content[0].text) == (True, True)
    assert "No space left on device" in made.content[0].text
    refused = await gateway.call("code__read", {"path": "x"})
    assert "No call is made" in refused.content[0].text
    health = httpx2.get(f"{gateway.url}/health/ready", trust_env=False)
    assert (health.status_code, "No space left" in health.json()["receipts"]["problem"]) == (503, True)
    monkeypatch.setattr(FullDisk, "room", 1_000_000)
    after = gateway.receipt(await gateway.call("code__read", {"path": "x"}))
    assert set(gateway.internal.receipts) == {before["id"], after["id"]}


class FullDisk(FileIO):
    """Has room for less than a line."""

    room = 10

    def write(self, data: Any) -> int:
        room = self.room - os.fstat(self.fileno()).st_size
        if room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data[:room])


async def test_no_call_is_made_while_too_many_receipts_wait(gateways: GatewayMaker) -> None:
    gateway = gateways.start(SAHUR_MCP_SPOOL_MB="1")
    gateway.internal.is_down = True
    long = {"path": "x", "junk": "y" * 400_000}
    results = [await gateway.call("code__read", long) for _ in range(4)]
    assert ["No call is made" in result.content[0].text for result in results] == [False, False, False, True]
    assert "1 MB of receipts wait for the SAHUR server" in gateway.ready()["receipts"]["problem"]
    gateway.internal.is_down = False
    gateway.wait_for(lambda: gateway.ready()["receipts"]["problem"] == "")
    gateway.receipt(await gateway.call("code__read", {"path": "x"}))


async def test_arguments_nested_too_deeply_lose_no_receipt(gateway: Gateway) -> None:
    deep: dict[str, Any] = {}
    for _ in range(100):
        deep = {"a": deep}
    receipt = gateway.receipt(await gateway.call("code__read", deep))
    assert "64 levels" in receipt["arguments"]["not kept"]


def test_a_long_outage_makes_segments_of_bounded_size(tmp_path: Path) -> None:
    queue = Spool(tmp_path)
    queue.open()
    for number in range(20):
        queue.append(b"%02d" % number + b"x" * 1_000_000)
    queue.close()
    heir = Spool(tmp_path)
    heir.open()
    sizes = [segment.stat().st_size for segment in heir.segments()]
    assert (sum(sizes), heir.size, len(sizes)) == (20 * 1_000_003, 20 * 1_000_003, 3)
    assert [line[:2] for segment in heir.segments() for line in heir.read(segment)] == [b"%02d" % number for number in range(20)]
    for segment in heir.segments():
        heir.remove(segment)
    assert heir.size == 0
    heir.close()


def test_a_torn_line_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "0"
    folder.mkdir()
    (folder / "a.open").write_bytes(b'{"id":"1"}\n{"id":"2"')
    queue = Spool(tmp_path)
    queue.open()
    assert [queue.read(segment) for segment in queue.segments()] == [[b'{"id":"1"}']]
    queue.close()


def test_two_processes_do_not_share_a_folder_and_an_heir_takes_over(tmp_path: Path) -> None:
    first, second, heir = Spool(tmp_path), Spool(tmp_path), Spool(tmp_path)
    first.open()
    second.open()
    second.append(b"{}")
    second.close()
    heir.open()
    assert [heir.read(segment) for segment in heir.segments()] == [[b"{}"]]
    assert first.segments() == []
    for queue in (first, heir):
        queue.close()


@pytest.mark.parametrize(
    ("lines", "sizes"), [([], []), ([b"x"] * (BATCH_RECEIPTS + 1), [BATCH_RECEIPTS, 1]), ([b"x" * 2_000_000, b"y"], [1, 1])]
)
def test_batches_are_bounded(lines: list[bytes], sizes: list[int]) -> None:
    assert [len(batch) for batch in batches(lines)] == sizes


def _answers(url: str) -> Any:
    try:
        return httpx2.get(url, trust_env=False).is_success
    except httpx2.HTTPError:
        return False


def test_receipts_are_json(tmp_path: Path) -> None:
    queue = Spool(tmp_path)
    queue.open()
    queue.append(json.dumps({"id": "1", "result": "two\nlines"}).encode())
    queue.close()
    segments = list(tmp_path.glob("*/*.jsonl"))
    assert len(segments) == 1
    assert json.loads(segments[0].read_text())["result"] == "two\nlines"
