"""A run into which an attempt was smuggled: the real workflow over a real repository, and servers that carry the attempt."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langgraph.types import Command

from sahur_core.code.prepare import prepare
from sahur_core.config import InvestigateConfig, ModelConfig, SafetyConfig
from sahur_core.issues import Decision, InputKind, Stage, ToolResultStatus
from sahur_core.protocols import ToolOutcome, ToolSpec
from sahur_core.redaction.redactor import Redactor
from sahur_core.workflows.investigate import initial_state
from tests.core.workflows.world import REPOSITORY, Loop, World
from tests.fakes.repositories import BugCase, build
from tests.injection.attempts import KNOWN, SECRETS_TEXT, Attempt

SAFETY = SafetyConfig(known_secrets=(KNOWN,), own_places=("https://sahur.example.com",), link_hosts=("github.com",))
# Which tool brings what was written at a place; nothing where the run reads it by itself.
CARRIERS: dict[str, tuple[str, dict[str, Any]] | None] = {
    "report title": None,
    "report body": None,
    "person message": None,
    "answer of a person": None,
    "unavailable reason": None,
    "log": ("logs__query", {"query": "errors"}),
    "tool description": ("logs__query", {"query": "errors"}),
    "tool schema": ("logs__query", {"query": "errors"}),
    "upstream error": ("logs__query", {"query": "errors"}),
    "past solution": ("issues__search", {"query": "crash"}),
    "runbook": ("runbooks__read", {"path": "crash.md"}),
    "Slack thread": ("slack__read_thread", {"ts": "1.0"}),
    "branch name": ("github__list_branches", {}),
    "code comment": ("code__read", {"path": "meter/{id}.py"}),
    "commit message": ("code__show", {"commit": "{commit}"}),
    "commit author": ("code__show", {"commit": "{commit}"}),
    "file name": ("code__list_files", {}),
}
OWN = ("issues__search", "issues__read", "runbooks__read")


@dataclass
class Grounds:
    """A repository that holds all attempts of code, prepared once; `commits` by attempt."""

    directory: Path
    case: BugCase
    commit: str
    commits: dict[str, str]


def prepare_grounds(attempts: list[Attempt], folder: Path) -> Grounds:
    """The bug `meter` with each attempt of code committed on top of it."""
    case = build("meter", folder)
    commits = {attempt.id: _commit(case.path, attempt) for attempt in attempts if attempt.place in CODE}
    directory = folder / "prepared"
    commit = prepare(str(case.path), directory / REPOSITORY, "", lambda _: None)
    return Grounds(directory, case, commit, commits)


CODE = ("code comment", "commit message", "commit author", "file name")


def _commit(repository: Path, attempt: Attempt) -> str:
    name = attempt.text.replace("/", "-") if attempt.place == "file name" else f"{attempt.id}.py"
    is_comment = attempt.place == "code comment"
    (repository / "meter" / name).write_text(f"{attempt.text if is_comment else 'X = 1'}  # {attempt.mark}\n", encoding="utf-8")
    message = f"{attempt.text}\n\n{attempt.mark}" if attempt.place == "commit message" else f"Add {attempt.mark}"
    author = attempt.text if attempt.place == "commit author" else "Eve"
    git = ["git", "-C", str(repository), "-c", "user.name=Eve", "-c", "user.email=eve@example.com"]
    subprocess.run([*git, "add", "."], check=True, capture_output=True)
    subprocess.run([*git, "commit", "-qm", message, f"--author={author} <eve@example.com>"], check=True, capture_output=True)
    done = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@dataclass
class Scene:
    """One run with one attempt in it."""

    attempt: Attempt
    world: World
    told: list[str] = field(default_factory=list)
    """What was answered by tools of others."""

    @classmethod
    def of(cls, attempt: Attempt, grounds: Grounds, loop: Loop, model: ModelConfig | None = None) -> Scene:
        config = InvestigateConfig(
            fast=model or ModelConfig(), deep=model or ModelConfig(), gateway_wait_seconds=0, safety=SAFETY, max_steps=12
        )
        case, smuggled = grounds.case, f"{attempt.text}\n{attempt.mark}"
        title = f"{case.title} {attempt.text} {attempt.mark}" if attempt.place == "report title" else case.title
        body = f"{case.body}\n\n{smuggled}" if attempt.place == "report body" else case.body
        # As the action does before it stores a report.
        title, body = (Redactor([KNOWN]).text(text) for text in (title, body))
        world = World.for_report(title, body, loop, grounds.directory, config, grounds.commit)
        scene = cls(attempt, world)
        if attempt.place == "person message":
            world.store.say(Redactor([KNOWN]).text(smuggled))
        if attempt.place == "unavailable reason":
            world.tools.missing = {"sentry": smuggled}
        scene._add_tools(smuggled)
        return scene

    def run(self) -> None:
        """To the end. A question is answered by a person whom the attacker has fooled; approvals are never given."""
        world, answer = self.world, Redactor([KNOWN]).text(f"{self.attempt.text}\n{self.attempt.mark}")
        for stage in Stage:
            world.stream(None if world.state else initial_state(), stage)
            for _ in range(20):
                if not world.is_waiting:
                    break
                for request in list(world.store.requests.values()):
                    if request.kind is InputKind.QUESTION and not request.answered_by:
                        world.store.answer(request.id, Decision.RESPOND, answer)
                world.store.expire_requests()
                world.stream(Command(resume=True), stage)

    def _add_tools(self, smuggled: str) -> None:
        place = self.attempt.place
        carrier = CARRIERS[place]
        for name in ("logs__query", "slack__read_thread", "github__list_branches", "web__fetch", *OWN):
            carries = place not in ("tool description", "tool schema") and carrier is not None and carrier[0] == name
            self._add(name, smuggled if carries else "Nothing special.", read_only=True)
        self._add("github__create_issue", "Created.", read_only=False)

    def _add(self, name: str, text: str, *, read_only: bool) -> None:
        place, attempt = self.attempt.place, self.attempt
        is_carrier = name == "logs__query"
        schema = {"type": "string", "description": f"{attempt.text} {attempt.mark}" if place == "tool schema" else ""}
        spec = ToolSpec(
            name=name,
            description=f"{attempt.text} {attempt.mark}" if is_carrier and place == "tool description" else f"Calls {name}",
            input_schema={"type": "object", "properties": {"query": schema} if is_carrier else {}},
            read_only=read_only,
            is_own=name in OWN,
        )
        status = ToolResultStatus.ERROR if is_carrier and place == "upstream error" else ToolResultStatus.OK

        def answer(arguments: dict[str, Any]) -> ToolOutcome:
            if arguments.get("issue") == "OTH-1":  # as the server answers for an issue of another team
                return ToolOutcome(status=ToolResultStatus.ERROR, text="There is no issue OTH-1.")
            self.told.append(f"{name} {arguments}")
            return ToolOutcome(status=status, text=f"{text}\n{SECRETS_TEXT}")

        self.world.tools.extra[name] = (spec, answer)


def carrier_of(attempt: Attempt, grounds: Grounds) -> tuple[str, dict[str, Any]] | None:
    """The call that brings the attempt before the model."""
    carrier = CARRIERS[attempt.place]
    if carrier is None:
        return None
    known = {"id": attempt.id, "commit": grounds.commits.get(attempt.id, "")}
    return carrier[0], {key: str(value).format(**known) for key, value in carrier[1].items()}
