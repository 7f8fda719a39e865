"""A report that links to Sentry, GitHub and Slack: read by itself over worker and gateway, shown, cited; lookalikes are not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.follow import all_events, file_issue, wait_until_ended
from tests.e2e.system import System, make_system
from tests.fakes import github_server, sentry_server
from tests.fakes import slack as slack_server
from tests.fakes.repositories import BugCase, build
from tests.fakes.vendor_upstreams import VendorServer, github_tools, sentry_tools, slack_tools

pytestmark = [pytest.mark.timeout(240), pytest.mark.full]

LOOKALIKES = (
    "https://github.com.evil.org/acme/meter/pull/1 https://github.com@evil.org/acme/meter/pull/1 "
    "https://acme.sentry.io.evil.org/issues/METER-1/ https://acme-slack.com/archives/C0GENERAL/p1700000000000100"
)


@dataclass
class Setting:
    system: System
    bug: BugCase
    servers: dict[str, VendorServer]
    links: str


def frames_of(body: str) -> list[tuple[str, str, int, str]]:
    """The frames of a report's traceback in the form of an event of Sentry."""
    lines = body.splitlines()
    found = []
    for number, line in enumerate(lines):
        if line.startswith('  File "/srv/meter/'):
            path, at, function = line.strip().split(", ")
            found.append((path[len('File "/srv/meter/') : -1], function[3:], int(at[5:]), lines[number + 1]))
    return found


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    folder = tmp_path_factory.mktemp("linked")
    bug = build("meter", folder)
    with ExitStack() as stack:
        github, sentry = stack.enter_context(github_server.running()), stack.enter_context(sentry_server.running())
        slack = slack_server.Slack()
        raised = next(line for line in reversed(bug.body.splitlines()) if "Error" in line)
        kind, _, message = raised.partition(": ")
        sentry.add_project("meter")
        sentry.add_error("meter", kind, message, frames_of(bug.body))
        repository = github.add_repository("acme/meter", bug.path)
        pull = github.add(repository, {"title": "Count on from zero", "body": "For restarts"}, head="zero", base="main")
        pull.merged_as, pull.closed_at, pull.state = bug.commit, pull.at, "closed"
        ts = slack.say("C0GENERAL", "press 7 stops again")
        slack.say("C0GENERAL", "since the new counters, I believe", thread_ts=ts)
        servers = {"github": github_tools(github), "sentry": sentry_tools(sentry), "slack": slack_tools(slack)}
        entries = {name: {"url": stack.enter_context(server.running())} for name, server in servers.items()}
        (folder / "mcp.json").write_text(json.dumps({"mcpServers": entries}))
        system = make_system(folder, SAHUR_MCP_CONFIG=str(folder / "mcp.json"))
        stack.callback(system.stop)
        system.start()
        system.wait_until_ready()
        links = (
            f"https://acme.sentry.io/issues/METER-1/ https://github.com/acme/meter/pull/{pull.number} "
            f"https://acme.slack.com/archives/C0GENERAL/p{ts.replace('.', '')}"
        )
        yield Setting(system, bug, servers, links)


def payloads(client: Any, run: str, kind: str) -> list[dict[str, Any]]:
    return [event["payload"] for event in all_events(client, run) if event["payload"]["kind"] == kind]


def test_linked_things_are_read_shown_and_cited_and_lead_to_the_cause(setting: Setting) -> None:
    bug = setting.bug
    with setting.system.client() as client:
        body = f"The agent on press 7 stops again and again. {setting.links}\n{LOOKALIKES}"
        run = file_issue(client, bug.title, body, str(bug.path))["run"]["id"]
        ended = wait_until_ended(client, run)
        steps = [payload["title"] for payload in payloads(client, run, "step.started")]
        calls = [payload for payload in payloads(client, run, "tool_call.finished") if not payload["tool"].startswith("code__")]
        [notice] = [payload for payload in payloads(client, run, "notice.raised") if "links to" in payload["message"]]
    assert ended["status"] == "succeeded", ended["failure"]
    assert {title for title in steps if "linked" in title} == {
        "Reading the linked Sentry issue METER-1",
        "Reading the linked pull request acme/meter#1",
        f"Reading the linked Slack message C0GENERAL/{setting.links[-16:-6]}.{setting.links[-6:]}",
        "Ranking again with what is linked",
    }
    assert {(call["tool"], call["status"]) for call in calls} == {
        ("sentry__get_sentry_resource", "ok"),
        ("github__pull_request_read", "ok"),
        ("slack__slack_read_thread", "ok"),
    }
    assert "new counters" in next(call for call in calls if call["tool"].startswith("slack"))["excerpt"]
    assert "sentry__get_sentry_resource" in {fact["tool"] for fact in ended["evidence"]}
    assert ended["solution"]["suspect_commit"]["sha"] == bug.commit
    assert "pull request acme/meter#1: no tool server here stands for its host" in notice["message"]


def test_nobody_was_asked_about_the_lookalikes(setting: Setting) -> None:
    with setting.system.client() as client:
        run = file_issue(client, "It stops", LOOKALIKES, str(setting.bug.path))["run"]["id"]
        before = {name: len(server.asked) for name, server in setting.servers.items()}
        wait_until_ended(client, run)
    assert {name: len(server.asked) for name, server in setting.servers.items()} == before


def test_what_is_linked_is_read_without_a_repository_too(setting: Setting) -> None:
    with setting.system.client() as client:
        run = file_issue(client, "It stops", setting.links)["run"]["id"]
        ended = wait_until_ended(client, run)
        tools = {payload["tool"] for payload in payloads(client, run, "tool_call.finished")}
    assert ended["status"] == "succeeded", ended["failure"]
    assert {"sentry__get_sentry_resource", "github__pull_request_read", "slack__slack_read_thread"} <= tools
