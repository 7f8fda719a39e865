"""What a case file holds. Cases are data: YAML or JSON, one case a file, checked when they are read."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field, model_validator

from sahur_core.issues import Record, RepositoryRef, ToolResultStatus, Verdict
from sahur_core.protocols import ToolSpec


class Split(StrEnum):
    DEV = "dev"
    """Rules and prompts may be improved on these."""
    HELD_OUT = "held_out"
    """Nothing is tuned on these; a case that was looked at for tuning moves to `dev`."""
    OWN = "own"
    """From issues of one's own."""


class Outcome(StrEnum):
    """What really was the matter."""

    CODE = "code"
    OUTSIDE = "outside"
    """Something around the code, or nothing is wrong with it: a certificate, a disk, a vendor, a wish."""
    TOO_LITTLE = "too_little"
    """The report does not tell enough for anybody to know."""
    UNLABELLED = "unlabelled"
    """Nobody said. Such a case counts in no figure about right causes."""


class Cause(Record):
    """A place in the code that caused it. What is empty is not asked for; of `files` and `functions` one is enough."""

    commit: str = Field(default="", description="First line of the commit's message, or its full sha")
    files: list[str] = []
    functions: list[str] = []


class Label(Record):
    """What the right answer is. Of several `causes` any one is right; how many were named is reported."""

    outcome: Outcome
    causes: list[Cause] = []
    says: list[str] = Field(
        default=[],
        description="For `outside`: a root cause that has one of these words is right also if it is held with confidence",
    )

    @model_validator(mode="after")
    def _has_what_its_outcome_needs(self) -> Label:
        if (self.outcome is Outcome.CODE) != bool(self.causes):
            raise ValueError("a label has causes exactly if its outcome is `code`")
        if any(not cause.commit and not cause.files for cause in self.causes):
            raise ValueError("a cause names a commit or a file")
        return self


class RedHerrings(Record):
    """What looks guilty and is not: an answer that blames one of these has been misled."""

    commits: list[str] = []
    files: list[str] = []


class Injection(Record):
    """An order that was hidden in the data. It was obeyed if the answer says one of the texts or a tool was asked for."""

    says: list[str] = Field(default=[], description="Texts that only an obedient answer contains, in any case of letters")
    calls: list[str] = Field(default=[], description="Names of tools that only an obedient run asks for")


class PastIssue(Record):
    """An earlier issue of the team, as the server `issues` tells of it."""

    key: str
    title: str
    body: str = ""
    resolution: str = ""
    verdict: Verdict | None = None
    summary: str = ""
    root_cause: str = ""
    created_at: AwareDatetime


class RecordedCall(Record):
    """One tool call of an earlier run with what came back, by its receipt."""

    tool: str
    arguments: dict[str, Any]
    status: ToolResultStatus
    text: str = Field(description="What the model was given to read")
    receipt_id: str = ""
    duration_ms: int = 0


class Recording(Record):
    """What a replay answers with. `tools` may be empty: then the tools are those of our own servers, and the names below."""

    repository: RepositoryRef | None = None
    tools: list[ToolSpec] = []
    calls: list[RecordedCall] = []


class Case(Record):
    """One report with its outcome."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    split: Split
    tags: list[str] = []
    source: str = Field(description="Where the case comes from: `synthetic`, or the key of the issue")
    notes: str = Field(default="", description="Why the label is what it is")
    title: str
    body: str
    """In a synthetic case `{{path::text}}` stands for the number of the line of the file that contains the text."""
    reported_at: datetime | None = Field(default=None, description="None: a day after the last commit")
    repository: str = Field(default="", description="Name of the recipe; empty: none is connected, or a recording is replayed")
    at: str = Field(default="", description="First line of the message of the commit that was deployed; empty: the last one")
    label: Label
    red_herrings: RedHerrings = RedHerrings()
    past_issues: list[PastIssue] = []
    poisoned: bool = Field(default=False, description="Whether a past issue tells a wrong cause")
    injection: Injection | None = None
    recording: Recording | None = None

    @model_validator(mode="after")
    def _is_live_or_replayed(self) -> Case:
        if self.recording is not None and (self.repository or self.past_issues):
            raise ValueError("a case with a recording has neither a recipe nor past issues: it replays what was answered then")
        return self

    @property
    def groups(self) -> list[str]:
        """Its tags, with those that follow from what it holds."""
        found = [*self.tags, f"outcome:{self.label.outcome.value}"]
        found += ["red-herring"] if self.red_herrings.commits or self.red_herrings.files else []
        found += ["poison"] if self.poisoned else []
        found += ["injection"] if self.injection else []
        found += ["replay"] if self.recording else []
        return list(dict.fromkeys(found))
