from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from sahur.issues.models.run import Run


class Event(models.Model):
    """An append-only record that something happened, numbered without gaps within its run.

    Written only by `sahur.issues.events`, in SQL: the number comes from the lease row in the same statement.
    """

    pk = models.CompositePrimaryKey("run_id", "seq")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField()
    first_seq = models.PositiveBigIntegerField()
    attempt = models.PositiveIntegerField()
    kind = models.CharField(max_length=50)
    key = models.CharField(max_length=200, null=True, help_text="Set for facts: at most one per run.")
    payload = models.JSONField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], condition=models.Q(key__isnull=False), name="one_event_per_fact")
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"
