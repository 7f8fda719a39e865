"""`sahur-mcp check`: what works, what does not, why, and what to do, in words."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sahur_mcp import __main__ as command
from sahur_mcp.proxy.transports.child_output import BURST_LINES, ChildOutput
from tests.fakes.internal import TOKEN, InternalServer, serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.test_upstreams import STDIO

SECRET = "the-secret-of-the-upstream"


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Runs the command for some upstreams; gives its exit status and what it says of them."""
    for name in ("SAHUR_INTERNAL_TOKEN", "SAHUR_INTERNAL_TOKEN_FILE", "SAHUR_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SAHUR_EMBEDDED_DIR", str(tmp_path))
    monkeypatch.setenv("SAHUR_MCP_CONFIG", str(tmp_path / "mcp.json"))

    def run(servers: dict[str, Any], *options: str) -> tuple[int, dict[str, Any]]:
        (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
        status = command.main(["check", "--json", *options])
        told = json.loads(capsys.readouterr().out)
        return status, {"server": told["server"]} | {each["name"]: each for each in told["upstreams"]}

    return run


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def page(response: Response) -> ASGIApp:
    async def answer(_request: Request) -> Response:
        return response

    return Starlette(routes=[Route("/mcp", answer, methods=["GET", "POST", "DELETE"])])


def test_what_works_is_counted(check: Callable[..., Any], stack: ExitStack) -> None:
    url = stack.enter_context(serve(ForeignServer().app()))
    rules = {"ask": ["get_echo"], "deny": ["delete_*"]}
    status, told = check({"http": {"url": f"{url}/mcp", "tools": rules}, "stdio": STDIO, "off": {"disabled": True}})
    http, stdio = told["http"], told["stdio"]
    assert (status, http["state"], stdio["state"], told["off"]["state"]) == (0, "ready", "ready", "disabled")
    assert (http["kind"], http["protocol"], http["seconds"] > 0) == ("http", "2026-07-28", True)
    assert (http["ask"], http["denied"], http["allowed"] + 3) == (2, 1, stdio["allowed"] + stdio["ask"])
    assert "tools" not in http


@pytest.mark.parametrize(
    ("response", "problem"),
    [
        (Response(status_code=401), "does not accept the credentials"),
        (Response(status_code=403), "scopes"),
        (Response(status_code=404), "nothing at this address"),
        (Response(status_code=429), "slow down"),
        (Response(status_code=503), "fails with status 503"),
        (HTMLResponse("<h1>Welcome</h1>"), "a page (text/html), not as an MCP server"),
        (JSONResponse({"hello": "world"}), "JSON that is not MCP"),
        (RedirectResponse("https://login.example.org/?next=mcp"), "redirects to login.example.org"),
    ],
    ids=lambda value: "" if isinstance(value, Response) else str(value)[:20],
)
def test_an_address_that_is_no_mcp_server_is_told_apart(
    check: Callable[..., Any], stack: ExitStack, response: Response, problem: str
) -> None:
    url = stack.enter_context(serve(page(response)))
    status, told = check({"a": {"url": f"{url}/mcp", "headers": {"Authorization": f"Bearer {SECRET}"}}})
    assert (status, told["a"]["state"]) == (1, "down")
    assert problem in told["a"]["problem"]


def test_a_server_that_wants_credentials_is_told_from_one_that_refuses_them(check: Callable[..., Any], stack: ExitStack) -> None:
    header = {"WWW-Authenticate": 'Bearer resource_metadata="https://example.org/.well-known/oauth-protected-resource"'}
    url = stack.enter_context(serve(page(Response(status_code=401, headers=header))))
    problem = check({"a": {"url": f"{url}/mcp"}})[1]["a"]["problem"]
    assert "It wants credentials" in problem
    assert "stdio variant" in problem


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"url": "http://127.0.0.1:9/mcp"}, "Nothing listens at 127.0.0.1:9"),
        ({"url": "http://no-such-host.invalid/mcp"}, "The host no-such-host.invalid is not known"),
        ({"url": "https://127.0.0.1:PORT/mcp"}, "should begin with http://"),
        ({"command": "no-such-command"}, "no-such-command cannot be started: No such file or directory. Install it"),
        ({"command": f"no-such {SECRET}"}, "The command no-such … cannot be started: No such file or directory. Write what"),
        ({"command": "/etc"}, "cannot be started: Permission denied"),
        ({"command": "sh", "cwd": "/no/such/folder"}, 'The folder /no/such/folder, which is "cwd"'),
        ({"command": "sh", "args": ["-c", "exit 3"]}, "The command sh ended. It said nothing."),
        ({"command": "sh", "args": ["-c", "echo cannot read config >&2; exit 3"]}, "Its last words: cannot read config"),
        ({"command": "sh", "args": ["-c", "echo $KEY >&2"], "env": {"KEY": SECRET}}, "[redacted: credential of this system]"),
        ({}, "misconfigured"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value[:30],
)
def test_what_cannot_be_connected_says_why(
    check: Callable[..., Any], stack: ExitStack, entry: dict[str, Any], problem: str
) -> None:
    if "PORT" in str(entry):
        entry = {"url": entry["url"].replace("PORT", stack.enter_context(serve(page(Response()))).rpartition(":")[2])}
    status, told = check({"a": entry})
    assert status == 1
    assert problem in f"{told['a']['problem']} {told['a']['state']}"
    assert SECRET not in str(told)


