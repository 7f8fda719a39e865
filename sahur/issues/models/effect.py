from __future__ import annotations

from django.db import models
from django.utils import timezone

from sahur.accounts.models import new_id
from sahur.issues.models.issue import Issue
from sahur.issues.models.run import Run
from sahur.issues.models.slack import SlackThread


class EffectState(models.TextChoices):
    PENDING = "pending", "Pending"
    STARTED = "started", "Started"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Effect(models.Model):
    """A side effect outside of SAHUR, once per key. Written in the transaction of the event that causes it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=300, unique=True)
    kind = models.CharField(max_length=50)
    issue = models.ForeignKey(Issue, null=True, blank=True, on_delete=models.CASCADE, related_name="effects")
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.CASCADE, related_name="effects")
    thread = models.ForeignKey(SlackThread, null=True, blank=True, on_delete=models.CASCADE, related_name="effects")
    state = models.CharField(max_length=10, choices=EffectState.choices, default=EffectState.PENDING)
    attempt = models.PositiveIntegerField(default=0, help_text="Deliveries started; above 1 the remote side is looked up first.")
    payload = models.JSONField(default=dict)
    result = models.JSONField(default=dict, blank=True)
    last_error = models.TextField(blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=models.Q(state__in=["pending", "started"]), name="effect_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class Inbound(models.Model):
    """A delivery that was already turned into an issue: a Slack event, an `Idempotency-Key`."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=100)
    external_id = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64, blank=True)
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="+")
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="one_inbound_per_delivery")]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"
