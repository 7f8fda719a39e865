"""What was reported, what was done about it and what was found, as immutable data."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sahur_core.issues.words import (
    BudgetMeasure,
    BudgetScope,
    ClaimKind,
    Decision,
    HypothesisStatus,
    InputKind,
    Role,
    Severity,
    Source,
    ToolResultStatus,
    Verdict,
)


class Record(BaseModel):
    """Base of the plain data: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RepositoryRef(Record):
    """A repository that a run may read. `commit` is empty until the repository was prepared."""

    id: str
    name: str
    commit: str = ""
    remote: str = ""
    """Where it is at home, as links name it: `github.com/acme/shop`. Empty for a path of this machine."""


class Report(Record):
    """What somebody reported, as the workflow reads it. All of its text is untrusted."""

    issue_key: str
    title: str
    body: str
    source: Source
    repository: RepositoryRef | None = None
    severity: Severity | None = None
    """How bad its reporter says that it is; None: nobody said."""
    reported_at: datetime


class PersonMessage(Record):
    """Something that a person said to a run."""

    id: str
    author: str
    text: str
    said_at: datetime
    is_urgent: bool = False
    """Whether its author asked to have it used now: the model call under way is given up for it."""


class TranscriptMessage(Record):
    """One message of the conversation with the model, as stored: `body` is LangChain's serialized message."""

    id: str
    role: Role
    body: dict[str, Any]


class ToolCall(Record):
    """One call of a tool and its outcome, as the run saw it."""

    id: str
    step_id: str
    tool: str
    arguments: dict[str, Any]
    status: ToolResultStatus
    text: str = Field(description="What the model was given to read (redacted, maybe cut; whole under the receipt)")
    receipt_id: str = ""
    duration_ms: int = 0


class Evidence(Record):
    """A fact found, with the receipt of the tool call that proves it. `number` is the `[n]` of the citation."""

    id: str
    number: int
    statement: str
    excerpt: str = ""
    receipt_id: str
    tool: str
    path: str = ""
    line: int | None = None
    commit: str = ""


class Claim(Record):
    """A statement of the solution, with the numbers of the evidence it rests on."""

    statement: str
    evidence: list[int]
    kind: ClaimKind = ClaimKind.OBSERVATION


class Hypothesis(Record):
    """What the run holds possible at this moment, with its reason. It is no finding: nothing has been proven yet."""

    id: str = Field(description="The same for all changes of one hypothesis")
    statement: str
    status: HypothesisStatus = HypothesisStatus.STATED
    because: str = ""
    evidence: list[int] = Field(default=[], description="Numbers of recorded evidence, where there is any")
    source: str = Field(default="model", description="Who holds it: localization, or the model")


class CodeLocation(Record):
    path: str
    function: str = ""
    line: int | None = None


class SuspectCommit(Record):
    sha: str
    summary: str
    author: str = ""
    committed_at: datetime | None = None


class OwnerHint(Record):
    """Somebody who probably knows the place of the cause: who changed it last, or whom CODEOWNERS names."""

    name: str
    source: str = Field(description="`blame` or `code_owners`")
    paths: list[str] = []


class TestRun(Record):
    """One run of the team's own test command in the sandbox."""

    __test__ = False  # pytest would take it for a test

    command: str
    passed: bool
    exit_code: int | None = Field(default=None, description="None if it was stopped at its time limit")
    output: str = Field(default="", description="The end of what it printed, redacted")
    receipt_id: str = ""


class Patch(Record):
    """A change that was shown to apply to the analyzed commit; one that does not apply is never shown as a patch."""

    diff: str = Field(description="Unified diff, as `git apply` takes it")
    commit: str
    paths: list[str]
    receipt_id: str = Field(default="", description="Of the check that it applies")
    test_run: TestRun | None = Field(default=None, description="None where the team has not switched the sandbox on")


class Usage(Record):
    """What a run spent on models. `cost_usd` is None where no price is known."""

    model: str = ""
    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = Field(default=0, description="Part of the input tokens that the vendor had in its prompt cache")
    cost_usd: float | None = None


