"""The tables, one noun per file. Always write `models.Issue`, never the bare name: the core has an `Issue` of its own."""

from sahur.issues.models.budget import ModelPrice, RunUsage, TeamBudget, TeamUsage
from sahur.issues.models.effect import Effect, EffectState, Inbound
from sahur.issues.models.event import Event
from sahur.issues.models.evidence import Evidence, Receipt, Solution, ToolCall
from sahur.issues.models.feedback import Feedback, Vote
from sahur.issues.models.input_request import InputRequest
from sahur.issues.models.issue import Activity, Issue
from sahur.issues.models.message import Message
from sahur.issues.models.reader import ReadMark, SavedView
from sahur.issues.models.repository import (
    Checkout,
    CheckoutState,
    CredentialKind,
    Repository,
    RepositoryCredential,
    RepositoryRemoval,
)
from sahur.issues.models.run import Run, RunLease
from sahur.issues.models.slack import SlackChannel, SlackEarlyReply, SlackPace, SlackThread, SlackUser, SlackWorkspace

__all__ = [
    "Activity",
    "Checkout",
    "CheckoutState",
    "CredentialKind",
    "Effect",
    "EffectState",
    "Event",
    "Evidence",
    "Feedback",
    "Inbound",
    "InputRequest",
    "Issue",
    "Message",
    "ModelPrice",
    "ReadMark",
    "Receipt",
    "Repository",
    "RepositoryCredential",
    "RepositoryRemoval",
    "Run",
    "RunLease",
    "RunUsage",
    "SavedView",
    "SlackChannel",
    "SlackEarlyReply",
    "SlackPace",
    "SlackThread",
    "SlackUser",
    "SlackWorkspace",
    "Solution",
    "TeamBudget",
    "TeamUsage",
    "ToolCall",
    "Vote",
]
