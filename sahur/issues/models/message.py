from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from sahur.accounts.models import new_id
from sahur.issues.models.choices import choices
from sahur.issues.models.run import Run
from sahur_core.issues import MessageStatus, Role


class Message(models.Model):
    """Something said in a run, with a role. A person's message has a status; the model's transcript has none.

    Of what an alert tool has said in no thread of the issue, `slack` names the `channel` instead.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="messages")
    role = models.CharField(max_length=10, choices=choices(Role))
    status = models.CharField(max_length=15, choices=choices(MessageStatus), blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    body = models.JSONField(default=dict, blank=True, help_text="The model's message as LangChain serializes it.")
    client_id = models.CharField(max_length=100, null=True, blank=True)
    is_urgent = models.BooleanField(default=False, db_default=False, help_text="The model call under way is given up for it.")
    slack = models.JSONField(default=dict, blank=True, db_default={}, help_text="Where it was said: thread (our id), ts.")
    taken_in_at_step = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "client_id"], name="one_message_per_client_id")]
        indexes = [models.Index(fields=["run", "status"], condition=models.Q(status="queued"), name="message_queued")]

    def __str__(self) -> str:
        return f"{self.role}: {self.text[:60]}"
