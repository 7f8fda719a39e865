"""A patch through a real gateway: checked against the commit, and tested in a sandbox where the operator allows one."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest

from sahur_core.errors import InputError, ToolError
from sahur_core.tools.wire import TEST_PATCH
from sahur_mcp.config import load_config
from sahur_mcp.servers import code_schemas as schemas
from sahur_mcp.servers.bubblewrap import MAX_OUTPUT_CHARS, Bubblewrap
from tests.mcp.conftest import TEAM, Gateway, GatewayMaker, claims
from tests.mcp.test_code_server import CART, make_repository, status_of, text_of

FIRST_LINE = CART.splitlines()[0]
PATCH = f"--- a/shop/cart.py\n+++ b/shop/cart.py\n@@ -1,1 +1,2 @@\n {FIRST_LINE}\n+# patched\n"
BROKEN = PATCH.replace(FIRST_LINE, "nothing like it")


def sandbox_problem() -> str:
    """Why no sandbox can be made on this machine; empty if one can."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            Bubblewrap(seconds=20).run(Path(folder), "true")
        except ToolError as error:
            return str(error)
    return ""


PROBLEM = sandbox_problem()
in_sandbox = pytest.mark.skipif(bool(PROBLEM), reason=PROBLEM or "there is a sandbox")


@pytest.fixture
def gateway_with(gateways: GatewayMaker) -> Any:
    """Start a gateway whose team has this test command; gives it with the repository and its commit."""

    def start(command: str = "", **environment: str) -> tuple[Gateway, str, str]:
        repository, folder = str(uuid4()), gateways.folder
        commit = make_repository(folder / "shop", folder / "repositories" / repository)
        row = {"id": repository, "team": TEAM, "name": "shop", "source": "x", "test_command": command}
        gateways.internal.repositories = [row]
        return gateways.start(**environment), repository, commit

    return start


async def call(started: tuple[Gateway, str, str], tool: str, diff: str, **said: Any) -> Any:
    gateway, repository, commit = started
    token = gateway.token(repositories=[repository], **said)
    return await gateway.call(tool, {"repository": repository, "commit": commit, "diff": diff}, token=token)


async def test_a_patch_is_checked_and_the_answer_has_a_receipt(gateway_with: Any) -> None:
    started = gateway_with()
    result = await call(started, "code__check_patch", PATCH)
    found = schemas.CheckPatchResult.model_validate(result.structured_content)
    assert (found.applies, found.commit, [file.path for file in found.files]) == (True, started[2], ["shop/cart.py"])
    assert "+# patched" in found.diff
    assert started[0].receipt(result)["tool"] == "code__check_patch"


async def test_that_a_patch_does_not_apply_is_an_answer_with_the_reason(gateway_with: Any) -> None:
    result = await call(gateway_with(), "code__check_patch", BROKEN)
    found = schemas.CheckPatchResult.model_validate(result.structured_content)
    assert (status_of(result), found.applies, found.diff) == ("ok", False, "")
    assert "not in the file" in found.problem


async def test_without_the_operators_switch_there_is_no_sandbox(gateway_with: Any) -> None:
    result = await call(gateway_with("true"), TEST_PATCH, PATCH)
    assert status_of(result) == "error"
    assert TEST_PATCH in text_of(result)


async def test_a_team_without_a_command_runs_nothing(gateway_with: Any) -> None:
    result = await call(gateway_with("", SAHUR_SANDBOX="on"), TEST_PATCH, PATCH)
    assert status_of(result) == "no_data"


async def test_where_bubblewrap_is_missing_nothing_runs_and_that_is_said(
    gateway_with: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "git").symlink_to(shutil.which("git") or "git")
    started = gateway_with("touch /ran", SAHUR_SANDBOX="on")
    monkeypatch.setenv("PATH", str(tmp_path))
    result = await call(started, TEST_PATCH, PATCH)
    assert status_of(result) == "error"
    assert "bubblewrap is not installed" in text_of(result)


