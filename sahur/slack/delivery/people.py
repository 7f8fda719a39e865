"""Ask Slack who somebody is (https://docs.slack.dev/reference/methods/users.info), and tell them whose account they are."""

from __future__ import annotations

from typing import Any

from sahur.batch import slack_people
from sahur.batch.effects import DeliveryError
from sahur.batch.slack_people import Profile
from sahur.issues import models
from sahur.issues.services.slack_people import account_name, find, name_again
from sahur.slack.blocks.block_kit import Post, fallback, section
from sahur.slack.delivery.calls import call, client_for
from sahur.slack.delivery.posts import Result, post_at
from sahur.slack.delivery.roots import direct_channel, find_in
from sahur.slack.markup import escape

IS_LINKED = (
    "You are linked to the account {account} of SAHUR now: what you say and decide in Slack is said and decided in its name. "
    "If that was not you, type `/sahur unlink`, and tell an admin."
)
NOT_FULL_MEMBERS = ("deleted", "is_bot", "is_app_user", "is_restricted", "is_ultra_restricted", "is_stranger", "is_invited_user")
"""What is true of guests, bots, people of other companies, and who has never signed in: their addresses link nobody."""


def deliver_person(effect: models.Effect) -> Result:
    """Keep their name, and whose account they are. Raises `DeliveryError`."""
    workspace_id, user_id = effect.payload["workspace_id"], effect.payload["user_id"]
    try:
        answer = call(client_for(effect), "users.info", http_verb="GET", params={"user": user_id})
    except DeliveryError as error:
        if error.permanent:
            # Known by their id alone, until they are asked about another day.
            slack_people.met(workspace_id, user_id, Profile())
        raise
    person = slack_people.met(workspace_id, user_id, profile_of(answer.get("user") or {}, workspace_id))
    return {"is_named": bool(person.name), "is_linked": person.account_id is not None}


def deliver_linked(effect: models.Effect) -> Result:
    """Directly; nothing where the link is gone by now. Raises `DeliveryError`."""
    person = find(effect.payload["workspace_id"], effect.payload["user_id"])
    linked_at = person.linked_at.isoformat() if person and person.linked_at else ""
    if person is None or person.account is None or linked_at != effect.payload["linked_at"]:
        return {"is_told": False}
    name = account_name(person.account)
    post = Post(text=fallback(IS_LINKED.format(account=name)), blocks=[section(IS_LINKED.format(account=escape(name)))])
    return post_at(effect, post, direct_channel(effect, person.user_id))


def deliver_names(effect: models.Effect) -> Result:
    """Slack itself is not asked."""
    name_again(effect.payload["workspace_id"], effect.payload["user_id"], effect.payload["before"])
    return {}


def find_linked(effect: models.Effect) -> Result | None:
    """Where an earlier delivery has told it; None if it has not. Raises `DeliveryError`."""
    return find_in(effect, direct_channel(effect, effect.payload["user_id"]))


def profile_of(user: dict[str, Any], workspace_id: str) -> Profile:
    """What counts of https://docs.slack.dev/reference/objects/user-object. The e-mail needs the scope `users:read.email`."""
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    name = next((str(each) for each in names if each), "")
    # In an organization people belong to several workspaces, and `team_id` may name another one.
    homes = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
    is_outsider = any(user.get(each) for each in NOT_FULL_MEMBERS) or workspace_id not in homes
    may_link = not is_outsider and user.get("is_email_confirmed") is not False
    return Profile(name, str(profile.get("email") or "") if may_link else "", is_outsider)
