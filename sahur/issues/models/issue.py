from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone

from sahur.accounts.models import Team, new_id
from sahur.issues.models.choices import choices
from sahur.issues.models.repository import Repository
from sahur.issues.models.search import WordsField, words_of_issue
from sahur_core.issues import IssueStatus, Severity, Source


class Issue(models.Model):
    """The problem that somebody reported; it lives until it is closed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="issues")
    number = models.PositiveIntegerField(editable=False)
    key = models.CharField(max_length=24, unique=True, editable=False)
    title = models.CharField(max_length=300)
    body = models.TextField()
    status = models.CharField(max_length=10, choices=choices(IssueStatus), default=IssueStatus.OPEN.value)
    resolution = models.TextField(blank=True)
    outcome = models.JSONField(
        default=dict,
        db_default={},
        blank=True,
        help_text="Of a closed issue, where somebody told: sahur_core.issues.IssueOutcome.",
    )
    source = models.CharField(max_length=10, choices=choices(Source))
    source_ref = models.JSONField(default=dict, blank=True, help_text="Of a report in Slack: team, channel, thread_ts, user.")
    severity = models.CharField(max_length=10, choices=choices(Severity), blank=True, db_default="")
    fingerprints = ArrayField(
        models.CharField(max_length=200),
        default=list,
        db_default=[],
        blank=True,
        help_text="What the same problem has in common however it is worded: Sentry issue, error and frames, links.",
    )
    joined = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_index=False,
        related_name="+",
        help_text="The issue of the same problem that its reporter joined.",
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )
    reporter_name = models.CharField(max_length=200)
    repository = models.ForeignKey(
        Repository, null=True, blank=True, on_delete=models.SET_NULL, db_index=False, related_name="issues"
    )
    revision = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    words = models.GeneratedField(expression=words_of_issue(), output_field=WordsField(), db_persist=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "number"], name="one_issue_per_number")]
        indexes = [
            # The list, newest first. There is none over all teams on purpose: it would be walked for other teams' issues.
            models.Index(fields=["team", "-created_at", "-id"]),
            models.Index(fields=["team", "status", "-created_at", "-id"], name="issue_team_status"),
            # The same list of one reporter or of one repository, in place of the indexes that foreign keys have.
            models.Index(fields=["team", "reporter_name", "-created_at", "-id"], name="issue_reporter_name"),
            models.Index(fields=["reporter", "-created_at", "-id"], name="issue_reporter"),
            models.Index(fields=["repository", "-created_at", "-id"], name="issue_repository"),
            # Searches are frequent and reports are rare: no list of new words that every search would have to read.
            GinIndex(fields=["words"], fastupdate=False, name="issue_words"),
            # Closed with a word on how it ended: few.
            models.Index(fields=["team", "closed_at"], condition=~models.Q(outcome={}), name="issue_outcome_told"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def address(self) -> str:
        """Where people see it."""
        return f"{settings.PUBLIC_URL}/issues/{self.key}/"


class Activity(models.Model):
    """A change of an issue outside a run, numbered within the issue."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="activity")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=50)
    actor = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "number"], name="one_activity_per_number")]
        verbose_name_plural = "activity"

    def __str__(self) -> str:
        return f"{self.issue.key} #{self.number} {self.kind}"
