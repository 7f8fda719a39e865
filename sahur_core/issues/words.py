"""The words in which issues and runs are told: statuses, kinds, decisions."""

from __future__ import annotations

from enum import StrEnum


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


class Severity(StrEnum):
    """How bad the reporter says that it is, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


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
    WITHDRAWN = "withdrawn"


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


class ClaimKind(StrEnum):
    """What a claim says about the case. Each kind has its own heading in the answer."""

    ROOT_CAUSE = "root_cause"
    CONTRIBUTING_FACTOR = "contributing_factor"
    SYMPTOM = "symptom"
    RULED_OUT = "ruled_out"
    OBSERVATION = "observation"


class HypothesisStatus(StrEnum):
    """What became of a hypothesis since it was stated first."""

    STATED = "stated"
    STRENGTHENED = "strengthened"
    WEAKENED = "weakened"
    RULED_OUT = "ruled_out"


class ForkKind(StrEnum):
    """Why a run goes on from a checkpoint of another one."""

    RESUME = "resume"
    """The other one was stopped, or failed; this one goes on from where it was."""
    BRANCH = "branch"
    """Somebody asks what if it were otherwise; both lines stay."""


class BudgetScope(StrEnum):
    RUN = "run"
    TEAM = "team"
    """All runs of the team on this day (UTC)."""


class BudgetMeasure(StrEnum):
    TOKENS = "tokens"
    COST_USD = "cost_usd"
    TOOL_CALLS = "tool_calls"
    SECONDS = "seconds"
    """Wall time in which the run was being worked on; waiting for people does not count."""


class InputKind(StrEnum):
    QUESTION = "question"
    APPROVAL = "approval"
    BUDGET = "budget"
    JOIN = "join"
    """The same problem is being investigated already: approve joins that issue, reject investigates this one by itself."""


class Decision(StrEnum):
    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"
    RESPOND = "respond"
