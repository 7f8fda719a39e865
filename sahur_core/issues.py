"""The nouns of SAHUR as plain data: what was reported, what was done about it, what was found.

Tables, API, events and screen use the same names (design glossary: docs/architecture.md). Ids of rows are strings of
UUIDv7; `Issue.key` (`SAH-12`) is what people see.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class IssueStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_terminal(self) -> bool:
        return self in (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELED)


class Stage(StrEnum):
    """One Celery task of the chain, in the order of the chain."""

    GATHER_CONTEXT = "gather_context"
    ANALYZE = "analyze"
    PROPOSE_SOLUTION = "propose_solution"
    PUBLISH = "publish"

    @property
    def next(self) -> Stage | None:
        stages = list(Stage)
        position = stages.index(self) + 1
        return stages[position] if position < len(stages) else None


class Source(StrEnum):
    """Where a report came in."""

    SLACK = "slack"
    WEB = "web"
    API = "api"
    CLI = "cli"


class Role(StrEnum):
    """Who speaks in a message, in the words of the model vendors."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class MessageStatus(StrEnum):
    """What became of a message that a person sent into a run."""

    QUEUED = "queued"
    TAKEN_IN = "taken_in"
    CARRIED_OVER = "carried_over"


class ToolResultStatus(StrEnum):
    OK = "ok"
    ERROR = "error"
    NO_DATA = "no_data"
    DENIED = "denied"
    AWAITING_APPROVAL = "awaiting_approval"


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    LIKELY = "likely"
    INCONCLUSIVE = "inconclusive"

    @property
    def rank(self) -> int:
        """0 for the weakest; a verification pass may lower it, never raise it."""
        return (Verdict.INCONCLUSIVE, Verdict.LIKELY, Verdict.CONFIRMED).index(self)


class InputKind(StrEnum):
    QUESTION = "question"
    APPROVAL = "approval"
    BUDGET = "budget"


class Decision(StrEnum):
    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"
    RESPOND = "respond"


class Record(BaseModel):
    """Base of the plain data: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RepositoryRef(Record):
    """A repository that a run may read. `commit` is empty until the repository was prepared."""

    id: str
    name: str
    commit: str = ""


class Report(Record):
    """What somebody reported, as the workflow reads it. All of its text is untrusted."""

    issue_key: str
    title: str
    body: str
    source: Source
    repository: RepositoryRef | None = None
    reported_at: datetime


class PersonMessage(Record):
    """Something that a person said to a run."""

    id: str
    author: str
    text: str
    said_at: datetime


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


class CodeLocation(Record):
    path: str
    function: str = ""
    line: int | None = None


class SuspectCommit(Record):
    sha: str
    summary: str
    author: str = ""
    committed_at: datetime | None = None


class Usage(Record):
    """What a run spent on models. `cost_usd` is None where no price is known."""

    model: str = ""
    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None


class Solution(Record):
    """The answer: each claim rests on evidence; `verdict` is computed from the ledger, never by the model."""

    verdict: Verdict
    summary: str = Field(description="What is going on, in one or two sentences")
    root_cause: str = ""
    claims: list[Claim] = []
    locations: list[CodeLocation] = []
    suspect_commit: SuspectCommit | None = None
    ruled_out: list[str] = []
    would_decide: list[str] = []
    next_step: str
    proposed_fix: str = ""
    dropped_claims: int = Field(default=0, description="Claims removed because no usable evidence backs them")
    used_llm: bool = True
    usage: Usage = Usage()


class InputRequest(Record):
    """Something that only a person can give. `default` says what happens at `expires_at` without an answer."""

    id: str
    kind: InputKind
    prompt: str
    tool: str = ""
    arguments: dict[str, Any] = {}
    arguments_hash: str = ""
    default: str = ""
    expires_at: datetime | None = None
    decision: Decision | None = None
    answer: str = ""
    answered_by: str = Field(default="", description="Empty while it is open; set without a decision if nobody answered in time")
