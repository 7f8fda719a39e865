"""What people may say about a run's answer and steps. Like `actions`: each checks the role and may be asked twice."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole
from sahur.batch import actions
from sahur.issues import models, selectors
from sahur.issues.redaction import clean_text
from sahur.issues.services import feedback, notices
from sahur_core.errors import Conflict, InputError
from sahur_core.issues import IssueOutcome, Source
from sahur_core.tools.storable import is_storable

MAX_COMMENT_CHARS = 2_000
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True)
class RealCause:
    """What somebody says that it really was, after an answer that was wrong."""

    text: str
    is_outside: bool = False
    """Nothing in the code caused it."""
    commit: str = ""
    closes: bool = False
    """Whether the issue is closed with it."""

    def as_comment(self) -> str:
        more = (["Nothing in the code caused it."] if self.is_outside else []) + (
            [f"Commit {self.commit}"] if self.commit else []
        )
        return "\n".join([self.text.strip(), *more])


def give_feedback(
    actor: Actor, run_id: UUID | str, vote: models.Vote, *, source: Source, step: str = "", comment: str | None = ""
) -> models.Run:
    """Say whether the answer, or one step, was helpful. A further vote replaces the first one.

    Without a comment (None) that of the same vote stays.
    """
    return _give(actor, run_id, vote, source=source, step=step, comment=comment).run


def _give(
    actor: Actor, run_id: UUID | str, vote: models.Vote, *, source: Source, step: str = "", comment: str | None = ""
) -> models.Feedback:
    run = selectors.get_run(actor, run_id)
    actor.require(run.issue.team_id, MemberRole.RESPONDER)
    comment = None if comment is None else _checked(comment)
    with transaction.atomic():
        given = feedback.give(run, step, vote, comment, _author(actor, source))
        detail = {"run": str(run.id), "step": step, "vote": vote.value}
        audit.record(actor, "feedback.given", run.issue.key, team_id=run.issue.team_id, detail=detail)
    return given


def _checked(comment: str) -> str:
    comment = comment.strip()
    if len(comment) > MAX_COMMENT_CHARS:
        raise InputError(
            f"The comment is longer than {MAX_COMMENT_CHARS:,} characters.", next_step="Shorten it.", field="comment"
        )
    if not is_storable(comment):
        raise InputError("The comment looks like binary data, not text.", next_step="Paste it as text.", field="comment")
    return clean_text(comment)


def tell_real_cause(actor: Actor, run_id: UUID | str, cause: RealCause, *, source: Source, said_in: str = "") -> str:
    """Store a vote against the answer with the cause as its comment and, if wanted, close the issue with it.

    Each thread of the issue is told so; `said_in` is the channel in which it was said, for who may read it.
    What became of the issue, in words; what somebody said before of how it ended stays.
    """
    cause = replace(cause, commit=cause.commit.strip().lower())
    if not cause.text.strip():
        raise InputError("The cause is empty.", next_step="Say what it was.", field="comment")
    if cause.commit and not _COMMIT.fullmatch(cause.commit):
        raise InputError("This is no commit.", next_step="Give its sha: 7 to 64 digits from 0 to f.", field="commit")
    with transaction.atomic():
        given = _give(actor, run_id, models.Vote.DOWN, source=source, comment=cause.as_comment())
        became = _close(actor, given.run.issue.key, cause) if cause.closes else ""
        notices.tell_cause(given, said_in)
    return became


def _close(actor: Actor, issue_key: str, cause: RealCause) -> str:
    outcome = IssueOutcome(answer="wrong", is_outside=cause.is_outside, commit=cause.commit)
    try:
        actions.close_issue(actor, issue_key, cause.text.strip(), outcome)
    except Conflict as refused:
        return str(refused)
    return f"{issue_key} is closed with it."


def withdraw_feedback(actor: Actor, run_id: UUID | str, *, source: Source, step: str = "") -> models.Run:
    """Take one's own vote back. Without one nothing changes."""
    run = selectors.get_run(actor, run_id)
    actor.require(run.issue.team_id, MemberRole.RESPONDER)
    with transaction.atomic():
        if feedback.withdraw(run, step, _author(actor, source)):
            detail = {"run": str(run.id), "step": step}
            audit.record(actor, "feedback.withdrawn", run.issue.key, team_id=run.issue.team_id, detail=detail)
    return run


def _author(actor: Actor, source: Source) -> feedback.Author:
    return feedback.Author(actor.name, actor.user_id, source, actor.slack_user)