async def test_only_a_run_tests_patches(gateway_with: Any) -> None:
    gateway, repository, commit = gateway_with("true", SAHUR_SANDBOX="on")
    said = {"sub": f"recheck:{uuid4()}", "asked_by": "Rita", "attempt": None, "repositories": [repository]}
    again = jwt.encode(claims() | said, gateway.keys.private, algorithm="EdDSA")
    result = await gateway.call(TEST_PATCH, {"repository": repository, "commit": commit, "diff": PATCH}, token=again)
    assert status_of(result) == "error"
    assert "Only a run" in text_of(result)


@pytest.mark.parametrize("paths", ["relative/venv", "/", "/opt:venv"])
def test_paths_of_the_sandbox_are_whole(paths: str) -> None:
    with pytest.raises(InputError, match="SAHUR_SANDBOX_PATHS"):
        load_config({"SAHUR_SANDBOX_PATHS": paths})


@in_sandbox
@pytest.mark.parametrize(("command", "passed"), [("grep -q patched shop/cart.py", True), ("grep -q absent shop/cart.py", False)])
async def test_the_teams_command_sees_the_patched_tree(gateway_with: Any, command: str, passed: bool) -> None:
    started = gateway_with(command, SAHUR_SANDBOX="on")
    result = await call(started, TEST_PATCH, PATCH)
    told = result.structured_content
    assert (told["command"], told["passed"], told["exit_code"]) == (command, passed, 0 if passed else 1)
    assert started[0].receipt(result)["tool"] == TEST_PATCH


@in_sandbox
async def test_a_patch_that_does_not_apply_is_not_tested(gateway_with: Any) -> None:
    result = await call(gateway_with("true", SAHUR_SANDBOX="on"), TEST_PATCH, BROKEN)
    assert status_of(result) == "error"
    assert "not in the file" in text_of(result)


@in_sandbox
@pytest.mark.parametrize(
    "command",
    [
        "cat /etc/shadow",
        "ls {home}",
        "touch /usr/sahur",
        "echo changed > /source/file",
        "python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}), 3)'",
        "kill -9 {pid}",
        "unshare --user true",
        "head -c 900000000 /dev/zero > big",
        'test -n "$SAHUR_INTERNAL_TOKEN"',
    ],
)
def test_the_sandbox_sees_and_changes_nothing_of_the_host(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_the_host: tuple[int, Path]
) -> None:
    monkeypatch.setenv("SAHUR_INTERNAL_TOKEN", "secret")
    port, home = of_the_host
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        (tmp_path / "file").write_text("as it was")
        ran = Bubblewrap(seconds=20).run(tmp_path, command.format(home=home, port=port, pid=sleeper.pid))
        assert ran.exit_code not in (0, None)
        assert sleeper.poll() is None
        assert (tmp_path / "file").read_text() == "as it was"
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.fixture
def of_the_host(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A port of this host that answers, and a folder of it that is there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1], tmp_path_factory.mktemp("home")


@in_sandbox
def test_what_runs_too_long_is_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    mark = f"3{uuid4().int % 10**12:012}"
    ran = Bubblewrap(seconds=1).run(tmp_path, f"echo begun; sleep {mark} & sleep {mark}")
    assert ran.exit_code is None
    assert "begun" in ran.output
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not any(mark.encode() in command for command in commands)


@in_sandbox
def test_a_test_that_nobody_waits_for_ends(tmp_path: Path) -> None:
    given_up = threading.Event()
    threading.Timer(0.3, given_up.set).start()
    assert Bubblewrap(seconds=60).run(tmp_path, "sleep 300", lambda: not given_up.is_set()).exit_code is None


@in_sandbox
def test_of_endless_output_the_end_is_kept(tmp_path: Path) -> None:
    ran = Bubblewrap(seconds=20).run(tmp_path, "yes | head -c 5000000; echo; echo the end")
    assert ran.exit_code == 0
    assert ran.output.endswith("the end\n")
    assert len(ran.output) <= MAX_OUTPUT_CHARS + 10
