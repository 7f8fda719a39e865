"""Who may do what, at every door: the one table that tests/web/test_authorization.py holds against the code.

The checks themselves are in the actions and selectors (`Actor.require`) and in the doors' permissions. A new address,
method, socket command or tool without a line here fails the build; so does a line whose real answers differ.
"""

from __future__ import annotations

from enum import StrEnum


class Access(StrEnum):
    """Who gets in. The roles are roles in the team that owns the thing; to all others it does not exist."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    VIEWER = "viewer"
    RESPONDER = "responder"
    ADMIN = "admin"
    ANY_ADMIN = "any admin"
    """An admin of some team, or staff: it shows how the whole installation is set up."""
    INSTALLER = "installer"
    """An admin of the team that is named, or staff: connects a workspace of Slack to it."""
    WORKSPACE_ADMIN = "workspace admin"
    """An admin of the team that a workspace of Slack reports to, or staff."""
    STAFF = "staff"
    GATEWAY = "gateway"
    SLACK = "slack"
    WEBHOOK = "webhook"
    """The host of one repository, by the secret of its webhook."""
    RUN = "run"
    """A run's own workflow, by its attempt's token; no model is handed it, and no API token opens it."""
    APPROVAL = "approval"
    """A run's attempt that owns the run, once for each approval by a responder."""


URLS: dict[str, Access] = {
    "GET /api/auth/me/": Access.ANYONE,
    "POST /api/auth/login/": Access.ANYONE,
    "POST /api/auth/logout/": Access.ANYONE,
    "POST /api/auth/password/": Access.SIGNED_IN,
    "GET /api/issues/": Access.SIGNED_IN,  # Shows those of the user's teams.
    "POST /api/issues/": Access.RESPONDER,
    "POST /api/issues/similar/": Access.SIGNED_IN,  # Shows those of the user's teams.
    "POST /api/issues/seen/": Access.VIEWER,
    "POST /api/issues/close/": Access.SIGNED_IN,  # Told issue by issue: a responder's, of its team.
    "GET /api/views/": Access.SIGNED_IN,  # Views are one's own.
    "POST /api/views/": Access.SIGNED_IN,
    "PATCH /api/views/{view_id}/": Access.SIGNED_IN,
    "DELETE /api/views/{view_id}/": Access.SIGNED_IN,
    "GET /api/issues/{key}/": Access.VIEWER,
    "PATCH /api/issues/{key}/": Access.RESPONDER,
    "GET /api/issues/{key}/similar/": Access.VIEWER,
    "POST /api/issues/{key}/runs/": Access.RESPONDER,
    "POST /api/issues/{key}/case/": Access.RESPONDER,
    "GET /api/runs/{run_id}/": Access.VIEWER,
    "GET /api/runs/{run_id}/events/": Access.VIEWER,
    "POST /api/runs/{run_id}/messages/": Access.RESPONDER,
    "POST /api/runs/{run_id}/messages/{message_id}/urgent/": Access.RESPONDER,
    "POST /api/runs/{run_id}/stop/": Access.RESPONDER,
    "POST /api/runs/{run_id}/resume/": Access.RESPONDER,
    "POST /api/runs/{run_id}/branch/": Access.RESPONDER,
    "PUT /api/runs/{run_id}/feedback/": Access.RESPONDER,
    "DELETE /api/runs/{run_id}/feedback/": Access.RESPONDER,
    "GET /api/runs/{run_id}/difference/": Access.VIEWER,
    "POST /api/inputs/{input_request_id}/answer/": Access.RESPONDER,
    "GET /api/teams/": Access.SIGNED_IN,  # One's own.
    "POST /api/teams/": Access.STAFF,
    "PATCH /api/teams/{team_id}/": Access.ADMIN,
    "GET /api/teams/{team_id}/members/": Access.VIEWER,
    "POST /api/teams/{team_id}/members/": Access.ADMIN,
    "PATCH /api/teams/{team_id}/members/{user_id}/": Access.ADMIN,
    "DELETE /api/teams/{team_id}/members/{user_id}/": Access.ADMIN,
    "POST /api/people/": Access.STAFF,
    "GET /api/audit/": Access.ANY_ADMIN,  # Shows the teams that one is an admin of; staff also what is about no team.
    "GET /api/audit/export/": Access.ANY_ADMIN,
    "GET /api/teams/{team_id}/budget/": Access.VIEWER,
    "PUT /api/teams/{team_id}/budget/": Access.ADMIN,
    "GET /api/teams/{team_id}/usage/": Access.VIEWER,
    "GET /api/overview/": Access.SIGNED_IN,  # Of the user's teams; hosts and errors only for admins and staff.
    "GET /api/receipts/": Access.SIGNED_IN,  # Shows those of the user's teams.
    "GET /api/receipts/{receipt_id}/": Access.VIEWER,
    "POST /api/receipts/{receipt_id}/recheck/": Access.RESPONDER,
    "GET /api/repositories/": Access.SIGNED_IN,  # Shows those of the user's teams.
    "POST /api/repositories/": Access.ADMIN,
    "GET /api/repositories/{repository_id}/": Access.VIEWER,
    "PATCH /api/repositories/{repository_id}/": Access.ADMIN,
    "DELETE /api/repositories/{repository_id}/": Access.ADMIN,
    "POST /api/repositories/{repository_id}/index/": Access.ADMIN,
    "PUT /api/repositories/{repository_id}/credential/": Access.ADMIN,
    "DELETE /api/repositories/{repository_id}/credential/": Access.ADMIN,
    "POST /api/repositories/{repository_id}/webhook/": Access.ADMIN,
    "DELETE /api/repositories/{repository_id}/webhook/": Access.ADMIN,
    "GET /api/models/": Access.ANY_ADMIN,
    "GET /api/models/choices/": Access.SIGNED_IN,
    "PUT /api/models/prices/{name}/": Access.STAFF,
    "DELETE /api/models/prices/{name}/": Access.STAFF,
    "GET /api/upstreams/": Access.ANY_ADMIN,
    "GET /api/slack/": Access.ANY_ADMIN,  # Workspaces of the teams that one is an admin of.
    "GET /api/slack/check/": Access.ANY_ADMIN,
    "GET /api/slack/channels/": Access.ANY_ADMIN,  # Of the workspaces of the teams that one is an admin of.
    "POST /api/slack/channels/": Access.WORKSPACE_ADMIN,
    "GET /api/slack/channels/{workspace_id}/{channel_id}/": Access.WORKSPACE_ADMIN,
    "PUT /api/slack/channels/{workspace_id}/{channel_id}/": Access.WORKSPACE_ADMIN,
    "DELETE /api/slack/channels/{workspace_id}/{channel_id}/": Access.WORKSPACE_ADMIN,
    "PUT /api/slack/workspaces/{workspace_id}/guest-role/": Access.WORKSPACE_ADMIN,
    "GET /api/slack/links/": Access.SIGNED_IN,  # Who one is in Slack.
    "POST /api/slack/links/": Access.SIGNED_IN,  # With the ticket of the person in Slack.
    "POST /api/slack/links/preview/": Access.SIGNED_IN,
    "GET /api/slack/people/": Access.ANY_ADMIN,  # Of the workspaces of the teams that one is an admin of.
    "DELETE /api/slack/people/{person_id}/link/": Access.WORKSPACE_ADMIN,  # Or whose link it is.
    "GET /api/tokens/": Access.SIGNED_IN,  # Tokens are one's own.
    "POST /api/tokens/": Access.SIGNED_IN,
    "DELETE /api/tokens/{token_id}/": Access.SIGNED_IN,
    "POST /api/socket-tickets/": Access.SIGNED_IN,
    "GET /api/health/live/": Access.ANYONE,
    "GET /api/health/ready/": Access.ANYONE,
    "GET /api/schema/": Access.ANYONE,
    "ANY /api/.*": Access.ANYONE,  # Nothing is there: 404.
    "POST /internal/receipts/": Access.GATEWAY,
    "GET /internal/receipts/{receipt_id}/": Access.GATEWAY,
    "POST /internal/grants/": Access.GATEWAY,
    "POST /internal/tokens/introspect/": Access.GATEWAY,
    "GET /internal/repositories/": Access.GATEWAY,
    "GET /internal/teams/": Access.GATEWAY,
    "GET /internal/issues/": Access.GATEWAY,
    "POST /internal/issues/": Access.GATEWAY,
    "GET /internal/issues/{key}/": Access.GATEWAY,
    "POST /internal/messages/": Access.GATEWAY,
    "ANY /internal/.*": Access.ANYONE,  # Nothing is there: 404.
    "ANY /slack/events": Access.SLACK,
    "ANY /slack/install": Access.INSTALLER,
    "ANY /slack/oauth_redirect": Access.ANYONE,  # Does nothing without the state of an installation that one's session began.
    "POST /webhooks/git/{repository_id}/": Access.WEBHOOK,
    "ANY /admin/login/": Access.ANYONE,
    "ANY /admin/logout/": Access.ANYONE,  # Ends one's own session.
    "ANY /admin/*": Access.STAFF,
    "ANY /flower/{rest}": Access.STAFF,
    "ANY /.*": Access.ANYONE,  # The page's shell holds no data.
}

