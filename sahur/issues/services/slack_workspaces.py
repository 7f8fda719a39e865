"""Workspaces of Slack that SAHUR is installed in: their tokens, which are sealed, and what becomes of them.

`SLACK_BOT_TOKEN` stands for the one workspace of an app that was installed by hand. With `SLACK_CLIENT_ID` the app can be
installed in any workspace, and each then has a row: a token that fits none of them would answer for a stranger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from sahur.accounts import audit
from sahur.accounts.models import Team
from sahur.accounts.sealing import reseal, seal, unseal
from sahur.issues import models
from sahur.issues.services import effects
from sahur_core.errors import SlackNotConnected

ROTATE_BEFORE = timedelta(hours=2)
"""So long before they end, tokens are exchanged. They live twelve hours
(https://docs.slack.dev/authentication/using-token-rotation)."""
REVOKED_CODES = frozenset({"token_revoked", "invalid_auth", "account_inactive", "team_access_not_granted", "app_uninstalled"})
"""Slack's words for a token that will never work again."""
HASTENED = 200
"""Posts that go out at once after an installation; more of them when their own pause is over."""


@dataclass(frozen=True)
class Tokens:
    """What Slack hands out. `expires_in`: seconds, None where tokens do not rotate."""

    bot_token: str
    refresh_token: str = ""
    expires_in: int | None = None

    def sealed(self, workspace_id: str) -> str:
        values = {"bot_token": self.bot_token}
        return seal(purpose(workspace_id), values | ({"refresh_token": self.refresh_token} if self.refresh_token else {}))


@dataclass(frozen=True)
class Installation:
    """What Slack tells of an installation."""

    workspace_id: str
    name: str
    tokens: Tokens
    bot_user_id: str = ""
    app_id: str = ""
    enterprise_id: str = ""
    scopes: str = ""


def purpose(workspace_id: str) -> str:
    """What the tokens of this workspace are sealed for, so that they open for no other."""
    return f"slack workspace {workspace_id}"


def token_of(workspace_id: str) -> str:
    """The bot token. Raises `SlackNotConnected` if the workspace has none (any more), and `SealBroken`."""
    row = models.SlackWorkspace.objects.filter(workspace_id=workspace_id).first()
    if row is not None and row.revoked_at is None and row.sealed_tokens:
        return tokens_of(row).bot_token
    if row is None and settings.SLACK_BOT_TOKEN and not settings.SLACK_CLIENT_ID:
        return str(settings.SLACK_BOT_TOKEN)
    raise SlackNotConnected(
        "SAHUR is not connected to this Slack workspace.",
        next_step="An admin installs the app in it again (Settings, Slack workspaces), or sets SLACK_BOT_TOKEN.",
    )


def tokens_of(row: models.SlackWorkspace) -> Tokens:
    """Raises `SealBroken`."""
    values = unseal(purpose(row.workspace_id), row.sealed_tokens)
    return Tokens(values["bot_token"], values.get("refresh_token", ""))


def team_of(workspace_id: str) -> Team | None:
    """Whose reports come from the workspace: the team that it was installed for, else the one that the settings name."""
    row = models.SlackWorkspace.objects.select_related("team").filter(workspace_id=workspace_id).first()
    return row.team if row else Team.objects.filter(key=settings.SLACK_TEAM_KEY).first()


def team_id_of(workspace_id: str) -> int | None:
    """The same team's id."""
    team = team_of(workspace_id)
    return team.pk if team else None


def guest_role(workspace_id: str, team_id: int) -> str:
    """What people of the workspace may do in the team who have no role of their own there; empty: nothing.

    Only in teams that get reports of the workspace, or of one of its channels, now: what it told earlier, for a team that it
    was taken from, is no business of its guests any more.
    """
    row = models.SlackWorkspace.objects.filter(workspace_id=workspace_id).first()
    role = row.guest_role if row else settings.SLACK_GUEST_ROLE
    if row is not None:
        is_home = row.team_id == team_id
    else:
        is_home = Team.objects.filter(pk=team_id, key=settings.SLACK_TEAM_KEY).exists()
    reports_to_team = is_home or models.SlackChannel.objects.filter(workspace_id=workspace_id, team_id=team_id).exists()
    return str(role) if reports_to_team else ""


def owners(workspace_id: str) -> list[Team]:
    """Who must agree before the workspace reports to another team: whom it was installed for, else whose issues it tells.

    The latter is what `SLACK_BOT_TOKEN` has connected. Call it in the transaction that installs: the row is locked.
    """
    row = locked(workspace_id)
    if row is not None:
        return [row.team]
    return list(Team.objects.filter(issues__slack_threads__workspace_id=workspace_id).distinct().order_by("pk"))


def locked(workspace_id: str) -> models.SlackWorkspace | None:
    """The row with its team, locked until the transaction ends."""
    rows = models.SlackWorkspace.objects.select_related("team").select_for_update(of=("self",), no_key=True)
    return rows.filter(workspace_id=workspace_id).first()


@transaction.atomic
def install(team: Team, installation: Installation, by: str) -> models.SlackWorkspace:
    """Keep the workspace and its new tokens, whatever was there before; what waited for them goes out now."""
    before = locked(installation.workspace_id)
    # What guests may do was said for the team that it reported to.
    guests = {} if before is not None and before.team_id == team.pk else {"guest_role": settings.SLACK_GUEST_ROLE}
    row, _ = models.SlackWorkspace.objects.update_or_create(
        workspace_id=installation.workspace_id,
        defaults={
            **guests,
            "team": team,
            "enterprise_id": installation.enterprise_id,
            "name": installation.name[:200],
            "app_id": installation.app_id,
            "bot_user_id": installation.bot_user_id,
            "scopes": installation.scopes,
            "installed_by": by[:200],
            "installed_at": timezone.now(),
            "revoked_at": None,
            "revoked_reason": "",
            **_stored(installation.workspace_id, installation.tokens),
        },
    )
    _hasten(row.workspace_id)
    return row


def replace_tokens(row: models.SlackWorkspace, tokens: Tokens) -> bool:
    """Both at once, in the place of those of this row; False if others came meanwhile, or they were taken away."""
    same = models.SlackWorkspace.objects.filter(pk=row.pk, token_expires_at=row.token_expires_at, revoked_at=None)
    return same.update(**_stored(row.workspace_id, tokens)) == 1


def _stored(workspace_id: str, tokens: Tokens) -> dict[str, object]:
    expires = timezone.now() + timedelta(seconds=tokens.expires_in) if tokens.expires_in else None
    return {"sealed_tokens": tokens.sealed(workspace_id), "token_expires_at": expires}


def _hasten(workspace_id: str) -> None:
    waiting = models.Effect.objects.filter(thread__workspace_id=workspace_id, state=models.EffectState.PENDING)
    ids = list(waiting.order_by("created_at").values_list("id", flat=True)[:HASTENED])
    models.Effect.objects.filter(id__in=ids, state=models.EffectState.PENDING).update(due_at=Now())
    for effect_id in ids:
        effects.hint(effect_id)


@transaction.atomic
def mark_revoked(workspace_id: str, reason: str, *, token: str = "") -> bool:
    """Note that Slack takes the tokens no more, and forget them; whether that is news.

    With `token`, only if it still is the workspace's: an answer to an older one says nothing of what was installed since.
    """
    row = locked(workspace_id)
    if row is None or row.revoked_at is not None:
        return False
    if token and tokens_of(row).bot_token != token:
        return False
    models.SlackWorkspace.objects.filter(pk=row.pk).update(
        sealed_tokens="", token_expires_at=None, revoked_at=Now(), revoked_reason=reason[:200]
    )
    audit.record("Slack", "slack_workspace.revoked", workspace_id, team_id=row.team_id, detail={"reason": reason[:200]})
    return True


def note_refused_token(workspace_id: str, token: str, code: str) -> bool:
    """What Slack's answer to a call says of its token; whether the same call may work later, with another one.

    Of a revoked token that is known from now on; one that has expired is exchanged at once.
    """
    if code in REVOKED_CODES:
        mark_revoked(workspace_id, code, token=token)
        return True
    if code != "token_expired":
        return False
    row = models.SlackWorkspace.objects.filter(workspace_id=workspace_id, revoked_at=None).first()
    if row is not None:
        plan_rotation(row)
    return True


def due_for_rotation() -> list[models.SlackWorkspace]:
    """Workspaces whose tokens end soon, or have ended while SAHUR was away."""
    return list(models.SlackWorkspace.objects.filter(revoked_at=None, token_expires_at__lt=Now() + ROTATE_BEFORE))


def plan_rotation(row: models.SlackWorkspace) -> None:
    """Have tokens that rotate exchanged: once for each time at which they end, and once more each day that it has failed."""
    if row.token_expires_at is None:
        return
    ends_at = row.token_expires_at.isoformat()
    # The reaper asks every few seconds.
    rotated = {"workspace_id": row.workspace_id, "token_expires_at": ends_at}
    effects.plan_once("slack.rotate", f"{row.workspace_id}:{ends_at}:{timezone.now():%Y-%m-%d}", rotated)


@transaction.atomic
def reseal_all() -> int:
    """Seal all tokens anew under the first key. Raises `SealBroken` for one that no key opens."""
    rows = models.SlackWorkspace.objects.select_for_update(no_key=True).filter(~Q(sealed_tokens=""))
    for row in rows:
        models.SlackWorkspace.objects.filter(pk=row.pk).update(sealed_tokens=reseal(row.sealed_tokens))
    return len(rows)
