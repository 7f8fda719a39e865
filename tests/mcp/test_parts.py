"""The parts of the gateway by themselves: configuration, breaker, cache, arguments, redaction, policy, command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import mcp.types as types
import pytest

from sahur_core.errors import InputError
from sahur_mcp import __main__ as command
from sahur_mcp.config import BrokenUpstream, UpstreamConfig, load_config
from sahur_mcp.proxy.arguments import ArgumentChecker
from sahur_mcp.proxy.breaker import Breaker
from sahur_mcp.proxy.cache import ResultCache
from sahur_mcp.proxy.redaction import Redactor
from sahur_mcp.proxy.results import MAX_BINARY_CHARS, build_result, read_result
from tests.mcp.test_upstreams import STDIO

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}


def write(folder: Path, servers: Any) -> dict[str, str]:
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    return {"SAHUR_MCP_CONFIG": str(folder / "mcp.json")}


def test_without_a_file_there_are_only_our_own_servers() -> None:
    assert load_config({}).upstreams == {}
    assert load_config({"SAHUR_MCP_CONFIG": ""}).upstreams == {}


def test_a_named_file_that_does_not_exist_is_an_error_with_the_way_on(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json.*SAHUR_MCP_CONFIG names, does not exist"):
        load_config({"SAHUR_MCP_CONFIG": str(tmp_path / "none.json")})


def test_references_are_filled_from_the_environment(tmp_path: Path) -> None:
    entry = {"url": "https://${HOST:-example.org}/mcp", "headers": {"Authorization": "Bearer ${KEY}"}}
    config = load_config(write(tmp_path, {"tickets": entry}) | {"KEY": "s3cret-value"})
    upstream = config.upstreams["tickets"]
    assert isinstance(upstream, UpstreamConfig)
    assert (upstream.url, upstream.secrets) == ("https://example.org/mcp", ("s3cret-value",))


@pytest.mark.parametrize(
    ("name", "entry", "problem"),
    [
        ("a", {"url": "${MISSING}"}, "MISSING is not set"),
        ("a", {}, "command"),
        ("a", {"url": "x", "command": "y"}, "command"),
        ("a", {"url": "http://x", "tools": {"allowed": []}}, "tools.allowed"),
        ("A__b", {"url": "x"}, "small letters"),
        ("code", {"url": "x"}, "our own"),
        ("a", [], "object"),
    ],
)
def test_an_unusable_entry_says_why_and_spares_the_others(tmp_path: Path, name: str, entry: Any, problem: str) -> None:
    upstreams = load_config(write(tmp_path, {name: entry, "good": {"url": "http://x"}})).upstreams
    broken = upstreams[name]
    assert isinstance(broken, BrokenUpstream)
    assert problem in broken.problem
    assert isinstance(upstreams["good"], UpstreamConfig)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"mcpServers": 1}'])
def test_a_file_that_is_no_configuration_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "mcp.json").write_text(text)
    with pytest.raises(InputError, match="mcpServers"):
        load_config({"SAHUR_MCP_CONFIG": str(tmp_path / "mcp.json")})


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    assert load_config({"SAHUR_INTERNAL_TOKEN_FILE": str(tmp_path / "token")}).internal_token == "from-a-file"
    assert "from-a-file" not in repr(load_config({"SAHUR_INTERNAL_TOKEN_FILE": str(tmp_path / "token")}))


def test_the_breaker_opens_rests_and_lets_one_call_probe() -> None:
    now = [0.0]
    breaker = Breaker(threshold=2, rest_seconds=10, clock=lambda: now[0])
    breaker.failed()
    assert breaker.admits()
    breaker.failed()
    assert (breaker.state, breaker.admits()) == ("open", False)
    now[0] = 10
    assert [breaker.admits(), breaker.admits()] == [True, False]
    breaker.succeeded()
    assert (breaker.state, breaker.admits()) == ("closed", True)


def test_a_probe_without_outcome_frees_the_way_for_the_next() -> None:
    breaker = Breaker(threshold=1, rest_seconds=0)
    breaker.failed()
    assert [breaker.admits(), breaker.admits()] == [True, False]
    breaker.abandoned()
    assert breaker.admits()


def test_the_cache_forgets_the_old_and_the_big() -> None:
    now = [0.0]
    cache: ResultCache[str] = ResultCache(max_bytes=100, keep_seconds=5, clock=lambda: now[0])
    for number in range(11):
        cache.put(str(number), "x", 10)
    cache.put("big", "x", 11)
    assert (cache.get("0"), cache.get("10"), cache.get("big")) == (None, "x", None)
    now[0] = 5
    assert cache.get("10") is None


def test_wrong_arguments_are_named_with_the_right_ones() -> None:
    checker = ArgumentChecker()
    assert checker.problem(SCHEMA, {"path": "x"}) == ""
    assert "at path" in checker.problem(SCHEMA, {"path": 1})
    assert "path (required)" in checker.problem(SCHEMA, {})


def test_a_schema_that_is_wrong_or_points_outside_blocks_nothing() -> None:
    checker = ArgumentChecker()
    for schema in ({"type": "nonsense"}, {"$ref": "http://127.0.0.1:9/schema"}):
        assert checker.problem(schema, {"anything": 1}) == ""


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAABCDEFGHIJKLMNOP",
        "sntryu_" + "0f4k3" * 12,
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "A1b2" * 10,
        "xoxb-123456789012-123456789012-abcdefghijklmnop",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "sk-ant-" + "a1B2-" * 10,
        "sahur_" + "a1B2" * 8,
        "SG." + "a" * 22 + "." + "b" * 43,
    ],
)
def test_known_kinds_of_secrets_are_taken_out_of_texts_and_values(secret: str) -> None:
    redactor = Redactor()
    assert secret not in redactor.text(f"before {secret} after")
    assert secret not in json.dumps(redactor.value({"a": [{secret: f"x={secret}"}]}))
    assert redactor.count == 3


@pytest.mark.parametrize(
    "text",
    [
        "commit 8c2ddcd8c2ddcd8c2ddcd8c2ddcd8c2ddcd8c2dd",
        "password = get_password(user)",
        "SHA256 " + "ab12" * 16,
        'token = request.headers["Authorization"]',
        "https://example.org:8080/path@version",
        "    if bearer and token:",
    ],
)
def test_ordinary_code_is_left_alone(text: str) -> None:
    assert Redactor().text(text) == text


def test_a_key_is_taken_out_over_many_strings() -> None:
    lines = [
        "-----BEGIN PRIVATE KEY-----",
        "MIIEvQIBADANBgkqhkiG9w0B",
        "AQEFAASCBKcwggSjAgEAAoIB",
        "-----END PRIVATE KEY-----",
        "plainTextThatFollows1234",
    ]
    told = Redactor().value([{"text": line} for line in lines])
    assert [part["text"] for part in told] == [lines[0], "[redacted: private key]", "[redacted: private key]", lines[3], lines[4]]


def test_pictures_are_passed_on_and_named_in_the_receipt() -> None:
    picture = types.ImageContent(type="image", data="QUFB", mime_type="image/png")
    told = types.CallToolResult(content=[types.TextContent(type="text", text="see"), picture])
    outcome = read_result(told, Redactor(), is_trusted=False)
    assert outcome.text == "see\n[image, image/png]"
    assert build_result(outcome, "id", 1).content == told.content


def test_a_picture_over_the_limit_is_named_only() -> None:
    picture = types.ImageContent(type="image", data="A" * (MAX_BINARY_CHARS + 4), mime_type="image/png")
    outcome = read_result(types.CallToolResult(content=[picture]), Redactor(), is_trusted=False)
    assert "left out" in str(build_result(outcome, "id", 1).content)


@pytest.mark.parametrize(("servers", "status"), [({"local": STDIO}, 0), ({"dead": {"url": "http://127.0.0.1:9/mcp"}}, 1)])
def test_check_prints_the_upstreams(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], servers: dict[str, Any], status: int
) -> None:
    monkeypatch.setenv("SAHUR_MCP_CONFIG", write(tmp_path, servers)["SAHUR_MCP_CONFIG"])
    monkeypatch.setenv("COLUMNS", "150")
    assert command.main(["check"]) == status
    assert next(iter(servers)) in capsys.readouterr().out


def test_a_wrong_configuration_is_told_by_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("SAHUR_LOG_LEVEL", "LOUD")
    assert command.main(["check"]) == 2
    assert "SAHUR_LOG_LEVEL" in capsys.readouterr().err


def test_the_child_starter_says_what_it_could_not_start() -> None:
    import subprocess

    from sahur_mcp.proxy import child

    done = subprocess.run([sys.executable, child.__file__, "no-such-command"], capture_output=True, text=True, check=False)
    assert (done.returncode, "no-such-command" in done.stderr) == (127, True)


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "part",
    [
        "/",
        "//x",
        "eyJ-",
        "eyJ ",
        "sk-",
        "sntryu_",
        "A_",
        "://a:",
        "1 ",
        "glagent-",
        "xoxb-1-",
        "bearer ",
        "password='",
        "-----BEGIN ",
    ],
)
def test_a_text_made_to_be_slow_is_not(part: str) -> None:
    """Quadratic patterns would take hours for these."""
    text = part * (400_000 // len(part))
    assert len(Redactor().text(text)) > 0
