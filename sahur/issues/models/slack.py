"""What SAHUR knows of Slack: the workspaces that it is in, their people and channels, and the threads that it answers in.

Ids are Slack's own (`T…`, `U…`, `C…`). A workspace that is connected by `SLACK_BOT_TOKEN` alone has no row of its own.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from sahur.accounts.models import MemberRole, Team, new_id
from sahur.issues.models.issue import Issue
from sahur.issues.models.repository import Repository


class SlackWorkspace(models.Model):
    """A workspace in which the app was installed over OAuth. Its tokens are sealed; revoked ones are emptied."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace_id = models.CharField(max_length=32, unique=True)
    enterprise_id = models.CharField(max_length=32, blank=True)
    name = models.CharField(max_length=200, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="slack_workspaces", help_text="Gets its reports.")
    app_id = models.CharField(max_length=32, blank=True)
    bot_user_id = models.CharField(max_length=32, blank=True)
    scopes = models.TextField(blank=True, help_text="As Slack granted them, with commas between.")
    sealed_tokens = models.TextField(blank=True, editable=False, help_text="bot_token, and refresh_token if tokens rotate.")
    token_expires_at = models.DateTimeField(null=True, blank=True, help_text="None: tokens do not rotate.")
    guest_role = models.CharField(
        max_length=10,
        choices=MemberRole.choices,
        default=MemberRole.RESPONDER,
        blank=True,
        help_text="What people may do who have no account here; empty: nothing.",
    )
    installed_by = models.CharField(max_length=200)
    installed_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=200, blank=True, help_text="In Slack's words, such as token_revoked.")

    def __str__(self) -> str:
        return f"{self.name or self.workspace_id} for {self.team.key}"


class SlackUser(models.Model):
    """A person in a workspace, and the account here that is the same person, if that is known."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace_id = models.CharField(max_length=32)
    user_id = models.CharField(max_length=32)
    name = models.CharField(max_length=200, blank=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="slack_users"
    )
    linked_by = models.CharField(max_length=200, blank=True, help_text="`email`, or who linked them; empty: nobody.")
    linked_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When Slack was last asked who this is.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace_id", "user_id"], name="one_slack_user")]

    def __str__(self) -> str:
        return self.name or self.user_id


class SlackChannel(models.Model):
    """A channel: what Slack says of it, and what an admin here has set for it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace_id = models.CharField(max_length=32)
    channel_id = models.CharField(max_length=32)
    name = models.CharField(max_length=200, blank=True)
    is_private = models.BooleanField(null=True, blank=True, help_text="Unknown until Slack was asked; counts as private.")
    is_member = models.BooleanField(null=True, blank=True, help_text="Whether the bot was in it when Slack was last asked.")
    is_shared = models.BooleanField(default=False, db_default=False, help_text="People of other companies read it, too.")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When Slack was last asked what this is.")
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Gets its reports.",
    )
    repository = models.ForeignKey(
        Repository, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="What its reports are about."
    )
    takes_alerts = models.BooleanField(default=False, help_text="Every post of another app that is no reply is a report.")
    changed_by = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace_id", "channel_id"], name="one_slack_channel")]

    def __str__(self) -> str:
        return f"#{self.name}" if self.name else self.channel_id


class SlackThread(models.Model):
    """A thread in which an issue is told: where it was reported, and where the same problem was reported again.

    `root_ts` is empty until our own first message is posted, where the report was no message (slash command).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="slack_threads")
    workspace_id = models.CharField(max_length=32)
    channel_id = models.CharField(max_length=32)
    root_ts = models.CharField(max_length=32, blank=True)
    user_id = models.CharField(max_length=32, blank=True, help_text="Who reported there.")
    joined_from = models.ForeignKey(
        Issue,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="joined_threads",
        help_text="The issue that was reported in this thread, and joined this one; none: it is this one.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace_id", "channel_id", "root_ts"], condition=~models.Q(root_ts=""), name="one_slack_thread"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.root_ts or 'not posted yet'}"


class SlackEarlyReply(models.Model):
    """A reply in a young thread that tells no issue (yet): the mention that begins it may come later. Only ids, for minutes.

    Where `ts` is `root_ts`, a mention without words began the thread, and what is said next there is the report.
    """

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.CharField(max_length=32)
    channel_id = models.CharField(max_length=32)
    root_ts = models.CharField(max_length=32)
    ts = models.CharField(max_length=32)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace_id", "channel_id", "root_ts", "ts"], name="one_slack_early_reply")
        ]
        indexes = [models.Index(fields=["received_at"])]

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.root_ts}/{self.ts}"


class SlackPace(models.Model):
    """How fast one method of the Web API is called in a workspace, or in one of its channels, and until when not at all."""

    id = models.BigAutoField(primary_key=True)
    workspace_id = models.CharField(max_length=32)
    method = models.CharField(max_length=64)
    channel_id = models.CharField(max_length=32, blank=True, help_text="Empty: all of the workspace.")
    next_at = models.DateTimeField(
        db_default=Now(), help_text="When the calls that were made would be over, had they come at the even pace."
    )
    held_until = models.DateTimeField(null=True, blank=True, help_text="As Slack asked for with Retry-After.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace_id", "method", "channel_id"], name="one_slack_pace")]

    def __str__(self) -> str:
        return f"{self.method} in {self.channel_id or self.workspace_id}"
