from __future__ import annotations

from django.db import models
from django.utils import timezone

from sahur.accounts.models import Team, new_id
from sahur.issues.models.choices import choices
from sahur.issues.models.run import Run
from sahur_core.issues import ToolResultStatus, Verdict


class Receipt(models.Model):
    """The gateway's record of one tool call. Its id is given by the gateway; the same receipt may be sent twice."""

    id = models.UUIDField(primary_key=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="receipts")
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.CASCADE, related_name="receipts")
    attempt = models.PositiveIntegerField(null=True, blank=True)
    caller = models.CharField(max_length=200)
    upstream = models.CharField(max_length=64)
    tool = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=choices(ToolResultStatus))
    result = models.TextField(blank=True, help_text="Whole, but redacted.")
    result_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the redacted result.")
    result_bytes = models.PositiveIntegerField(default=0)
    redactions = models.PositiveIntegerField(default=0)
    is_cached = models.BooleanField(default=False)
    is_read = models.BooleanField(
        null=True,
        blank=True,
        help_text="Whether the call could change nothing, by the gateway's judgment; empty: not known.",
    )
    # Not a foreign key: a batch of receipts must not be lost because an old one was removed meanwhile.
    repeats = models.UUIDField(null=True, blank=True, help_text="The receipt whose call was made again.")
    duration_ms = models.PositiveIntegerField(default=0)
    trace_id = models.CharField(max_length=32, blank=True)
    called_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["team", "-called_at", "-id"], name="receipt_team_newest"),
            models.Index(fields=["team", "tool", "-called_at", "-id"], name="receipt_team_tool"),
            models.Index(fields=["repeats"], condition=models.Q(repeats__isnull=False), name="receipt_repeats"),
        ]

    def __str__(self) -> str:
        return f"{self.tool} {self.status}"


class ToolCall(models.Model):
    """One tool call as the run saw it."""

    id = models.CharField(primary_key=True, max_length=100)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="tool_calls")
    step_id = models.CharField(max_length=100)
    tool = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=choices(ToolResultStatus))
    text = models.TextField(blank=True)
    # Not a foreign key: receipts arrive in batches, later than the call.
    receipt_id = models.UUIDField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.tool} {self.status}"


class Evidence(models.Model):
    """A fact found, with the receipt that proves it. `number` is the `[n]` of citations."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="evidence")
    number = models.PositiveIntegerField()
    statement = models.TextField()
    excerpt = models.TextField(blank=True)
    receipt_id = models.UUIDField()
    tool = models.CharField(max_length=200)
    path = models.CharField(max_length=1000, blank=True)
    line = models.PositiveIntegerField(null=True, blank=True)
    commit = models.CharField(max_length=64, blank=True)
    found_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_evidence_per_number")]
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return f"[{self.number}] {self.statement[:60]}"


class Solution(models.Model):
    """What a run proposes. `body` is the whole `sahur_core.issues.Solution`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="solution")
    verdict = models.CharField(max_length=15, choices=choices(Verdict))
    summary = models.TextField()
    body = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.verdict}: {self.summary[:60]}"
