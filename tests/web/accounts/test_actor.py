"""Who may do what, and what is said to who may not."""

from __future__ import annotations

import pytest

from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole
from sahur_core.errors import NotFound, NotPermitted


def test_a_foreign_team_does_not_exist() -> None:
    with pytest.raises(NotFound):
        Actor("ann", {1: MemberRole.ADMIN}).require(2, MemberRole.VIEWER)


def test_too_low_a_role_is_told_with_who_can_change_it() -> None:
    with pytest.raises(NotPermitted, match="yours in this team is viewer") as refused:
        Actor("ann", {1: MemberRole.VIEWER}).require(1, MemberRole.RESPONDER)
    assert "Ask an admin" in refused.value.next_step


def test_a_token_that_allows_less_than_its_owner_may_do_is_told_as_that() -> None:
    actor = Actor("ann", {1: MemberRole.VIEWER}, at_most=MemberRole.VIEWER)
    with pytest.raises(NotPermitted, match="the role of this token is viewer") as refused:
        actor.require(1, MemberRole.RESPONDER)
    assert "Use a token with the role responder" in refused.value.next_step
