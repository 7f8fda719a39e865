"""The whole system between a Slack, a model vendor and a foreign MCP server, all of which the tests command."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.e2e.follow import all_events, file_issue
from tests.e2e.system import System, answers, make_system
from tests.fakes import slack as slack_server
from tests.fakes.internal import serve
from tests.fakes.llm_server import KEY
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.repositories import BugCase, build
from tests.fakes.slack import BOT, SECRET, Slack, envelope, signed
from tests.fakes.upstream import ForeignServer
from tests.faults.people.vendor import Vendor, mark_of
from tests.waiting import wait_for

CHANNEL = "C0GENERAL"
ENDS = ("run.succeeded", "run.failed", "run.canceled")


@dataclass
class Setting:
    """The system and what stands around it. `slack_gate` cuts the way to Slack while it is set."""

    system: System
    slack: Slack
    vendor: Vendor
    tracker: ForeignServer
    bug: BugCase

    # --- reports ---

    def report(self, client: httpx2.Client, scenario: str = "", *, has_code: bool = True) -> tuple[str, str]:
        """File a report that asks the vendor for a scenario; the run's id and the mark."""
        mark, words = mark_of(scenario or "none")
        body = f"{self.bug.body}\n\n{words if scenario else ''}" if has_code else f"It beeps.\n\n{words if scenario else ''}"
        return file_issue(client, self.bug.title, body, str(self.bug.path) if has_code else "")["run"]["id"], mark

    def mention(self, scenario: str = "", *, has_code: bool = True) -> str:
        """The signed body of a mention in the channel that reports the bug, as Slack would deliver it."""
        words = mark_of(scenario)[1] if scenario else ""
        told = f"{self.bug.title}\nrepo: {self.bug.path}\n{self.bug.body}" if has_code else "It beeps"
        text = f"<@{BOT['user_id']}> {told}\n{words}"
        ts = self.slack.say(CHANNEL, text)
        return json.dumps(envelope({"type": "app_mention", "user": "U0RITA", "text": text, "ts": ts, "channel": CHANNEL}))

    def deliver(self, body: str, retry: int = 0) -> int:
        """Deliver it; the status of the answer, 0 for none."""
        headers = {**signed(body), "Content-Type": "application/json"}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        try:
            return httpx2.post(f"{self.system.url}/slack/events", content=body, headers=headers, timeout=20).status_code
        except httpx2.HTTPError:
            return 0

    # --- what came of them ---

    def kinds(self, client: httpx2.Client, run: str) -> list[str]:
        return [event["payload"]["kind"] for event in all_events(client, run)]

    def payloads(self, client: httpx2.Client, run: str, *kinds: str) -> list[dict[str, Any]]:
        found = [event["payload"] for event in all_events(client, run)]
        return [payload for payload in found if payload["kind"] in kinds]

    def wait_for_kind(self, client: httpx2.Client, run: str, *kinds: str, seconds: float = 60) -> dict[str, Any]:
        found: dict[str, Any] = wait_for(
            lambda: next(iter(self.payloads(client, run, *kinds)), None), seconds, f"{kinds} of run {run}"
        )
        return found

    def wait_for_status(self, client: httpx2.Client, run: str, status: str, seconds: float = 60) -> dict[str, Any]:
        def reached() -> dict[str, Any] | None:
            found: dict[str, Any] = client.get(f"/api/runs/{run}/").json()
            return found if found["status"] == status else None

        found: dict[str, Any] = wait_for(reached, seconds, f"run {run} to be {status}")
        return found

    def runs_of_thread(self, thread: str) -> list[tuple[str, str]]:
        """Id and status of every run of every issue of a Slack thread."""
        sql = (
            "select r.id::text, r.status from issues_run r join issues_issue i on i.id = r.issue_id"
            " where i.source_ref ->> 'thread_ts' = %s"
        )
        return [(run, status) for run, status in self.system.query(sql, thread)]

    def posts(self, thread: str) -> list[dict[str, Any]]:
        """What SAHUR said in a thread, oldest first."""
        return [message for message in self.slack.messages(CHANNEL) if message.get("thread_ts") == thread and "bot_id" in message]

    def keys(self, thread: str) -> list[str]:
        """The last part of the effect keys of those posts."""
        return [post["metadata"]["event_payload"]["key"].rpartition(":")[2] for post in self.posts(thread)]

    def open_effects(self) -> list[tuple[Any, ...]]:
        return self.system.query(
            "select kind, state, attempt, last_error from issues_effect where state in ('pending', 'started')"
        )

    def wait_for_effects(self, seconds: float = 60) -> None:
        """Until nothing is left to be sent; pauses between tries are cut short, as if their time had passed."""

        def none_left() -> bool:
            self.hasten()
            return not self.open_effects()

        wait_for(none_left, seconds, "all effects to be delivered")

    def hasten(self) -> None:
        """The pause after a failed delivery is over."""
        self.system.query("update issues_effect set due_at = now() where state = 'pending' and due_at > now() returning id")

    # --- processes ---

    def restart(self, name: str, **env: str) -> None:
        """Kill -9 and start again, with other settings if some are given."""
        process = self.system.processes[name]
        if process.poll() is None:
            self.system.kill(name)
        kept = dict(self.system.env)
        self.system.env.update(env)
        self.system.start(name)
        self.system.env.clear()
        self.system.env.update(kept)

    def restore(self) -> None:
        """Everything runs, and answers."""
        for name, process in self.system.processes.items():
            if process.poll() is None:
                self.system.kill(name, signal.SIGCONT)
            else:
                self.system.start(name)
        self.system.wait_until_ready()

    def web_is_back(self) -> None:
        wait_for(lambda: answers(f"{self.system.url}/api/health/ready/"), 60, "web to be ready again")


def at_once(work: list[Any]) -> list[Any]:
    """Call all of them at the same moment, each in a thread of its own; their results in order."""
    results: list[Any] = [None] * len(work)
    start = threading.Barrier(len(work))

    def call(place: int) -> None:
        start.wait(10)
        results[place] = work[place]()

    threads = [threading.Thread(target=call, args=(place,)) for place in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def thread_of(body: str) -> str:
    """The Slack thread that a mention opened."""
    return str(json.loads(body)["event"]["ts"])


@contextmanager
def running_setting(folder: Path, **settings: str) -> Iterator[Setting]:
    vendor, tracker = Vendor(), ForeignServer()
    with ExitStack() as stack:
        slack_address, slack = stack.enter_context(slack_server.running())
        model = stack.enter_context(OpenAIServer(vendor.say))
        tracker_address = stack.enter_context(serve(tracker.app()))
        upstreams = {"tracker": {"url": f"{tracker_address}/mcp", "timeout": 600}}
        (folder / "mcp.json").write_text(json.dumps({"mcpServers": upstreams}))
        system = make_system(
            folder,
            SLACK_API_URL=slack_address,
            SLACK_BOT_TOKEN=slack_server.TOKEN,
            SLACK_SIGNING_SECRET=SECRET,
            SAHUR_MODEL=f"openai:{model.model}",
            SAHUR_MODEL_BASE_URL=model.base_url,  # type: ignore[attr-defined]
            SAHUR_MODEL_API_KEY=KEY,
            SAHUR_MCP_CONFIG=str(folder / "mcp.json"),
            SAHUR_EFFECT_LEASE_SECONDS="3",
            # One person asks here more often than a hundred would.
            SAHUR_THROTTLE_USER="100000/min",
            **settings,
        )
        system.start()
        stack.callback(system.stop)
        system.wait_until_ready()
        yield Setting(system, slack, vendor, tracker, build("booking", folder))
