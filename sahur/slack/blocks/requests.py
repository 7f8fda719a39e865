"""What a run asks of people, as a message of its own in the thread; answered on the page until buttons come."""

from __future__ import annotations

import json
from datetime import datetime

from sahur.accounts.models import MemberRole
from sahur.issues import models
from sahur.slack.blocks.block_kit import CODE_CHARS, Block, Post, code, context, fallback, section
from sahur.slack.markup import escape, escape_code
from sahur_core.issues import Decision, InputKind

TITLES = {
    InputKind.QUESTION: ":raising_hand: *A question for you*",
    InputKind.APPROVAL: ":lock: *Approval needed*",
    InputKind.BUDGET: ":moneybag: *A limit is reached*",
    InputKind.JOIN: ":link: *This looks like a problem that is being investigated already*",
}
DECISIONS = {
    Decision.APPROVE: "Approved",
    Decision.EDIT: "Approved with changes",
    Decision.REJECT: "Rejected",
    Decision.RESPOND: "Answered",
}


def request_post(request: models.InputRequest) -> Post:
    """What is asked, and where to answer; once it is closed, how."""
    issue = request.run.issue
    blocks = [section(f"{TITLES[InputKind(request.kind)]}\n{escape(request.prompt)}")]
    if request.tool:
        blocks += _call(request)
    if request.answered_at is None:
        blocks.append(section(f"<{issue.address}?run={request.run.number}|Answer on the page>{_who(request)}"))
        if request.expires_at is not None:
            blocks.append(context(_deadline(request.expires_at, request.default)))
    else:
        blocks.append(context(_closing(request)))
    return Post(text=fallback(f"{issue.key}: {request.prompt}"), blocks=blocks)


def _call(request: models.InputRequest) -> list[Block]:
    """The exact call that is to be approved; one that does not fit says so, as nobody may approve half of it."""
    arguments = json.dumps(request.arguments, ensure_ascii=False, indent=1)
    name = section(f"`{escape(request.tool)}`")
    if len(escape_code(arguments)) > CODE_CHARS:
        return [name, section("Its arguments are too long for Slack: read them on the page.")]
    return [name, section(code(arguments))]


def _who(request: models.InputRequest) -> str:
    return " (admins of the team)" if request.answerable_by == MemberRole.ADMIN else ""


def _deadline(at: datetime, default: str) -> str:
    """Slack shows the time in the reader's own zone."""
    when = f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>"
    return f"Until {when}; without an answer: {escape(default or 'it goes on without')}"


def _closing(request: models.InputRequest) -> str:
    if request.superseded_reason:
        return f"Closed without an answer: {escape(request.superseded_reason)}"
    if not request.decision:
        return f"Nobody answered in time: {escape(request.default or 'it goes on without')}"
    words = f": {escape(request.answer)}" if request.answer else ""
    return f"{DECISIONS[Decision(request.decision)]} by {escape(request.answered_by)}{words}"
