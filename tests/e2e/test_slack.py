"""The Slack door, end to end: a signed mention starts one run, and its thread gets the card and the answer, once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.system import System, make_system
from tests.fakes import slack_server
from tests.fakes.repositories import BugCase, build
from tests.fakes.slack_events import SECRET, envelope, signed
from tests.fakes.slack_server import BOT, Script, Slack
from tests.waiting import PROCESSES_SECONDS, wait_for

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("slack")]
CHANNEL = "C0GENERAL"


@dataclass
class Setting:
    system: System
    slack: Slack
    bug: BugCase

    def mention(self, text: str, deliveries: int = 1) -> str:
        """Say something to SAHUR in the channel; the ts of the message, which is its thread."""
        full = f"<@{BOT['user_id']}> {text}"
        ts = self.slack.say(CHANNEL, full)
        event = {"type": "app_mention", "user": "U0RITA", "text": full, "ts": ts, "channel": CHANNEL}
        body = json.dumps(envelope(event))
        for _ in range(deliveries):
            answer = httpx2.post(f"{self.system.url}/slack/events", content=body, headers=json_headers(body), timeout=30)
            assert answer.status_code == 200, answer.text
        return ts

    def posts(self, thread: str) -> list[dict[str, Any]]:
        return [message for message in self.slack.messages(CHANNEL) if message.get("thread_ts") == thread and "bot_id" in message]

    def wait_for_posts(self, thread: str, count: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = wait_for(
            lambda: posts if len(posts := self.posts(thread)) >= count else None,
            PROCESSES_SECONDS,
            f"{count} posts in the thread",
        )
        return found


def json_headers(body: str) -> dict[str, str]:
    return {**signed(body), "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    folder: Path = tmp_path_factory.mktemp("slack")
    with slack_server.running() as (address, slack):
        settings = {"SLACK_API_URL": address, "SLACK_BOT_TOKEN": slack_server.TOKEN, "SLACK_SIGNING_SECRET": SECRET}
        system = make_system(folder, **settings)
        system.start()
        try:
            system.wait_until_ready()
            yield Setting(system, slack, build("booking", folder))
        finally:
            system.stop()


@pytest.fixture
def report(setting: Setting) -> Callable[..., str]:
    def mention(deliveries: int = 1) -> str:
        return setting.mention(f"{setting.bug.title}\nrepo: {setting.bug.path}\n{setting.bug.body}", deliveries)

    return mention


def test_a_mention_delivered_three_times_is_investigated_and_answered_once(setting: Setting, report: Callable[..., str]) -> None:
    thread = report(deliveries=3)
    card, answer = setting.wait_for_posts(thread, 2)[:2]
    wait_for(lambda: not pending(setting.system), PROCESSES_SECONDS, "all effects to be delivered")
    assert len(setting.posts(thread)) == 2
    assert setting.bug.commit[:10] in json.dumps(answer)
    assert setting.system.url in json.dumps(card)
    runs = setting.system.query(
        "select count(*) from issues_run r join issues_issue i on i.id = r.issue_id where i.source = 'slack'"
    )
    assert runs == [(1,)]


def test_a_sender_killed_inside_the_call_does_not_post_twice(setting: Setting, report: Callable[..., str]) -> None:
    setting.slack.script("chat.postMessage", Script(delay=1.0))
    thread = report()
    before = len(setting.slack.calls_of("chat.postMessage"))
    wait_for(
        lambda: len(setting.slack.calls_of("chat.postMessage")) >= max(before, 1), PROCESSES_SECONDS, "the card to be on its way"
    )
    time.sleep(0.2)
    setting.system.kill("effects")
    setting.system.query("update issues_effect set due_at = now() where state = 'started' returning id")
    setting.system.start("effects")
    setting.wait_for_posts(thread, 2)
    wait_for(lambda: not pending(setting.system), PROCESSES_SECONDS, "all effects to be delivered")
    assert len(setting.posts(thread)) == 2


def pending(system: System) -> list[tuple[Any, ...]]:
    return system.query("select kind from issues_effect where state in ('pending', 'started')")
