"""Rows of feedback to the shapes of the REST door."""

from __future__ import annotations

from sahur.accounts.actor import Actor
from sahur.api import shapes
from sahur.issues import models


def feedback_of(run: models.Run, reader: Actor) -> list[shapes.Feedback]:
    """Of the answer and of each step that anybody voted on, the answer first."""
    by_step: dict[str, list[models.Feedback]] = {}
    for given in run.feedback.order_by("step", "created_at", "id"):
        by_step.setdefault(given.step, []).append(given)
    return [_of_step(step, rows, reader) for step, rows in by_step.items()]


def feedback_on(run: models.Run, step: str, reader: Actor) -> shapes.Feedback:
    """Of one step, also where nobody voted."""
    return _of_step(step, list(run.feedback.filter(step=step).order_by("created_at", "id")), reader)


def _of_step(step: str, rows: list[models.Feedback], reader: Actor) -> shapes.Feedback:
    opinions = [
        shapes.Opinion.model_validate(
            {
                "author": row.author,
                "vote": row.vote,
                "comment": row.comment,
                "source": row.source,
                "changed_at": row.changed_at,
                "is_mine": row.user_id is not None and row.user_id == reader.user_id,
            }
        )
        for row in rows
    ]
    return shapes.Feedback(
        step=step,
        up=sum(row.vote == models.Vote.UP for row in rows),
        down=sum(row.vote == models.Vote.DOWN for row in rows),
        opinions=opinions,
    )