def test_what_does_not_answer_in_time_says_so(check: Callable[..., Any], stack: ExitStack) -> None:
    async def hang(_request: Request) -> Response:
        await asyncio.sleep(30)
        return Response()

    url = stack.enter_context(serve(Starlette(routes=[Route("/mcp", hang, methods=["POST"])])))
    entries = {"http": {"url": f"{url}/mcp"}, "stdio": {"command": "sleep", "args": ["60"]}}
    status, told = check(entries, "--seconds", "0.5")
    assert status == 1
    assert "did not answer in 0.5 s" in told["http"]["problem"]
    assert "takes longer: try --seconds 120" in told["stdio"]["problem"]


def test_one_upstream_may_be_looked_at_with_its_tools(check: Callable[..., Any]) -> None:
    status, told = check({"local": STDIO, "dead": {"url": "http://127.0.0.1:9/mcp"}}, "local", "--tools")
    tools = {tool["name"]: (tool["risk"], tool["permission"]) for tool in told["local"]["tools"]}
    assert (status, set(told)) == (0, {"server", "local"})
    assert (tools["get_echo"], tools["create_ticket"]) == (("read", "allow"), ("write", "ask"))


def test_the_server_is_asked_whether_it_knows_the_gateway(
    check: Callable[..., Any], stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check({})[1]["server"]["state"] == "unknown"
    monkeypatch.setenv("SAHUR_SERVER_URL", stack.enter_context(serve(InternalServer().app())))
    monkeypatch.setenv("SAHUR_INTERNAL_TOKEN", TOKEN)
    assert (check({})[0], check({})[1]["server"]["state"]) == (0, "ready")
    monkeypatch.setenv("SAHUR_INTERNAL_TOKEN", "of-another-system")
    assert "does not accept SAHUR_INTERNAL_TOKEN" in check({})[1]["server"]["problem"]
    monkeypatch.setenv("SAHUR_SERVER_URL", "http://127.0.0.1:9")
    status, told = check({})
    assert (status, "Nothing listens at 127.0.0.1:9" in told["server"]["problem"]) == (1, True)


def test_people_get_a_table_and_the_problems_below(
    check: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"local": STDIO, "[red]": {}, "x": {"url": "${NOT_SET}"}}}))
    assert command.main(["check", "--tools"]) == 1
    told = capsys.readouterr().out
    assert "misconfigured" in told
    assert "\nx: The environment variable NOT_SET is not set. Set it or NOT_SET_FILE for the gateway.\n" in told
    assert "[red]: A name has" in told
    assert "Tools of local" in told


def test_a_narrow_screen_cuts_no_state_and_takes_a_line_for_each_tool(
    check: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    long = "a-name-of-thirty-characters-ab"
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"local": STDIO, long: {}}}))
    command.main(["check", "--tools"])
    states, _, tools = capsys.readouterr().out.partition("Tools of local")
    assert "misconfigured" in states
    assert "…" not in states
    names = [line.split()[0] for line in tools.rpartition("──")[2].splitlines() if line.strip()]
    assert {"get_echo", "create_ticket"} <= set(names)
    assert len(names) == len(set(names)) == len(check({"local": STDIO}, "--tools")[1]["local"]["tools"])
    assert max(len(line) for line in tools.splitlines()) <= 80


@pytest.mark.parametrize(("variable", "value"), [("SAHUR_LOG_LEVEL", "LOUD"), ("SAHUR_MCP_CONFIG", "/no/such/file")])
def test_a_wrong_configuration_is_told_by_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert command.main(["check"]) == 2
    assert variable in capsys.readouterr().err


def test_an_upstream_that_is_not_configured_is_told(check: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    check({"local": {"disabled": True}})
    assert command.main(["check", "lokal"]) == 2
    assert "It has: local." in capsys.readouterr().err


# --- What a child writes to its standard error ------------------------------------------------------------------------


async def test_a_child_that_floods_its_log_does_not_flood_ours(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    output = ChildOutput("chatty", (SECRET,), clock=lambda: now[0])
    with caplog.at_level(logging.INFO):
        async with output.pipe() as errors:
            await write(errors, "".join(f"line {number} with {SECRET}\n" for number in range(1000)))
    lines = [record.getMessage() for record in caplog.records if "chatty" in record.getMessage()]
    assert len(lines) == BURST_LINES
    assert SECRET not in str(lines)
    assert output.last_lines[-1] == "line 999 with [redacted: credential of this system]"


async def test_what_was_left_out_of_the_log_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    output = ChildOutput("chatty", (), clock=lambda: now[0])
    with caplog.at_level(logging.INFO):
        async with output.pipe() as errors:
            await write(errors, "x\n" * (BURST_LINES + 7))
            while len(output.last_lines) < BURST_LINES + 7:
                await asyncio.sleep(0.01)
            now[0] = 60.0
            await write(errors, "\x1b[31mred\x07 and\n")
    assert "wrote 7 more lines" in caplog.text
    assert "upstream chatty:  [31mred  and" in caplog.text


async def write(file: Any, text: str) -> None:
    """As the child does it: from outside of the loop that reads."""
    await asyncio.to_thread(lambda: (file.write(text), file.flush()))


def test_a_program_that_is_no_mcp_server_is_known_as_one_before_its_time_is_up(check: Callable[..., Any]) -> None:
    chatty = ["-c", "import time; print('hello there', flush=True); time.sleep(60)"]
    _, told = check({"chatty": {"command": sys.executable, "args": chatty}}, "--seconds", "4")
    assert 'what is not MCP: "hello there"' in told["chatty"]["problem"]
