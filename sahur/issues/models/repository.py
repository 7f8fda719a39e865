from __future__ import annotations

from django.db import models
from django.utils import timezone

from sahur.accounts.models import Team, new_id


class Repository(models.Model):
    """A git repository that the team's runs may read. `source` is an https/ssh URL or a local path."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="repositories")
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=1000)
    default_branch = models.CharField(max_length=200, blank=True, help_text="Empty: what the remote says.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "source"], name="one_repository_per_source"),
            models.UniqueConstraint(fields=["team", "name"], name="one_repository_per_name"),
        ]
        verbose_name_plural = "repositories"

    def __str__(self) -> str:
        return self.name


class CheckoutState(models.TextChoices):
    PENDING = "pending", "Pending"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class Checkout(models.Model):
    """A revision of a repository, cloned and indexed by the indexer. `commit` is known once it is ready."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="checkouts")
    revision = models.CharField(max_length=200, blank=True, help_text="As asked for; empty: the default branch.")
    commit = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=CheckoutState.choices, default=CheckoutState.PENDING)
    error_code = models.CharField(max_length=50, blank=True)
    error = models.TextField(blank=True)
    progress = models.CharField(max_length=200, blank=True)
    requested_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repository", "revision"], name="one_checkout_per_revision")]

    def __str__(self) -> str:
        return f"{self.repository} at {self.commit[:12] or self.revision or 'default branch'}"
