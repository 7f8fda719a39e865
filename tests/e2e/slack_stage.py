"""What the stories in Slack are played on: the whole system beside a local Slack, in which people act."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sahur.batch import slack_app
from tests.e2e.stage import Thinker
from tests.e2e.system import System, make_system
from tests.fakes.llm_server import KEY
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.repositories import BugCase, build
from tests.fakes.slack import APP_TOKEN, CLIENT_ID, CLIENT_SECRET, SECRET, TOKEN, Arguments, Slack, running
from tests.fakes.slack_blocks import texts_in
from tests.waiting import PROCESSES_SECONDS, wait_for

CHANNEL, OTHER_CHANNEL, PRIVATE_CHANNEL = "C0GENERAL", "C0SHOP", "G0BOARD"
RUNSLACK = [sys.executable, "manage.py", "runslack"]
OVER_OAUTH = {"SLACK_CLIENT_ID": CLIENT_ID, "SLACK_CLIENT_SECRET": CLIENT_SECRET}


@dataclass
class Stage:
    system: System
    slack: Slack
    bug: BugCase
    model: Thinker = field(default_factory=Thinker)
    valkey: subprocess.Popen[bytes] | None = None
    """Where the stage has one of its own."""

    @property
    def report(self) -> str:
        return f"{self.bug.title}\nrepo: {self.bug.path}\n{self.bug.body}"

    # --- what SAHUR said ---

    def posts(self, thread: str, kind: str = "", channel: str = CHANNEL) -> list[Arguments]:
        """Its messages in a thread, oldest first; with `kind` those whose effect is of it, such as `card` or `answer`."""
        found = self.slack.posts(channel, thread)
        return [each for each in found if not kind or kind in kinds_of(each)]

    def wait_for_post(self, thread: str, kind: str, count: int = 1, channel: str = CHANNEL) -> Arguments:
        """The newest of `count` posts of a kind."""

        def posted() -> list[Arguments]:
            found = self.posts(thread, kind, channel)
            return found if len(found) >= count else []

        found: list[Arguments] = until(posted, f"{count} posts of kind {kind} in {thread}", self.told)
        return found[-1]

    def wait_for_words(self, message: Arguments, words: str, channel: str = CHANNEL) -> str:
        """Until a message, as it is edited, holds the words; all of them."""

        def said() -> str:
            text = words_of(self.slack.message(channel, message["ts"]))
            return text if words in text else ""

        return str(until(said, f"the words `{words}`", lambda: words_of(self.slack.message(channel, message["ts"]))))

    def told(self) -> str:
        """How things stand, for a test that waits in vain."""
        said = [(each["ts"], words_of(each)[:200]) for channel in self.slack.channels for each in self.slack.posts(channel)]
        refused = [(each.kind, each.payload.get("event"), each.tries) for each in self.slack.deliveries.lost()]
        return f"posts {said[-8:]}; effects {self.open_effects()}; refused deliveries {refused[-3:]}"

    # --- what the database says ---

    def issues(self, thread: str) -> list[tuple[Any, ...]]:
        """Id and key of what is told in a thread."""
        return self.system.query(
            "select i.id, i.key from issues_issue i join issues_slackthread t on t.issue_id = i.id where t.root_ts = %s", thread
        )

    def runs(self, thread: str) -> list[tuple[str, str]]:
        """Id and status of the runs of a thread's issue, oldest first."""
        sql = (
            "select r.id::text, r.status from issues_run r join issues_slackthread t on t.issue_id = r.issue_id"
            " where t.root_ts = %s order by r.number"
        )
        return [(run, status) for run, status in self.system.query(sql, thread)]

    def wait_for_status(self, thread: str, *statuses: str) -> list[tuple[str, str]]:
        """Until the runs of a thread stand so, oldest first."""

        def reached() -> list[tuple[str, str]]:
            found = self.runs(thread)
            return found if [status for _, status in found] == list(statuses) else []

        found: list[tuple[str, str]] = until(reached, f"the runs of {thread} to be {statuses}", lambda: self.runs(thread))
        return found

    def open_effects(self) -> list[tuple[Any, ...]]:
        return self.system.query(
            "select kind, state, attempt, last_error from issues_effect where state in ('pending', 'started') order by due_at"
        )

    def wait_for_effects(self) -> None:
        """Until nothing is left to be sent; pauses between tries are cut short, as if their time had passed."""

        def none_left() -> bool:
            self.hasten()
            return not self.open_effects()

        until(none_left, "all effects to be delivered", self.open_effects)

    def hasten(self) -> None:
        late = "state = 'pending' and due_at > now() + interval '5 seconds'"
        self.system.query(f"update issues_effect set due_at = now() where {late} returning id")

    # --- processes ---

    def restart(self, name: str) -> None:
        """kill -9 and start again; what it held is taken over when its lease is over."""
        self.system.kill(name)
        self.system.start(name)


