"""What one person keeps for reading: what was seen, and the lists that are looked at again and again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from sahur.accounts.models import new_id
from sahur.issues.models.issue import Issue


class ReadMark(models.Model):
    """Up to when a person has seen an issue: what changed later is unread.

    Without a mark it is what changed since the person's account was made.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="read_marks")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "issue"], name="one_mark_per_reader")]

    def __str__(self) -> str:
        return f"{self.issue_id} seen by {self.user_id}"


class SavedView(models.Model):
    """A search with its filters under a name, as the address of the list carries it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000, blank=True, help_text="Of the address, without the question mark.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_view_per_name")]

    def __str__(self) -> str:
        return self.name
