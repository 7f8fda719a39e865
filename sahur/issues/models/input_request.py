from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from sahur.accounts.models import MemberRole, new_id
from sahur.issues.models.choices import choices
from sahur.issues.models.run import Run
from sahur_core.issues import Decision, InputKind


class InputRequest(models.Model):
    """Something that only a person can give. Answered by one conditional update: the first answer wins."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="input_requests")
    kind = models.CharField(max_length=10, choices=choices(InputKind))
    prompt = models.TextField()
    tool = models.CharField(max_length=200, blank=True)
    arguments = models.JSONField(default=dict, blank=True)
    arguments_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the exact arguments shown.")
    arguments_schema = models.JSONField(
        default=dict, blank=True, db_default={}, help_text="JSON Schema of the arguments: what an edit must keep to."
    )
    default = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    allowed_decisions = models.JSONField(default=list, blank=True, db_default=[], help_text="Empty: all that fit its kind.")
    answerable_by = models.CharField(
        max_length=10,
        choices=MemberRole.choices,
        default=MemberRole.RESPONDER,
        db_default=MemberRole.RESPONDER,
        help_text="The least role that may answer.",
    )
    superseded_reason = models.CharField(
        max_length=200, blank=True, db_default="", help_text="Why it was closed without an answer: it no longer matters."
    )
    decision = models.CharField(max_length=10, choices=choices(Decision), blank=True)
    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=200, blank=True)
    answered_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], condition=models.Q(answered_at__isnull=True), name="input_request_open")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.prompt[:60]}"
