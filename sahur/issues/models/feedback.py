from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from sahur.accounts.models import new_id
from sahur.issues.models.choices import choices
from sahur.issues.models.run import Run
from sahur_core.issues import Source


class Vote(models.IntegerChoices):
    DOWN = -1, "Not helpful"
    UP = 1, "Helpful"


class Feedback(models.Model):
    """What a person thinks of a run's answer, or of one of its steps. It may be changed; the last one holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="feedback")
    step = models.CharField(max_length=200, blank=True, help_text="Id of the step; empty: the answer.")
    author = models.CharField(max_length=200, help_text="Name of the person, kept when the user is gone.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    slack_user = models.CharField(
        max_length=70,
        blank=True,
        db_default="",
        help_text="Of somebody without an account: workspace/user.",
    )
    vote = models.SmallIntegerField(choices=Vote.choices)
    comment = models.TextField(blank=True)
    source = models.CharField(max_length=10, choices=choices(Source))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step", "user"], name="one_vote_per_person")]
        verbose_name_plural = "feedback"

    def __str__(self) -> str:
        return f"{self.author} on {self.run_id} {self.step}: {self.vote:+d}"
