from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from sahur.accounts.models import Team, new_id

POLL_SECONDS = 300


def first_poll() -> datetime:
    """A new repository is cloned at once; nobody need ask again before an interval has passed."""
    return timezone.now() + timedelta(seconds=POLL_SECONDS)


class Repository(models.Model):
    """A git repository that the team's runs may read. `source` is an https/ssh URL or a local path."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="repositories")
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=1000)
    default_branch = models.CharField(max_length=200, blank=True, help_text="Empty: what the remote says.")
    poll_seconds = models.PositiveIntegerField(
        default=POLL_SECONDS,
        db_default=POLL_SECONDS,
        help_text="Every how many seconds the remote is asked for news; 0: never, only when a run or a webhook asks.",
    )
    next_poll_at = models.DateTimeField(default=first_poll, db_default=Now(), editable=False)
    failures = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False, help_text="In a row; polls slow down.")
    used_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False, help_text="Last asked for by a run.")
    webhook_secret = models.TextField(blank=True, db_default="", editable=False, help_text="Sealed; empty: no webhook.")
    webhook_set_at = models.DateTimeField(null=True, blank=True, editable=False)
    webhook_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    test_command = models.CharField(
        max_length=500,
        blank=True,
        db_default="",
        help_text="Runs in the sandbox to test a proposed patch, such as `pytest -q`; empty: the sandbox is off.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "source"], name="one_repository_per_source"),
            models.UniqueConstraint(fields=["team", "name"], name="one_repository_per_name"),
        ]
        indexes = [
            models.Index(fields=["next_poll_at"], condition=models.Q(poll_seconds__gt=0), name="repository_polled"),
        ]
        verbose_name_plural = "repositories"

    def __str__(self) -> str:
        return self.name


class CredentialKind(models.TextChoices):
    HTTPS = "https", "User name and token"
    SSH = "ssh", "Private key"


class RepositoryCredential(models.Model):
    """What a private repository is read with. Only the indexer opens `sealed`; nothing else ever shows it."""

    repository = models.OneToOneField(Repository, primary_key=True, on_delete=models.CASCADE, related_name="credential")
    kind = models.CharField(max_length=5, choices=CredentialKind.choices)
    sealed = models.TextField(editable=False)
    set_by = models.CharField(max_length=200)
    set_at = models.DateTimeField(default=timezone.now)
    worked_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.kind} credential of {self.repository}"


class CheckoutState(models.TextChoices):
    PENDING = "pending", "Pending"
    CLONING = "cloning", "Cloning"
    INDEXING = "indexing", "Indexing"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class Checkout(models.Model):
    """A revision of a repository, cloned and indexed on one host. `commit` is what can be read there by now.

    Whoever wants it looked at (again) raises `wanted`; the indexer sets `done` to the `wanted` that it found when it
    began. So no clock decides whether a request was served, and requests that come meanwhile are not lost.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="checkouts")
    host = models.CharField(max_length=100, blank=True, db_default="", help_text="Of SAHUR_INDEX_HOSTS; empty: the only one.")
    revision = models.CharField(max_length=200, blank=True, help_text="As asked for; empty: the default branch.")
    commit = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=CheckoutState.choices, default=CheckoutState.PENDING)
    error_code = models.CharField(max_length=50, blank=True)
    error = models.TextField(blank=True)
    next_step = models.TextField(blank=True, db_default="")
    progress = models.CharField(max_length=200, blank=True)
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    files_done = models.PositiveIntegerField(null=True, blank=True)
    files_total = models.PositiveIntegerField(null=True, blank=True)
    size_bytes = models.BigIntegerField(null=True, blank=True, help_text="Of clone and indexes of the repository on this host.")
    wanted = models.PositiveIntegerField(default=1, db_default=1)
    done = models.PositiveIntegerField(default=0, db_default=0)
    is_rebuild = models.BooleanField(default=False, db_default=False, help_text="The index is to be made anew.")
    attempt = models.PositiveIntegerField(default=0, db_default=0, help_text="Fences an indexer that was given up.")
    crashes = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Attempts lost in a row.")
    lease_until = models.DateTimeField(null=True, blank=True)
    hinted_at = models.DateTimeField(default=timezone.now, db_default=Now())
    requested_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When the remote was last asked with success.")
    ready_at = models.DateTimeField(null=True, blank=True, help_text="Since when the commit can be read.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repository", "revision", "host"], name="one_checkout_per_revision")]
        indexes = [
            models.Index(fields=["host", "hinted_at"], condition=models.Q(done__lt=models.F("wanted")), name="checkout_due"),
        ]

    def __str__(self) -> str:
        return f"{self.repository} at {self.commit[:12] or self.revision or 'default branch'}"

    @property
    def is_settled(self) -> bool:
        """Whether nobody has to do anything before it can be read, or is known to be unreadable."""
        return self.state in (CheckoutState.READY, CheckoutState.FAILED)


class RepositoryRemoval(models.Model):
    """A repository that was removed and whose clone and index are still on a host."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    repository_id = models.UUIDField()
    host = models.CharField(max_length=100, blank=True)
    hinted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repository_id", "host"], name="one_removal_per_host")]

    def __str__(self) -> str:
        return f"removal of {self.repository_id} on {self.host or 'the only host'}"
