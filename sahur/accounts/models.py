"""Who may do what. Teams own issues; a membership gives a user a role in a team."""

from __future__ import annotations

import re
import uuid

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """A UUIDv7: unique, and in the order of creation."""
    return uuid7()


class User(AbstractUser):
    """A person. `must_change_password` is set with a one-time password and cleared when it is replaced."""

    must_change_password = models.BooleanField(default=False)


class Team(models.Model):
    """Owns issues and repositories. `key` starts the keys of its issues: `SAH-12`."""

    key = models.CharField(max_length=10, unique=True, validators=[RegexValidator(r"^[A-Z][A-Z0-9]{1,9}$")])
    name = models.CharField(max_length=100)
    next_issue_number = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.key} ({self.name})"


class MemberRole(models.TextChoices):
    """In rising order: a viewer reads, a responder reports and steers, an admin configures."""

    VIEWER = "viewer", "Viewer"
    RESPONDER = "responder", "Responder"
    ADMIN = "admin", "Admin"

    def includes(self, other: MemberRole) -> bool:
        """Whether this role may do what `other` may do."""
        order = list(MemberRole)
        return order.index(self) >= order.index(other)


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=MemberRole.choices, default=MemberRole.RESPONDER)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="one_membership_per_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team.key} as {self.role}"


TOOL_GLOB = re.compile(r"^[A-Za-z0-9_.*?\[\]!-]{1,200}\Z")
is_tool_glob = RegexValidator(TOOL_GLOB, "Use names of tools such as code__read, or code__*.")


def every_tool() -> list[str]:
    """The globs of a token that was not narrowed."""
    return ["*"]


class ApiToken(models.Model):
    """A machine's key. Only its SHA-256 is stored; `prefix` lets people recognize it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    role = models.CharField(
        max_length=10,
        choices=MemberRole.choices,
        default=MemberRole.RESPONDER,
        help_text="The most the token may do, whatever its owner may.",
    )
    tools = ArrayField(
        models.CharField(max_length=200, validators=[is_tool_glob]),
        default=every_tool,
        db_default=["*"],  # Of a server that does not know the column yet, while it is being replaced.
        blank=True,
        help_text="Globs of the gateway's tools that exist for the token, with commas between: issues__*, code__read. "
        "None: the gateway is closed to it.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class SocketTicket(models.Model):
    """Opens one WebSocket from another origin, once, within seconds. Only its SHA-256 is stored."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    role = models.CharField(
        max_length=10,
        choices=MemberRole.choices,
        blank=True,
        help_text="The most the socket may do; empty: all that its user may.",
    )
    # What asked for it: the socket ends with it.
    token = models.ForeignKey(ApiToken, null=True, on_delete=models.CASCADE)
    session_key = models.CharField(max_length=40, blank=True, db_default="")
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"ticket of {self.user} until {self.expires_at:%H:%M:%S}"


class AuditEntry(models.Model):
    """Who did what to what. Rows are only ever added (a database trigger refuses the rest)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=timezone.now)
    team = models.ForeignKey(Team, null=True, on_delete=models.DO_NOTHING, db_constraint=False)
    actor = models.CharField(max_length=200)
    # Names can be alike. Of entries that no person made, and of those from before the column: none.
    user = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    trace_id = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["team", "-at"]),
            models.Index(fields=["team", "action", "-at"], name="audit_by_action"),
            models.Index(fields=["-at", "-id"], name="audit_newest_first"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.action} {self.target}"
