"""The servers that need no vendor, `everything` and `filesystem`, as published, behind a gateway process."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.mcp.real.conftest import Local
from tests.mcp.real.entries import EVERYTHING, Programs
from tests.mcp.real.process import CANARY, RealGateway, running
from tests.mcp.test_upstreams import status_of, text_of
from tests.services import free_port
from tests.waiting import wait_for

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("real")]

ERAS = ["2026-07-28", "legacy"]
GRANTED = {"granted": True, "reason": "", "effect_key": "tool.call:1"}
DENIED = {"granted": False, "reason": "Nobody approved it.", "effect_key": ""}


@pytest.fixture(autouse=True)
def nobody_approves(local: Local) -> None:
    local.gateway.internal.grant = DENIED
    local.gateway.internal.grants_asked.clear()


# --- reads, and what they leave ---


@pytest.mark.parametrize("era", ERAS)
async def test_callers_of_both_eras_read_and_leave_a_receipt(local: Local, era: str) -> None:
    path = str(local.root / "notes.txt")
    result = await local.gateway.call_as(era, "files__read_text_file", {"path": path})
    receipt = local.gateway.receipt(result)
    assert (status_of(result), text_of(result)) == ("ok", "The cart shows a negative total.\n")
    assert (receipt["upstream"], receipt["tool"], receipt["status"]) == ("files", "files__read_text_file", "ok")
    assert (receipt["arguments"], receipt["result"]) == ({"path": path}, text_of(result))


async def test_structured_content_is_passed_on(local: Local) -> None:
    result = await local.gateway.call("everything__get-structured-content", {"location": "Chicago"})
    assert set(result.structured_content or {}) == {"temperature", "conditions", "humidity"}


async def test_wrong_arguments_are_told_in_words(local: Local) -> None:
    result = await local.gateway.call("everything__get-sum", {"a": "one"})
    assert status_of(result) == "error"
    assert "a (required)" in text_of(result)
    assert "b (required)" in text_of(result)


async def test_a_tool_that_is_not_there_is_answered_with_those_that_are(local: Local) -> None:
    assert "files__read_text_file" in text_of(await local.gateway.call("files__read_textfile", {"path": "x"}))


# --- what it must not do ---


@pytest.mark.parametrize("tool", ["read_text_file", "get_file_info", "list_directory"])
async def test_nothing_outside_of_its_folders_is_read(local: Local, tool: str) -> None:
    for path in (local.outside, local.root / ".." / "outside.txt", Path("/etc/passwd")):
        result = await local.gateway.call(f"files__{tool}", {"path": str(path)})
        assert status_of(result) == "error"
        assert "outside allowed directories" in text_of(result)


async def test_a_link_that_leads_outside_of_its_folders_is_not_followed(local: Local) -> None:
    (local.root / "link.txt").symlink_to(local.outside)
    result = await local.gateway.call("files__read_text_file", {"path": str(local.root / "link.txt")})
    assert status_of(result) == "error"
    assert "not for tools" not in text_of(result)


async def test_a_file_is_written_only_with_a_grant_for_it(local: Local) -> None:
    file = local.root / "new.txt"
    arguments = {"path": str(file), "content": "approved"}
    denied = await local.gateway.call("files__write_file", arguments)
    assert (status_of(denied), file.exists()) == ("denied", False)
    assert "Nobody approved it." in text_of(denied)
    local.gateway.internal.grant = GRANTED
    assert status_of(await local.gateway.call("files__write_file", arguments)) == "ok"
    assert file.read_text() == "approved"
    assert [ask["arguments"] for ask in local.gateway.internal.grants_asked] == [arguments, arguments]


async def test_a_child_sees_its_own_variables_and_none_of_the_gateways(local: Local) -> None:
    result = await local.gateway.call("everything__get-env")
    assert '"FOR_THE_CHILD": "plain"' in text_of(result)
    for told in (text_of(result), local.gateway.receipt(result)["result"]):
        assert not [word for word in ("SAHUR_", "AWS_SECRET", CANARY, "internal-token") if word in told]


async def test_a_secret_in_a_file_is_not_handed_out(local: Local) -> None:
    (local.root / "env.txt").write_text("AWS_KEY=AKIAABCDEFGHIJKLMNOP\n")
    result = await local.gateway.call("files__read_text_file", {"path": str(local.root / "env.txt")})
    receipt = local.gateway.receipt(result)
    assert "AKIAABCDEFGHIJKLMNOP" not in text_of(result) + local.gateway.everything_told()
    assert receipt["redactions"] >= 1


# --- staying up ---


@pytest.mark.parametrize(
    ("program", "tool", "arguments"),
    [
        ("server-everything", "everything__echo", {"message": "again"}),
        ("server-filesystem", "files__list_allowed_directories", {}),
    ],
)
async def test_a_killed_server_is_back_for_the_next_call(
    local: Local, program: str, tool: str, arguments: dict[str, str]
) -> None:
    assert status_of(await local.gateway.call(tool, arguments)) == "ok"
    old = local.gateway.children(program)
    assert old
    for process in old:
        os.kill(process, signal.SIGKILL)
    assert status_of(await local.gateway.call(tool, arguments)) == "ok"
    assert local.gateway.children(program) - old


@pytest.mark.full
def test_no_server_outlives_a_gateway_that_is_killed(programs: Programs, tmp_path: Path) -> None:
    with running(tmp_path, {"everything": programs.everything()}) as gateway:
        gateway.wait_for_state("everything", "ready")
        [child] = gateway.children("server-everything")
        gateway.process.kill()
        gateway.process.wait(10)
        wait_for(lambda: not is_running(child), what="the server to end")


def is_running(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


# --- over HTTP ---


@dataclass
class OverHttp:
    """The same program over streamable HTTP, and a gateway before it; it knows protocols with sessions only."""

    command: list[str]
    port: int
    log: Path
    gateway: RealGateway | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, env={**os.environ, "PORT": str(self.port)}, stdout=log, stderr=log)
        wait_for(lambda: is_listening(self.port), 30, f"the server to listen; its log: {self.log}")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)


@pytest.fixture(scope="module")
def over_http(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OverHttp]:
    folder = tmp_path_factory.mktemp("http")
    server = OverHttp([programs.node, programs.file(EVERYTHING), "streamableHttp"], free_port(), folder / "server.log")
    try:
        server.start()
        with running(folder, {"everything": {"url": f"http://127.0.0.1:{server.port}/mcp"}}) as server.gateway:
            assert server.gateway.wait_for_state("everything", "ready")["protocol"] < "2026"
            yield server
    finally:
        server.kill()


def is_listening(port: int) -> bool:
    try:
        httpx2.get(f"http://127.0.0.1:{port}/", trust_env=False)
    except httpx2.HTTPError:
        return False
    return True


@pytest.mark.full
@pytest.mark.parametrize("era", ERAS)
async def test_the_same_server_answers_over_http(over_http: OverHttp, era: str) -> None:
    assert over_http.gateway
    result = await over_http.gateway.call_as(era, "everything__echo", {"message": "hello"})
    assert (status_of(result), text_of(result)) == ("ok", "Echo: hello")


@pytest.mark.full
async def test_a_server_that_was_started_anew_has_forgotten_our_session_and_gets_a_new_one(over_http: OverHttp) -> None:
    assert over_http.gateway
    over_http.kill()
    over_http.start()
    result = await over_http.gateway.call("everything__echo", {"message": "again"})
    if status_of(result) != "ok":
        over_http.gateway.wait_for_state("everything", "ready")
        result = await over_http.gateway.call("everything__echo", {"message": "again"})
    assert text_of(result) == "Echo: again"