def kinds_of(message: Arguments) -> set[str]:
    """The parts of the key of the effect that posted it."""
    metadata = message.get("metadata") or {}
    return set(str(metadata.get("event_payload", {}).get("key", "")).split(":"))


def words_of(message: Arguments) -> str:
    """All that people read of a message."""
    return "\n".join(texts_in(message.get("blocks") or [])) or str(message.get("text", ""))


def reactions_of(message: Arguments) -> set[str]:
    return {each["name"] for each in message.get("reactions", [])}


def make_slack(slack: Slack) -> None:
    """The app as its manifest has it, and people and channels beside those of every local Slack."""
    slack.tokens[TOKEN].scopes = set(slack_app.SCOPES)
    slack.acting.subscriptions = set(slack_app.EVENTS)
    bot = slack.workspaces["T0FAKE"].bot_user_id
    slack.add_person("U0OMAR", "Omar Okafor", email="omar@example.com")
    slack.places[CHANNEL].members.add("U0OMAR")
    slack.add_channel(OTHER_CHANNEL, "shop", members={bot, "U0OMAR", "U0RITA"})
    slack.add_channel(PRIVATE_CHANNEL, "board", kind="group", members={bot, "U0OMAR"})


def connected_to(address: str, *, over_oauth: bool = False) -> dict[str, str]:
    """The settings of a system that talks to a local Slack."""
    return {
        "SLACK_API_URL": address,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        **(OVER_OAUTH if over_oauth else {"SLACK_BOT_TOKEN": TOKEN}),
    }


@contextmanager
def open_stage(folder: Path, *, has_model: bool = False, over_oauth: bool = False, **settings: str) -> Iterator[Stage]:
    """Start it all. Without a model the runs go by the offline rules, and are quick.

    With `over_oauth` the app is in no workspace until somebody installs it.
    """
    thinker = Thinker()
    with ExitStack() as stack:
        address, slack = stack.enter_context(running())
        make_slack(slack)
        if has_model:
            model = stack.enter_context(OpenAIServer(thinker, model="gpt-4o", counts=True))
            settings = {
                "SAHUR_MODEL": "openai:gpt-4o",
                "SAHUR_MODEL_BASE_URL": f"{model.origin}/v1",
                "SAHUR_MODEL_API_KEY": KEY,
                **settings,
            }
        system = make_system(
            folder,
            **{
                **connected_to(address, over_oauth=over_oauth),
                "SAHUR_EFFECT_LEASE_SECONDS": "3",
                **settings,
            },
        )
        stack.callback(system.stop)
        system.start()
        system.wait_until_ready()
        system.commands["runslack"] = RUNSLACK
        slack.deliveries.address = f"{system.url}/slack/events"
        yield Stage(system, slack, build("booking", folder), thinker)


def until(condition: Callable[[], Any], what: str, told: Callable[[], Any] | None = None) -> Any:
    """`wait_for` with the bound for several processes; where it is in vain, with what `told` says of how things stand."""
    try:
        return wait_for(condition, PROCESSES_SECONDS, what)
    except AssertionError as error:
        raise AssertionError(f"{error}; there is: {told() if told else ''}") from error
