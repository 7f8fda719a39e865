"""What the browser stories are played on: the whole system, people of each role, repositories, and a model that is slow."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.follow import file_issue, wait_until_ended
from tests.e2e.system import PASSWORD, ROOT, System, make_system
from tests.e2e.tickets import play, served
from tests.fakes.llm_server import KEY, Say
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.repositories import BugCase, build
from tests.fakes.upstream import ForeignServer

FRONTEND = ROOT / "frontend"
THINKING_SECONDS = 0.8
TALKS = "Take your time and think aloud"
"""In a report: the model talks for a minute, until somebody says `ENOUGH`."""
ENOUGH = "That is enough"
ASKS = "Ask whom you need to"
"""In a report: the model asks people a question first."""
SLOWLY = "I think about one thing after the other, and about all of them once more. " * 20

PEOPLE = """
from sahur.accounts.actor import actor_for
from sahur.accounts.models import MemberRole, Team, User
from sahur.accounts.services import create_user, set_membership
from sahur.batch import actions
Team.objects.filter(key="SAH").update(name="Shop")
User.objects.filter(username="rita").update(first_name="Rita Okonkwo")
User.objects.filter(username="ada").update(first_name="Ada Lindqvist")
team = Team.objects.get(key="SAH")
viewer, _ = create_user("vi", name="Vi Nguyen", by="test")
viewer.set_password(PASSWORD)
viewer.must_change_password = False
viewer.save()
set_membership(viewer, team, MemberRole.VIEWER, by="test")
for name, path in REPOSITORIES.items():
    actions.add_repository(actor_for(User.objects.get(username="ada")), team.pk, path, name=name, allow_local=True)
user, password = create_user("bo", name="Bo Haddad", by="test")
set_membership(user, team, MemberRole.RESPONDER, by="test")
print(password)
"""


class Thinker:
    """Works by the rules of the offline model, slowly enough to be watched, and does what a report asks it for."""

    seconds = THINKING_SECONDS

    def __call__(self, body: dict[str, Any]) -> Say:
        told = json.dumps(body["messages"])
        if isinstance(body.get("tool_choice"), dict):
            return play(body, self.seconds)
        if TALKS in told and ENOUGH not in told:
            return Say(SLOWLY, pause=0.5)
        if ASKS in told and "decided on your question" not in told:
            return self._ask(told)
        return play(body, self.seconds)

    def _ask(self, told: str) -> Say:
        if "The id of your question is" in told:
            return Say("I wait for the answer.", delay=self.seconds)
        question = {"question": "Which release runs on the desk screens?", "default": "The one of last week"}
        return Say("Only you can know this.", [("ask_person", question)], delay=self.seconds)


@dataclass
class Stage:
    """A system that runs, and what a story needs to be told."""

    system: System
    bugs: dict[str, BugCase]
    model: Thinker
    one_time_password: str
    report: Path

    def play(self, *arguments: str, seconds: float) -> None:
        """Play stories in a browser, by Playwright's own options. AssertionError with its report if one fails."""
        environment = {
            **os.environ,
            "SAHUR_URL": self.system.url,
            "SAHUR_USER": "bo",
            "SAHUR_PASSWORD": self.one_time_password,
            "SAHUR_PEOPLES_PASSWORD": PASSWORD,
            "SAHUR_REPOSITORY": "booking",
            "SAHUR_REPORT": str(self.report),
        }
        done = subprocess.run(
            [str(shutil.which("npm")), "run", "--silent", "browser", "--", *arguments],
            cwd=FRONTEND, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=seconds,
        )  # fmt: skip
        print(done.stdout)
        assert done.returncode == 0, done.stdout + done.stderr

    def fill(self) -> None:
        """A month that others have lived through, and an issue for each bug, with its answer."""
        done = self.system.manage("shell", "-v", "0", stdin=(Path(__file__).parent / "history.py").read_text())
        assert done.returncode == 0, done.stderr
        pause, self.model.seconds = self.model.seconds, 0.0
        try:
            with self.system.client() as client:
                runs = [file_issue(client, bug.title, bug.body, bug.name)["run"]["id"] for bug in self.bugs.values()]
                for run in runs:
                    wait_until_ended(client, run)
        finally:
            self.model.seconds = pause

    def rename_sources(self) -> None:
        """Repositories as if they came from a server, for pictures: nothing reads them after this."""
        self.system.query("update issues_repository set source = 'https://git.example.com/shop/' || name || '.git' returning id")


@contextmanager
def open_stage(folder: Path, *bugs: str, **settings: str) -> Iterator[Stage]:
    """Start it all; the first bug is the one that the stories report. `settings` are environment variables."""
    built = {name: build(name, folder) for name in bugs}
    thinker = Thinker()
    with ExitStack() as stack:
        model = stack.enter_context(OpenAIServer(thinker, model="gpt-4o", counts=True))
        (folder / "mcp.json").write_text(
            json.dumps({"mcpServers": {"foreign": {"url": stack.enter_context(served(ForeignServer()))}}})
        )
        system = make_system(
            folder,
            SAHUR_MODEL="openai:gpt-4o",
            SAHUR_MODEL_BASE_URL=f"{model.origin}/v1",
            SAHUR_MODEL_API_KEY=KEY,
            SAHUR_MCP_CONFIG=str(folder / "mcp.json"),
            **settings,
        )
        stack.callback(system.stop)
        system.start()
        system.wait_until_ready()
        paths = {name: str(bug.path) for name, bug in built.items()}
        made = system.manage("shell", "-v", "0", "-c", f"PASSWORD, REPOSITORIES = {PASSWORD!r}, {paths!r}\n{PEOPLE}")
        assert made.returncode == 0, made.stderr
        report = folder / "report.txt"
        report.write_text(built[bugs[0]].body)
        yield Stage(system, built, thinker, made.stdout.strip().splitlines()[-1], report)
