"""The manifest says what the code uses: no scope, event, command or shortcut is missing, and none is asked for in vain."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError
from slack_sdk import WebClient

from sahur.batch import slack_app, slack_check
from sahur.slack.listeners import register
from sahur.slack.manifest import EXAMPLE_URL, as_yaml, manifest

LIST = "sahur/batch/slack_app.py"
SOURCES = sorted(
    [*(settings.BASE_DIR / "sahur" / "slack").rglob("*.py"), *(settings.BASE_DIR / "sahur" / "batch").glob("slack_*.py")]
)
METHOD = re.compile(r"^[a-z]+(\.[a-z0-9]+)*\.[a-zA-Z]+$")


def web_methods() -> dict[str, str]:
    """`chat_postMessage` → `chat.postMessage`, as the client itself has it."""
    functions = inspect.getmembers(WebClient, inspect.isfunction)
    called = {name: re.findall(r'\.api_call\(\s*"([\w.]+)"', inspect.getsource(function)) for name, function in functions}
    return {name: methods[0] for name, methods in called.items() if methods}


def calls_in(path: Path, methods: dict[str, str]) -> Iterator[str]:
    """Methods of the Web API that the module calls: by the client's own method, or by name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr in methods:
            yield methods[node.attr]
        if isinstance(node, ast.Call):
            strings = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            yield from (value for value in strings if METHOD.match(value) and value in methods.values())


class Recorder:
    """Stands where Bolt's app stands, and notes what is registered."""

    def __init__(self) -> None:
        self.found: dict[str, set[str]] = {}

    def __getattr__(self, kind: str) -> Callable[..., Callable[..., None]]:
        def note(constraint: Any = "", *_: Any, **__: Any) -> Callable[..., None]:
            names = constraint.values() if isinstance(constraint, dict) else [constraint]
            self.found.setdefault(kind, set()).update(name for name in names if isinstance(name, str))
            return lambda *_, **__: None

        return note


@pytest.fixture(scope="module")
def registered() -> dict[str, set[str]]:
    recorder = Recorder()
    register(recorder)  # type: ignore[arg-type]
    return recorder.found


def test_every_method_that_is_called_is_in_the_list():
    methods = web_methods()
    used = {method: path for path in SOURCES if path.name != "slack_app.py" for method in calls_in(path, methods)}
    assert "chat.postMessage" in used
    missing = [f"{path.name} calls {method}: add it with its scopes to METHODS in {LIST}" for method, path in used.items()
               if method not in slack_app.METHODS]  # fmt: skip
    stale = [f"nothing calls {method}: remove it from METHODS in {LIST}" for method in slack_app.METHODS if method not in used]
    assert missing + stale == []


def test_every_scope_is_needed_and_every_need_has_its_scope():
    needs = [*slack_app.METHODS.values(), *slack_app.EVENTS.values(), *slack_app.FEATURES.values()]
    needed = {scope for scopes in needs for scope in scopes}
    missing = [f"add {scope} to SCOPES in {LIST}, with what it is for" for scope in needed - set(slack_app.SCOPES)]
    stale = [f"nothing needs {scope}: remove it from SCOPES in {LIST}" for scope in set(slack_app.SCOPES) - needed]
    assert missing + stale == []


def test_every_event_that_is_listened_to_is_subscribed_and_the_other_way_round(registered):
    subscribed = {name.partition(".")[0] for name in slack_app.EVENTS}
    heard = registered["event"]
    missing = [f"add the event {name} to EVENTS in {LIST}" for name in heard - subscribed]
    stale = [f"no listener takes {name}: remove it from EVENTS in {LIST}, or register one" for name in subscribed - heard]
    assert missing + stale == []


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("command", {each.command for each in slack_app.COMMANDS}),
        ("shortcut", {each.callback_id for each in slack_app.SHORTCUTS}),
    ],
)
def test_every_command_and_shortcut_has_its_listener(kind, names, registered):
    heard = registered.get(kind, set()) | (registered.get("message_shortcut", set()) if kind == "shortcut" else set())
    missing = [f"add {name} to {kind.upper()}S in {LIST}" for name in heard - names]
    stale = [f"no listener takes the {kind} {name}: register one, or remove it from {LIST}" for name in names - heard]
    assert missing + stale == []


@pytest.mark.parametrize(("name", "is_socket"), [("slack-manifest.yaml", False), ("slack-manifest-socket.yaml", True)])
def test_committed_copies_are_what_is_generated(name, is_socket):
    expected = as_yaml(manifest(EXAMPLE_URL, is_socket=is_socket))
    option = " --socket" if is_socket else ""
    how = f"python manage.py slack manifest --url {EXAMPLE_URL}{option} > docs/{name}"
    assert (settings.BASE_DIR / "docs" / name).read_text() == expected, how


def test_limits_of_slack_are_kept():
    told = manifest(EXAMPLE_URL)
    display, features = told["display_information"], told["features"]
    assert 174 <= len(display["long_description"]) <= 4000
    assert len(display["description"]) <= 140
    assert len(features["agent_view"]["agent_description"]) <= 300
    assert all(len(each["name"]) <= 24 and len(each["description"]) <= 150 for each in features["shortcuts"])
    assert all(len(each["description"]) <= 2000 for each in features["slash_commands"])


def test_socket_mode_names_no_address_that_slack_would_call():
    told = manifest("http://127.0.0.1:8000", is_socket=True)
    assert told["settings"]["socket_mode_enabled"] is True
    assert "127.0.0.1" not in json.dumps(told)


def test_the_command_prints_it_for_the_own_address(settings):
    settings.PUBLIC_URL = "https://sahur.acme.example"
    out = StringIO()
    call_command("slack", "manifest", "--json", "--rotation", stdout=out)
    told = json.loads(out.getvalue())
    assert told["settings"]["event_subscriptions"]["request_url"] == "https://sahur.acme.example/slack/events"
    assert told["oauth_config"]["redirect_urls"] == ["https://sahur.acme.example/slack/oauth_redirect"]
    assert told["settings"]["token_rotation_enabled"] is True


def test_an_address_that_slack_cannot_call_is_refused_with_what_to_do(settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    with pytest.raises(CommandError, match="--socket"):
        call_command("slack", "manifest", stdout=StringIO())
    with pytest.raises(CommandError, match="https"):
        call_command("slack", "manifest", "--url", "http://sahur.acme.example", stdout=StringIO())


def test_the_check_without_a_database_says_so_in_one_line(monkeypatch):
    def away(_workspace: str) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(slack_check, "check", away)
    with pytest.raises(CommandError, match="make run"):
        call_command("slack", "check", stdout=StringIO())
