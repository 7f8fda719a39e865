from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from sahur.accounts.models import new_id
from sahur.issues.models.choices import choices
from sahur.issues.models.issue import Issue
from sahur_core.issues import ForkKind, RunStatus, Stage, Verdict


class Run(models.Model):
    """One execution of the workflow on an issue. The row is also the outbox of its Celery chain."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField(editable=False)
    status = models.CharField(max_length=10, choices=choices(RunStatus), default=RunStatus.QUEUED.value)
    stage = models.CharField(max_length=20, choices=choices(Stage), default=Stage.GATHER_CONTEXT.value)
    verdict = models.CharField(max_length=15, choices=choices(Verdict), blank=True)
    failure = models.JSONField(default=dict, blank=True, help_text="Of a failed run: stage, code, cause, next_step.")
    asked_by = models.CharField(max_length=200)
    asked_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    forked_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="forks")
    fork_kind = models.CharField(max_length=10, choices=choices(ForkKind), blank=True, db_default="")
    fork_stage = models.CharField(
        max_length=20, choices=choices(Stage), blank=True, db_default="", help_text="The stage of the other run that was over."
    )
    fork_checkpoint = models.CharField(
        max_length=64, blank=True, db_default="", help_text="Where it goes on; empty: the other run had none yet."
    )
    model = models.CharField(max_length=200, blank=True)
    wanted_model = models.CharField(
        max_length=200, blank=True, db_default="", help_text="Asked for in place of the configured one, such as openai:gpt-5."
    )
    usage = models.JSONField(default=dict, blank=True)
    crashes = models.PositiveSmallIntegerField(default=0, help_text="Attempts lost in a row at the same checkpoint.")
    crashed_at = models.CharField(max_length=64, blank=True, help_text="The checkpoint at which the last attempt was lost.")
    resends = models.PositiveSmallIntegerField(default=0, help_text="How often the reaper sent the hint again.")
    dispatched_at = models.DateTimeField(default=timezone.now)
    commit = models.CharField(
        max_length=64, blank=True, db_default="", help_text="Of its repository, from the moment on when it could be read."
    )
    trace_id = models.CharField(max_length=32, blank=True)
    client_id = models.CharField(max_length=100, null=True, blank=True, help_text="Of the request that asked for it.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    status_since = models.DateTimeField(
        default=timezone.now, db_default=Now(), editable=False, help_text="When it came to its status, at its stage."
    )
    first_hypothesis_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Its own; a run that goes on from another one has none."
    )
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    pruned_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Checkpoints reduced to branch points.")
    compacted_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Streamed text joined.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issue", "number"], name="one_run_per_number"),
            models.UniqueConstraint(fields=["issue", "client_id"], name="one_run_per_client_id"),
        ]
        indexes = [
            models.Index(
                fields=["status", "dispatched_at"],
                condition=models.Q(status__in=["queued", "running", "waiting"]),
                name="run_live",
            ),
            models.Index(
                fields=["ended_at"], condition=models.Q(ended_at__isnull=False, pruned_at__isnull=True), name="run_unpruned"
            ),
            models.Index(
                fields=["ended_at"],
                condition=models.Q(ended_at__isnull=False, compacted_at__isnull=True),
                name="run_uncompacted",
            ),
            # What was answered in the last days.
            models.Index(fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="run_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.issue.key} run {self.number}"


class RunLease(models.Model):
    """What changes all the time: who owns the run, and the counter of its events.

    Narrow, with room on each page and no index on what changes, so that updates stay in place. A transaction locks this
    row last. The run is owned by `attempt` exactly while `lease_until` is set, which is a time of the database's clock.
    """

    run = models.OneToOneField(Run, primary_key=True, on_delete=models.CASCADE, related_name="lease")
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    owner = models.CharField(max_length=64, blank=True)
    next_seq = models.PositiveBigIntegerField(default=1)
    stop_requested_by = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"attempt {self.attempt} of {self.run_id}"
