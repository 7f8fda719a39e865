"""What a run asks of people, as a message of its own in the thread, with a button for each decision.

Nobody may approve what they do not see: where the exact call does not fit into a message, holds what looks like a secret, or
is none of these readers' business, the page is the only way.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sahur.accounts.models import MemberRole
from sahur.issues import mapping, models
from sahur.issues.redaction import without_secrets
from sahur.slack.blocks import actions
from sahur.slack.blocks.block_kit import CODE_CHARS, Block, Post, code, context, fallback, plain_text, section
from sahur.slack.markup import escape, escape_code
from sahur_core.issues import Decision, InputKind
from sahur_core.tools.decisions import allowed_on

TITLES = {
    InputKind.QUESTION: ":raising_hand: *A question for you*",
    InputKind.APPROVAL: ":lock: *Approval needed*",
    InputKind.BUDGET: ":moneybag: *A limit is reached*",
    InputKind.JOIN: ":link: *The same problem?*",
}
DECISIONS = {
    Decision.APPROVE: "Approved",
    Decision.EDIT: "Approved with changes",
    Decision.REJECT: "Rejected",
    Decision.RESPOND: "Answered",
}
LABELS: dict[InputKind, dict[Decision, str]] = {
    InputKind.QUESTION: {Decision.RESPOND: "Answer…", Decision.REJECT: "Let the default hold"},
    InputKind.APPROVAL: {
        Decision.APPROVE: "Approve",
        Decision.EDIT: "Change…",
        Decision.RESPOND: "Answer instead…",
        Decision.REJECT: "Reject",
    },
    InputKind.BUDGET: {Decision.APPROVE: "Go on", Decision.EDIT: "Another amount…", Decision.REJECT: "Finish now"},
    InputKind.JOIN: {Decision.APPROVE: "Join it", Decision.REJECT: "Investigate it by itself"},
}
"""What the buttons say, in their order; those that end in dots open a form."""
WITH_FORM = (Decision.EDIT, Decision.RESPOND)
STYLES = {Decision.APPROVE: "primary", Decision.REJECT: "danger"}
HIDDEN_CALL = "Its arguments cannot be shown here in full: read them, and decide, on the page."


@dataclass(frozen=True)
class Other:
    """The issue that a report may join. Without a title it is none of these readers' business; `thread` is Slack's address."""

    key: str
    address: str
    title: str = ""
    thread: str = ""


@dataclass(frozen=True)
class Joined:
    """What became of an offer that was taken: it holds, somebody has undone it, or (`is_late`) the other run had ended."""

    undone_by: str = ""
    is_late: bool = False


@dataclass(frozen=True)
class Seen:
    """What the readers of a thread may see of a request. `is_whole`: all of it is theirs to see, and so to decide."""

    prompt: str
    said: str = ""
    """The answer, or why it was closed without one."""
    default: str = ""
    is_whole: bool = True
    other: Other | None = None
    """Of an offer to join: which issue."""
    joined: Joined = Joined()

    @classmethod
    def all_of(cls, request: models.InputRequest) -> Seen:
        return cls(request.prompt, request.superseded_reason or request.answer, request.default)


def request_post(request: models.InputRequest, seen: Seen | None = None) -> Post:
    """What is asked, and how to answer; once it is closed, how it was. Without `seen` all of it is shown."""
    seen = seen or Seen.all_of(request)
    issue = request.run.issue
    if request.kind == InputKind.JOIN and request.answered_at is not None:
        # The card says the rest.
        return Post(text=fallback(f"{issue.key}: {seen.prompt}"), blocks=[context(escape(outcome_of(request, seen)))])
    blocks = [section(f"{TITLES[InputKind(request.kind)]}\n{escape(seen.prompt)}")]
    blocks += [section(_other(seen.other))] if seen.other else []
    if request.tool:
        blocks += _call(request) if seen.is_whole else [section(HIDDEN_CALL)]
    if request.answered_at is None:
        if seen.is_whole and is_decidable(request):
            blocks.append({"type": "actions", "block_id": f"input:{request.id}", "elements": _buttons(request)})
        blocks.append(context(f"<{issue.address}?run={request.run.number}|Answer on the page>{_who(request)}"))
        if request.expires_at is not None:
            blocks.append(context(_deadline(request.expires_at, seen.default)))
    else:
        blocks.append(context(escape(outcome_of(request, seen))))
    return Post(text=fallback(f"{issue.key}: {seen.prompt}"), blocks=blocks)


def not_here(request: models.InputRequest) -> Post:
    """The thread tells another issue by now: what this one asks is none of it."""
    text = f"This was asked for {request.run.issue.key}, which this thread tells no more."
    return Post(text=fallback(text), blocks=[context(text)])


def is_decidable(request: models.InputRequest) -> bool:
    """Whether a message can show all that somebody has to see before they decide."""
    if not request.tool:
        return True
    arguments = shown_arguments(request.arguments)
    return len(escape_code(arguments)) <= CODE_CHARS and not without_secrets(arguments)[1]


def shown_arguments(arguments: dict[str, Any]) -> str:
    """As JSON that says exactly this and can be sent back: what no one would see, or what would end a block of code, is
    written as its number."""
    text = json.dumps(arguments, ensure_ascii=False, indent=1).replace("```", "\\u0060\\u0060\\u0060")
    return "".join(_as_number(letter) if _is_hidden(letter) else letter for letter in text)


def outcome_of(request: models.InputRequest, seen: Seen) -> str:
    """How a closed request was decided, and by whom, as plain text."""
    words = f": {seen.said}" if seen.said else ""
    if request.superseded_reason:
        return f"Closed without an answer{words}"
    if not request.decision:
        return f"Nobody answered in time: {seen.default or 'it goes on without'}"
    if request.kind == InputKind.JOIN:
        if request.decision == Decision.REJECT:
            return f"{request.answered_by} lets it be investigated by itself{words}"
        return _became(request, seen.joined)
    return f"{DECISIONS[Decision(request.decision)]} by {request.answered_by}{words}"


def _became(request: models.InputRequest, joined: Joined) -> str:
    key = request.arguments.get("issue", "")
    if joined.is_late:
        return f"{request.answered_by} has joined {key}, which had ended by then: this is investigated by itself"
    undone = f"; undone by {joined.undone_by}" if joined.undone_by else ""
    return f"Joined {key}, by {request.answered_by}{undone}"


def _other(other: Other) -> str:
    link = f"*<{other.address}|{other.key}>*"
    if not other.title:
        return f"{link} was reported in a place that not everybody here reads: here only a part of it would be told."
    there = f"  ·  <{other.thread}|where it is discussed>" if other.thread else ""
    return f"{link}: {escape(other.title)}{there}"


def _call(request: models.InputRequest) -> list[Block]:
    """The exact call that is to be approved."""
    name = section(f"`{escape(request.tool)}`")
    return [name, section(code(shown_arguments(request.arguments)) if is_decidable(request) else HIDDEN_CALL)]


def _buttons(request: models.InputRequest) -> list[dict[str, Any]]:
    allowed = set(allowed_on(mapping.input_request(request)))
    labels = LABELS[InputKind(request.kind)]
    return [_button(request, decision, label) for decision, label in labels.items() if decision in allowed]


def _button(request: models.InputRequest, decision: Decision, label: str) -> dict[str, Any]:
    does = actions.INPUT_OPEN if decision in WITH_FORM else actions.INPUT_DECIDE
    button: dict[str, Any] = {
        "type": "button",
        "action_id": f"{does}:{decision.value}",
        "text": plain_text(label),
        # With the hash of what is shown above it: nobody decides about anything else.
        "value": f"{request.id} {request.arguments_hash}",
    }
    # Declining a question or an offer is no danger.
    if decision in STYLES and (decision is Decision.APPROVE or request.kind == InputKind.APPROVAL):
        button["style"] = STYLES[decision]
    if decision is Decision.APPROVE and request.kind == InputKind.APPROVAL and request.answerable_by == MemberRole.ADMIN:
        button["confirm"] = _confirm(request.tool)
    return button


def _confirm(tool: str) -> dict[str, Any]:
    """For calls that only admins may approve: they can destroy something."""
    return {
        "title": plain_text("Make this call?"),
        "text": plain_text(f"{tool} can destroy something. It is called with exactly what is shown here."[:300]),
        "confirm": plain_text("Approve"),
        "deny": plain_text("Back"),
        "style": "danger",
    }


def _who(request: models.InputRequest) -> str:
    return " (admins of the team)" if request.answerable_by == MemberRole.ADMIN else ""


def _deadline(at: datetime, default: str) -> str:
    """Slack shows the time in the reader's own zone."""
    when = f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>"
    return f"Until {when}; without an answer: {escape(default or 'it goes on without')}"


def _is_hidden(letter: str) -> bool:
    return letter != "\n" and unicodedata.category(letter) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def _as_number(letter: str) -> str:
    return json.dumps(letter)[1:-1] if ord(letter) > 127 else f"\\u{ord(letter):04x}"