SOCKETS: dict[str, Access] = {
    "/ws/runs/{run_id}/": Access.VIEWER,
    "/ws/issues/{key}/": Access.VIEWER,
    "/ws/issues/": Access.SIGNED_IN,  # Shows those of the user's teams.
    "/": Access.ANYONE,  # Nothing is there: closed with 4404.
}

COMMANDS: dict[str, Access] = {
    "message.send": Access.RESPONDER,
    "message.make_urgent": Access.RESPONDER,
    "input.answer": Access.RESPONDER,
    "run.stop": Access.RESPONDER,
    "run.start": Access.RESPONDER,
    "run.resume": Access.RESPONDER,
    "run.branch": Access.RESPONDER,
}

TOOLS: dict[str, Access] = {
    "code__list_files": Access.VIEWER,
    "code__search": Access.VIEWER,
    "code__read": Access.VIEWER,
    "code__symbols": Access.VIEWER,
    "code__log": Access.VIEWER,
    "code__blame": Access.VIEWER,
    "code__show": Access.VIEWER,
    "code__diff": Access.VIEWER,
    "code__changes": Access.VIEWER,
    "code__owners": Access.VIEWER,
    "code__check_patch": Access.VIEWER,
    "code__locate": Access.VIEWER,
    "issues__search": Access.VIEWER,
    "issues__read": Access.VIEWER,
    "issues__create_issue": Access.APPROVAL,  # Or an API token of a responder, which needs no approval.
    "issues__add_message": Access.APPROVAL,  # As above.
    "runbooks__list": Access.VIEWER,
    "runbooks__search": Access.VIEWER,
    "runbooks__read": Access.VIEWER,
    "receipts__read": Access.VIEWER,
    "receipts__search": Access.VIEWER,
}
"""Tools of our own servers. Those of other upstreams follow their risk: reading like these, the rest by approval."""

SANDBOX_TOOLS: dict[str, Access] = {"sandbox__test_patch": Access.RUN}
"""Only where the operator has switched the sandbox on."""
