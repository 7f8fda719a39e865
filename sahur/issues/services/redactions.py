"""People are told, once, that secrets were taken out of what they typed."""

from __future__ import annotations

from sahur.issues import events, models
from sahur_core.events import NoticeRaised
from sahur_core.redaction.marks import told

NEXT_STEP = "If they were real, replace them: they have been where you copied them from, and on the way here."


def tell(run: models.Run, count: int, where: str, *, key: str) -> None:
    """Tell it on the run, in the caller's transaction; the same `key` again is a no-op."""
    if count:
        notice = NoticeRaised(level="warning", message=told(count, where), next_step=NEXT_STEP)
        events.record(run, notice, key=f"redacted:{key}")
