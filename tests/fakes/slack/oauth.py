"""How an app comes into a workspace and keeps its tokens: consent, codes, refreshing, `auth.*`, `apps.connections.open`.

https://docs.slack.dev/authentication/installing-with-oauth and https://docs.slack.dev/authentication/using-token-rotation.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.fakes.slack.methods import METHODS, Asked, method
from tests.fakes.slack.state import APP_TOKEN, BOT, CLIENT_ID, CLIENT_SECRET, Arguments, RefusedError, Token

if TYPE_CHECKING:
    from tests.fakes.slack.state import Slack

WITHOUT_TOKEN = {"oauth.v2.access", "api.test"}
ROTATED_SECONDS = 43_200


def token_of(slack: Slack, method_name: str, authorization: str, arguments: Arguments) -> Token | None:
    """Whose call it is. None where Slack asks for no token. Raises `RefusedError`."""
    if method_name in WITHOUT_TOKEN:
        return None
    value = authorization.removeprefix("Bearer ") if authorization.startswith("Bearer ") else str(arguments.get("token") or "")
    if not value:
        raise RefusedError("not_authed")
    if method_name == "apps.connections.open":
        if value != APP_TOKEN:
            raise RefusedError("invalid_auth" if value not in slack.tokens else "not_allowed_token_type")
        return next(iter(slack.tokens.values()))
    token = slack.tokens.get(value)
    if token is None:
        raise RefusedError("invalid_auth")
    if token.is_revoked:
        raise RefusedError("token_revoked")
    if token.expires_at is not None and time.time() >= token.expires_at:
        raise RefusedError("token_expired")
    return token


def scopes_of(token: Token) -> list[str]:
    """What the header `x-oauth-scopes` lists."""
    if token.scopes is not None:
        return sorted(token.scopes)
    kinds = ("channels", "groups", "im", "mpim")
    everything = {each.scope for each in METHODS.values() if each.scope}
    everything |= {f"{kind}:{what}" for kind in kinds for what in ("read", "history")}
    return sorted(everything | {"app_mentions:read", "commands", "metadata.message:read", "chat:write.public"})


def consent(slack: Slack, arguments: Arguments, workspace: str = BOT["team_id"]) -> str:
    """A person agrees to the installation: the address that their browser is sent to."""
    if arguments.get("client_id") != CLIENT_ID:
        raise RefusedError("invalid_client_id")
    code = secrets.token_hex(8)
    scopes = set(str(arguments.get("scope", "")).split(",")) - {""}
    slack.codes[code] = {"scopes": scopes, "redirect_uri": arguments.get("redirect_uri", ""), "workspace": workspace}
    return f"{arguments.get('redirect_uri', '')}?{urlencode({'code': code, 'state': arguments.get('state', '')})}"


def access(slack: Slack, arguments: Arguments, client: tuple[str, str]) -> Arguments:
    """`oauth.v2.access`: a code or a refresh token becomes an access token."""
    client_id, client_secret = client if client[0] else (arguments.get("client_id"), arguments.get("client_secret"))
    if client_id != CLIENT_ID:
        raise RefusedError("invalid_client_id")
    if client_secret != CLIENT_SECRET:
        raise RefusedError("bad_client_secret")
    if arguments.get("grant_type") == "refresh_token":
        return _refreshed(slack, str(arguments.get("refresh_token") or ""))
    code = slack.codes.pop(str(arguments.get("code") or ""), None)
    if code is None:
        raise RefusedError("invalid_code")
    if code["redirect_uri"] and code["redirect_uri"] != arguments.get("redirect_uri"):
        raise RefusedError("bad_redirect_uri")
    return _given(slack, code["workspace"], code["scopes"], rotates=slack.rotates)


def _refreshed(slack: Slack, value: str) -> Arguments:
    """A refresh token works once. The access token before it is good until it expires."""
    old = slack.refresh_tokens.pop(value, None)
    if old is None:
        raise RefusedError("invalid_refresh_token")
    if old.is_revoked:
        raise RefusedError("token_revoked")
    return _given(slack, old.workspace, old.scopes or set(), rotates=True)


def _given(slack: Slack, workspace: str, scopes: set[str], *, rotates: bool) -> Arguments:
    found = slack.workspaces[workspace]
    token = Token(f"{'xoxe.' if rotates else ''}xoxb-{secrets.token_hex(12)}", workspace, set(scopes))
    answer: Arguments = {
        "app_id": BOT["app_id"],
        "authed_user": {"id": "U0RITA"},
        "scope": ",".join(sorted(scopes)),
        "token_type": "bot",
        "access_token": token.value,
        "bot_user_id": found.bot_user_id,
        "team": {"id": workspace, "name": found.name},
        "enterprise": {"id": found.enterprise_id, "name": found.name} if found.enterprise_id else None,
        "is_enterprise_install": False,
    }
    if rotates:
        token.expires_at = time.time() + slack.token_seconds
        refresh = Token(f"xoxe-1-{secrets.token_hex(12)}", workspace, set(scopes))
        slack.refresh_tokens[refresh.value] = refresh
        answer |= {"expires_in": int(slack.token_seconds), "refresh_token": refresh.value}
    slack.tokens[token.value] = token
    return answer


@method("auth.test", per_minute=600)
def auth_test(asked: Asked) -> Arguments:
    found = asked.workspace
    return {
        "url": found.domain,
        "team": found.name,
        "user": "sahur",
        "team_id": found.id,
        "user_id": found.bot_user_id,
        "bot_id": found.bot_id,
        "app_id": BOT["app_id"],
        "enterprise_id": found.enterprise_id,
        "is_enterprise_install": False,
    }


@method("auth.revoke", tier=3)
def revoke(asked: Asked) -> Arguments:
    if not asked.is_set("test"):
        asked.token.is_revoked = True
    return {"revoked": not asked.is_set("test")}


@method("api.test", tier=4)
def api_test(asked: Asked) -> Arguments:
    return {"args": asked.arguments}


@method("bots.info", "users:read", tier=3)
def bot_info(asked: Asked) -> Arguments:
    found = asked.workspace
    if asked.text("bot") not in ("", found.bot_id):
        raise RefusedError("bot_not_found")
    return {"bot": {"id": found.bot_id, "app_id": BOT["app_id"], "user_id": found.bot_user_id, "name": "SAHUR"}}


@method("team.info", "team:read", tier=3)
def team_info(asked: Asked) -> Arguments:
    found = asked.workspace
    return {"team": {"id": found.id, "name": found.name, "domain": found.name.lower(), "enterprise_id": found.enterprise_id}}


@method("apps.connections.open", tier=4)
def connections_open(asked: Asked) -> Arguments:
    return {"url": asked.slack.socket_url or asked.slack.socket.ticket()}
