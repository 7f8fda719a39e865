"""The file with the upstreams: the shapes that people bring from other clients, our own keys, and what is said of mistakes."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import mcp.types as types
import pytest
import yaml

from sahur_core.errors import InputError
from sahur_core.tools.policy import Permission
from sahur_core.tools.risk import Risk
from sahur_mcp.config import BrokenUpstream, DisabledUpstream, Entry, UpstreamConfig, UpstreamRules, load_config
from sahur_mcp.proxy.upstreams.remote import RemoteUpstream
from sahur_mcp.proxy.upstreams.upstream import permission_for

EXAMPLE = Path(__file__).parents[2] / "docs" / "mcp-servers.example.yaml"


def write(folder: Path, servers: Any, **more: Any) -> dict[str, str]:
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": servers} | more))
    return {"SAHUR_MCP_CONFIG": str(folder / "mcp.json")}


def read(folder: Path, entry: Any, **environment: str) -> Entry:
    return load_config(write(folder, {"a": entry}) | environment).upstreams["a"]


def usable(folder: Path, entry: Any, **environment: str) -> UpstreamConfig:
    found = read(folder, entry, **environment)
    assert isinstance(found, UpstreamConfig), found
    return found


def test_without_a_file_there_are_only_our_own_servers() -> None:
    assert load_config({}).upstreams == {}
    assert load_config({"SAHUR_MCP_CONFIG": ""}).upstreams == {}


def test_a_named_file_that_does_not_exist_is_an_error_with_the_way_on(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json.*SAHUR_MCP_CONFIG names, does not exist"):
        load_config({"SAHUR_MCP_CONFIG": str(tmp_path / "none.json")})


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"mcpServers": 1}', '{"mcpServers": []}', "? [mcpServers]"])
@pytest.mark.parametrize("suffix", ["json", "yaml", "yml"])
def test_a_file_that_is_no_configuration_stops_the_start(tmp_path: Path, text: str, suffix: str) -> None:
    (tmp_path / f"mcp.{suffix}").write_text(text)
    with pytest.raises(InputError, match="mcpServers"):
        load_config({"SAHUR_MCP_CONFIG": str(tmp_path / f"mcp.{suffix}")})


@pytest.mark.parametrize("suffix", ["yaml", "yml"])
def test_yaml_is_read_too_and_its_words_stay_words(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"mcp.{suffix}"
    file.write_text("mcpServers:\n  off:\n    command: run\n    args: [no, 2026-01-01, 8080]\n    env: {PORT: 80, MODE: on}\n")
    found = load_config({"SAHUR_MCP_CONFIG": str(file)}).upstreams["off"]
    assert isinstance(found, UpstreamConfig)
    assert (found.args, found.env) == (("no", "2026-01-01", "8080"), {"PORT": "80", "MODE": "on"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mcp.json", '{"mcpServers": {"a": {"url": "http://x"}, "a": {"url": "http://y"}}}'),
        ("mcp.yaml", "mcpServers:\n  a: {url: 'http://x'}\n  a: {url: 'http://y'}\n"),
    ],
)
def test_a_name_that_is_written_twice_is_no_silent_loss(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match="'a' is written twice"):
        load_config({"SAHUR_MCP_CONFIG": str(tmp_path / name)})


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("mcp.yaml", "mcpServers:\n  a: [x\n", r"line 3, column 1: .* the end of the file \(of what begins in line 2\)"),
        ("mcp.yaml", "mcpServers:\n\ta: {}\n", "line 2, column 1: a tab stands here"),
        ("mcp.yaml", "mcpServers:\n  a: b: c\n", "line 2, column 7: a colon too many"),
        ("mcp.yaml", "mcpServers:\n  ? [a]\n  : 1\n", "line 2, column 5: a list or an object stands where a name should"),
        ("mcp.yaml", "mcpServers:\n  a: {}\n  a: {}\n", "line 3, column 3: 'a' is written twice"),
        ("mcp.yaml", "a: b\n\x00", "line 2: it holds a character"),
        ("mcp.json", '{"mcpServers": {\n  "a": {},\n}}', r"line [23], column \d+: .*comma"),
        ("mcp.json", '{"mcpServers": {\n  "a": {}\n  "b": {}}}', "line 3, column 3: a comma or a closing bracket is missing"),
        ("mcp.json", '{"mcpServers": {\n  "a": {},\n  "a": {}}}', "line 3: 'a' is written twice"),
        ("mcp.json", '{"mcpServers": {\n  "a": {"x": 1},\n  "x": {}, "x": {}}}', "cannot be used: 'x' is written twice"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_in_words_for_people(tmp_path: Path, name: str, text: str, problem: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=problem) as raised:
        load_config({"SAHUR_MCP_CONFIG": str(tmp_path / name)})
    assert str(tmp_path / name) in str(raised.value)
    assert "Error" not in str(raised.value)
    assert "unicode string" not in str(raised.value)


def test_a_file_that_is_no_text_says_so(tmp_path: Path) -> None:
    (tmp_path / "mcp.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(InputError, match="it is no text in UTF-8"):
        load_config({"SAHUR_MCP_CONFIG": str(tmp_path / "mcp.json")})


def test_parts_of_a_yaml_file_may_be_shared(tmp_path: Path) -> None:
    text = "mcpServers:\n  a: &a {url: 'http://x', timeout: 5}\n  b: {<<: *a, timeout: 6}\n"
    (tmp_path / "mcp.yaml").write_text(text)
    upstreams = load_config({"SAHUR_MCP_CONFIG": str(tmp_path / "mcp.yaml")}).upstreams
    assert [entry.rules.timeout_seconds for entry in upstreams.values() if isinstance(entry, UpstreamConfig)] == [5, 6]


def test_the_key_of_another_client_is_taken_for_ours(tmp_path: Path) -> None:
    file = tmp_path / "mcp.json"
    file.write_text('{"servers": {"github": {"type": "http", "url": "https://example.org/mcp"}}, "inputs": []}')
    assert isinstance(load_config({"SAHUR_MCP_CONFIG": str(file)}).upstreams["github"], UpstreamConfig)


def test_our_keys_lie_beside_the_usual_ones(tmp_path: Path) -> None:
    entry = {"url": "http://x", "tools": {"allow": ["a"], "ask": ["b"], "deny": ["c"]}, "risk": {"a": "destroy"}}
    entry |= {"timeout": 5, "concurrency": 2, "cache": 30, "session": "client"}
    entry |= {"hosts": ["https://Git.example.com/", "sentry.example.com:9000"]}
    rules = usable(tmp_path, entry).rules
    assert (rules.allow, rules.ask, rules.deny, rules.risk) == (("a",), ("b",), ("c",), {"a": Risk.DESTROY})
    assert (rules.timeout_seconds, rules.max_concurrency, rules.cache_seconds, rules.session) == (5, 2, 30, "client")
    assert rules.hosts == ("git.example.com", "sentry.example.com:9000")


def test_what_only_other_clients_know_is_ignored_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        usable(tmp_path, {"url": "http://x", "autoApprove": [], "trust": True, "tools": ["get_*"]})
        usable(tmp_path, {"url": "http://x", "timout": 5})
    assert "autoApprove, trust" in caplog.text
    assert "timout. Did you mean timeout?" in caplog.text
    assert usable(tmp_path, {"url": "http://x", "tools": ["get_*"]}).rules.allow == ("get_*",)


def test_references_are_filled_from_the_environment_and_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret-value\n")
    entry = {"url": "https://${HOST:-example.org}/mcp", "headers": {"Authorization": "Bearer ${env:KEY}", "X-Team": "${TEAM}"}}
    found = usable(tmp_path, entry, KEY_FILE=str(tmp_path / "key"), TEAM="shop")
    assert (found.url, found.headers) == ("https://example.org/mcp", {"Authorization": "Bearer s3cret-value", "X-Team": "shop"})
    assert found.secrets == ("s3cret-value",)


@pytest.mark.parametrize(
    ("entry", "secrets"),
    [
        ({"command": "x", "env": {"TOKEN": "abcdefgh", "GITHUB_HOST": "https://github.example.org"}}, {"abcdefgh"}),
        ({"command": "x", "env": {"SENTRY_HOST": "127.0.0.1:9000", "OTHER": "sentry-web:9000", "X": "s.example.org:443"}}, set()),
        ({"command": "x", "env": {"TOOLSETS": "repos,issues", "TOK": "aB3-dE5_gH7"}}, {"aB3-dE5_gH7"}),
        (
            {"command": "x", "args": ["--access-token=abcdefgh", "--key", "ijklmnop", "--host=example.org"]},
            {"abcdefgh", "ijklmnop"},
        ),
        ({"url": "https://u:abcdefgh@x.org/mcp?api_key=ijklmnop&team=shopping"}, {"abcdefgh", "ijklmnop"}),
        ({"url": "https://x.org/mcp", "headers": {"Authorization": "Sentry-Bearer abcdefgh"}}, {"abcdefgh"}),
        ({"url": "https://x.org/${MY_TOKEN}/mcp"}, {"from-the-environment"}),
        ({"command": "x", "env": {"KEY": "short"}}, set()),
    ],
)
def test_credentials_are_known_wherever_they_stand_and_addresses_are_none(tmp_path: Path, entry: Any, secrets: set[str]) -> None:
    found = usable(tmp_path, entry, MY_TOKEN="from-the-environment")
    assert set(found.secrets) == secrets
    assert not [secret for secret in secrets if secret in repr(found)]


@pytest.mark.parametrize(
    ("name", "entry", "problem"),
    [
        ("a", {"url": "${MISSING}"}, "MISSING is not set. Set it or MISSING_FILE"),
        ("a", {"url": "http://x", "headers": {"Authorization": "${input:token}"}}, "Name an environment variable"),
        ("a", {}, '"command" or "url"'),
        ("a", {"httpUrl": "http://x"}, "not known here: httpUrl"),
        ("a", {"url": "http://x", "command": "y"}, '"command" or "url"'),
        ("a", {"url": "http://x", "type": "stdio"}, "does not go with"),
        ("a", {"url": "http://x", "type": "sse"}, "streamable HTTP"),
        ("a", {"url": "x.org/mcp"}, "https://"),
        ("a", {"url": "http://[::1/mcp"}, "https://"),
        ("a", {"url": "http://x:99999/mcp"}, "https://"),
        ("a", {"url": "http://x", "headers": {"X-Key": "two\nlines"}}, "the header X-Key"),
        ("a", {"url": "http://x", "timeout": 60_000}, "timeout must be at most 600. It is in seconds."),
        (
            "a",
            {"url": "http://x", "tools": {"alow": []}},
            "tools.alow is not known here. Did you mean allow? There are: allow, ask",
        ),
        ("a", {"url": "http://x", "tools": {"allow": "get_*"}}, "tools.allow must be a list."),
        ("a", {"url": "http://x", "session": "both"}, "session must be one of: shared, client."),
        ("a", {"url": "http://x", "hosts": ["git.example.com/acme"]}, "hosts are names such as github.example.com"),
        ("a", {"url": "http://x", "hosts": ["*"]}, "hosts are names such as github.example.com"),
        ("a", {"comand": "x"}, "Did you mean command?"),
        ("a", {"url": "http://x", "risk": {"*": "harmless"}}, "risk.* must be one of: read, write, destroy."),
        ("a", {"command": "x", "env": {"DEBUG": True}}, "env.DEBUG must be a text. Put it in quotes."),
        ("A__b", {"url": "http://x"}, "small letters"),
        ("a" * 31, {"url": "http://x"}, "30"),
        ("a", [], "object"),
        *((own, {"url": "http://x"}, "our own") for own in ("code", "issues", "runbooks", "receipts", "catalog")),
    ],
)
def test_an_unusable_entry_says_why_and_spares_the_others(tmp_path: Path, name: str, entry: Any, problem: str) -> None:
    upstreams = load_config(write(tmp_path, {name: entry, "good": {"url": "http://x"}})).upstreams
    broken = upstreams[name]
    assert isinstance(broken, BrokenUpstream)
    assert problem in broken.problem
    assert isinstance(upstreams["good"], UpstreamConfig)


def test_a_disabled_entry_may_lack_everything(tmp_path: Path) -> None:
    assert isinstance(read(tmp_path, {"disabled": True, "url": "${NOT_SET}"}), DisabledUpstream)
    assert isinstance(read(tmp_path, {"disabled": False, "url": "http://x"}), UpstreamConfig)


def test_patterns_for_redaction_are_compiled(tmp_path: Path) -> None:
    patterns = load_config(write(tmp_path, {}, redaction={"patterns": {"customer": r"C-\d{8}"}})).redaction_patterns
    assert [(name, bool(pattern.search("for C-12345678"))) for name, pattern in patterns.items()] == [("customer", True)]


@pytest.mark.parametrize(
    ("redaction", "problem"),
    [
        ({"patterns": {"customer": "("}}, r"redaction\.patterns\.customer is no regular expression"),
        ({"patterns": {"customer": 5}}, r"redaction\.patterns\.customer"),
        ({"patterns": {"customer": "x*"}}, "matches the empty text"),
        ({"patterns": ["x"]}, "must be of the form"),
        ({"pattern": {}}, "must be of the form"),
        ("x", "must be of the form"),
    ],
)
def test_a_pattern_that_would_not_redact_stops_the_start(tmp_path: Path, redaction: Any, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        load_config(write(tmp_path, {}, redaction=redaction))


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    assert load_config({"SAHUR_INTERNAL_TOKEN_FILE": str(tmp_path / "token")}).internal_token == "from-a-file"
    assert "from-a-file" not in repr(load_config({"SAHUR_INTERNAL_TOKEN_FILE": str(tmp_path / "token")}))


def test_by_hand_it_finds_what_the_running_system_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "env").write_text("# keys\nSAHUR_INTERNAL_TOKEN=kept\nSAHUR_SERVER_URL=http://kept\n")
    monkeypatch.setenv("SAHUR_EMBEDDED_DIR", str(tmp_path))
    monkeypatch.setenv("SAHUR_SERVER_URL", "http://shell")
    for name in ("SAHUR_INTERNAL_TOKEN", "SAHUR_MCP_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    config = load_config()
    assert (config.internal_token, config.server_url) == ("kept", "http://shell")


# --- What may be done with a tool -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "tool", "expected"),
    [
        ({}, "get_ticket", (Risk.READ, Permission.ALLOW)),
        ({}, "create_ticket", (Risk.WRITE, Permission.ASK)),
        ({"allow": ["list_*"]}, "get_ticket", (Risk.READ, Permission.DENY)),
        ({"ask": ["get_*"]}, "get_ticket", (Risk.READ, Permission.ASK)),
        ({"allow": ["list_*"], "ask": ["create_*"]}, "create_ticket", (Risk.WRITE, Permission.ASK)),
        ({"ask": ["get_*"], "deny": ["*_ticket"]}, "get_ticket", (Risk.READ, Permission.DENY)),
        ({"risk": {"create_*": "read"}}, "create_ticket", (Risk.READ, Permission.ALLOW)),
        ({"risk": {"create_*": "read", "create_ticket": "destroy"}}, "create_ticket", (Risk.DESTROY, Permission.ASK)),
        ({"risk": {"*": "destroy", "get_*": "read"}}, "get_ticket", (Risk.READ, Permission.ALLOW)),
        ({"risk": {"get_?*": "write", "get_[a-z]*": "read"}}, "get_ticket", (Risk.WRITE, Permission.ASK)),
    ],
)
def test_the_operators_rules_decide(rules: dict[str, Any], tool: str, expected: tuple[Risk, Permission]) -> None:
    config = UpstreamConfig(url="http://x", rules=UpstreamRules.model_validate(rules))
    hints = types.ToolAnnotations(read_only_hint=tool.startswith("get_"))
    listed = types.Tool(name=tool, input_schema={"type": "object"}, annotations=hints)
    assert permission_for(RemoteUpstream("a", config), listed) == expected


# --- The file that people copy ----------------------------------------------------------------------------------------


def test_everything_in_the_example_is_off() -> None:
    upstreams = load_config({"SAHUR_MCP_CONFIG": str(EXAMPLE)}).upstreams
    assert {name.removesuffix("-local") for name in upstreams} == {"github", "slack", "sentry"}
    assert all(isinstance(entry, DisabledUpstream) for entry in upstreams.values())


def test_every_entry_of_the_example_can_be_switched_on(tmp_path: Path) -> None:
    content = yaml.safe_load(EXAMPLE.read_text())
    entries = {name: {**entry, "disabled": False} for name, entry in content["mcpServers"].items()}
    names = ("GITHUB_TOKEN", "SLACK_USER_TOKEN", "SLACK_MCP_BOT_TOKEN", "SLACK_TEAM_ID", "SENTRY_ACCESS_TOKEN")
    upstreams = load_config(write(tmp_path, entries) | {name: f"value-of-{name}" for name in names}).upstreams
    assert [entry for entry in upstreams.values() if not isinstance(entry, UpstreamConfig)] == []
    assert not [name for name, entry in upstreams.items() if isinstance(entry, UpstreamConfig) and "*" in entry.rules.allow]
    assert not [name for name, entry in upstreams.items() if isinstance(entry, UpstreamConfig) and not entry.secrets]


@pytest.mark.parametrize(
    ("upstream", "tool", "expected"),
    [
        ("github", "get_secret_scanning_alert", Permission.DENY),
        ("github", "delete_file", Permission.DENY),
        ("github-local", "issue_write", Permission.ASK),
        ("slack", "slack_search_public", Permission.ALLOW),
        ("slack", "slack_search_public_and_private", Permission.DENY),
        ("slack", "slack_send_message", Permission.ASK),
        ("slack-local", "slack_get_channel_history", Permission.ALLOW),
        ("slack-local", "slack_add_reaction", Permission.DENY),
        ("sentry", "execute_sentry_tool", Permission.DENY),
        ("sentry-local", "find_dsns", Permission.DENY),
    ],
)
def test_the_example_keeps_back_what_its_notes_say(tmp_path: Path, upstream: str, tool: str, expected: Permission) -> None:
    entry = yaml.safe_load(EXAMPLE.read_text())["mcpServers"][upstream] | {"disabled": False}
    names = ("GITHUB_TOKEN", "SLACK_USER_TOKEN", "SLACK_MCP_BOT_TOKEN", "SLACK_TEAM_ID", "SENTRY_ACCESS_TOKEN")
    config = usable(tmp_path, entry, **dict.fromkeys(names, "value"))
    listed = types.Tool(name=tool, input_schema={"type": "object"})
    assert permission_for(RemoteUpstream("a", config), listed)[1] is expected


@pytest.mark.timeout(20)
def test_a_pipe_is_no_file_to_wait_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mcp.json")
    with pytest.raises(InputError, match="it is no file"):
        load_config({"SAHUR_MCP_CONFIG": str(tmp_path / "mcp.json")})


def test_a_file_that_is_nested_too_deeply_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "mcp.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match="nested too deeply"):
        load_config({"SAHUR_MCP_CONFIG": str(tmp_path / "mcp.json")})