class Spent(Record):
    """What a run, or all runs of a team on one day, has spent so far."""

    tokens: int = 0
    cost_usd: float = Field(default=0.0, description="Of the calls whose price is known")
    unpriced_calls: int = Field(default=0, description="Model calls whose price is not known: they cost more than nothing")
    model_calls: int = 0
    tool_calls: int = 0
    seconds: float = 0.0

    def of(self, measure: BudgetMeasure) -> float:
        return float(getattr(self, measure.value))


class BudgetRung(Record):
    """A limit that a run, or its team's day, has come to. Rung 1 asks or forces a conclusion, rung 2 stops."""

    rung: int
    scope: BudgetScope
    measure: BudgetMeasure
    spent: float
    limit: float


class Solution(Record):
    """The answer: each claim rests on evidence; `verdict` is computed from the ledger, never by the model."""

    verdict: Verdict
    summary: str = Field(description="What is going on, in one or two sentences")
    root_cause: str = ""
    claims: list[Claim] = []
    locations: list[CodeLocation] = []
    suspect_commit: SuspectCommit | None = None
    unresolved: list[str] = Field(default=[], description="What is still open")
    would_decide: list[str] = []
    next_step: str
    owners: list[OwnerHint] = []
    proposed_fix: str = Field(default="", description="How to mend it, in words")
    patch: Patch | None = None
    dropped_claims: int = Field(default=0, description="Claims removed because no usable evidence backs them")
    budget: BudgetRung | None = Field(default=None, description="The limit that ended the investigation early, if one did")
    used_llm: bool = True
    usage: Usage = Usage()

    @model_validator(mode="before")
    @classmethod
    def _read_earlier_form(cls, value: Any) -> Any:
        """Solutions that were stored before claims had kinds kept what was ruled out as sentences of their own."""
        if not isinstance(value, dict) or "ruled_out" not in value:
            return value
        told = [{"statement": text, "evidence": [], "kind": ClaimKind.RULED_OUT} for text in value["ruled_out"]]
        kept = {key: part for key, part in value.items() if key != "ruled_out"}
        return {**kept, "claims": [*value.get("claims", []), *told]}

    def claims_of(self, kind: ClaimKind) -> list[Claim]:
        return [claim for claim in self.claims if claim.kind is kind]


SUPERSEDED_BY = "the run"
"""In whose name a request is closed that no longer matters."""


class IssueOutcome(Record):
    """How a closed issue really ended, as far as a person said so; all of it may be left out."""

    answer: Literal["", "right", "wrong"] = Field(default="", description="Whether the latest answer of SAHUR was right")
    is_outside: bool = Field(default=False, description="Nothing in the code caused it")
    commit: str = Field(default="", description="Full sha of the commit that caused it")
    files: list[str] = Field(default=[], description="Files in which it was caused")
    functions: list[str] = []


class Closing(Record):
    """When, by whom and with what cause an issue was closed."""

    at: datetime
    by: str
    resolution: str
    outcome: IssueOutcome = IssueOutcome()


class EarlierAnswer(Record):
    """What an earlier run of the same issue came to, and how the issue was closed, if it is."""

    run_number: int
    solution: Solution
    closing: Closing | None = None


class InputRequest(Record):
    """Something that only a person can give. `default` says what happens at `expires_at` without an answer."""

    id: str
    kind: InputKind
    prompt: str
    tool: str = ""
    arguments: dict[str, Any] = {}
    arguments_hash: str = ""
    arguments_schema: dict[str, Any] = Field(default={}, description="JSON Schema of the arguments; empty: they cannot be edited")
    default: str = ""
    expires_at: datetime | None = None
    allowed_decisions: list[Decision] = Field(default=[], description="What people may decide; empty: all that fit its kind")
    answerable_by: str = Field(default="responder", description="The least role that may answer: `responder` or `admin`")
    decision: Decision | None = None
    answer: str = ""
    answered_by: str = Field(default="", description="Empty while it is open; set without a decision if nobody answered in time")
    superseded_reason: str = Field(default="", description="Why it was closed without an answer; empty if it was not")
