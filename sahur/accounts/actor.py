"""Who is asking, as every action gets to know it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sahur.accounts.models import MemberRole, Membership, Team, User
from sahur_core.errors import NotFound, NotPermitted


@dataclass(frozen=True)
class Actor:
    """A person or machine with its role in each of its teams.

    `roles` maps team ids to roles; a team that is not in it does not exist for this actor.
    """

    name: str
    roles: dict[int, MemberRole]
    user_id: int | None = None
    at_most: MemberRole | None = None
    """What its API token allows, whatever its owner may do."""
    tools: tuple[str, ...] = ("*",)
    """Globs of the gateway's tools that its API token is for."""
    is_staff: bool = False
    """Looks after the whole installation, also without being in any team."""
    slack_user: str = ""
    """Who it is in Slack, as workspace/user, for whoever comes from there: the name of a guest is not theirs alone."""

    def require(self, team_id: int, role: MemberRole) -> None:
        """Raise `NotFound` for a foreign team (its existence is not told) and `NotPermitted` for too low a role."""
        held = self.roles.get(team_id)
        if held is None:
            raise NotFound("There is no such thing here, or it belongs to a team you are not in.")
        if self.at_most is not None and not self.at_most.includes(role):
            raise NotPermitted(
                f"This needs the role {role.label.lower()}; the role of this token is {self.at_most.label.lower()}.",
                next_step=f"Use a token with the role {role.label.lower()}.",
            )
        if not held.includes(role):
            raise NotPermitted(
                f"This needs the role {role.label.lower()}; yours in this team is {held.label.lower()}.",
                next_step="Ask an admin of the team to change your role.",
            )

    def require_any_admin(self) -> None:
        """Raise `NotPermitted` unless it is an admin of some team, or staff: who may see how the installation is set up."""
        if not self.is_staff and MemberRole.ADMIN not in self.roles.values():
            raise NotPermitted(
                "Only admins may see how this installation is set up.", next_step="Ask an admin of your team for it."
            )

    def require_staff(self) -> None:
        """Raise `NotPermitted` unless it is staff: who may change what holds for all teams."""
        if not self.is_staff:
            raise NotPermitted(
                "Only staff may change what holds for all teams.", next_step="Ask whoever looks after this installation."
            )


def actor_for(user: User, *, at_most: MemberRole | None = None) -> Actor:
    """The actor of a signed-in user. `at_most` caps the role in every team (API tokens)."""
    return actor_of(user, roles_of([user.pk])[user.pk], at_most=at_most)


def actor_of(user: User, roles: dict[int, MemberRole], *, at_most: MemberRole | None = None) -> Actor:
    """The actor of a user whose roles are at hand (`roles_of`)."""
    if at_most is not None:
        roles = {team: role if at_most.includes(role) else at_most for team, role in roles.items()}
    is_staff = user.is_staff and at_most in (None, MemberRole.ADMIN)
    name = user.get_full_name() or user.get_username()
    return Actor(name=name, roles=roles, user_id=user.pk, at_most=at_most, is_staff=is_staff)


def roles_of(user_ids: Collection[int]) -> dict[int, dict[int, MemberRole]]:
    """For each of these users the role in each team: one query. Who was shut out has none."""
    roles: dict[int, dict[int, MemberRole]] = {user_id: {} for user_id in user_ids}
    for membership in Membership.objects.filter(user_id__in=list(user_ids), user__is_active=True):
        roles[membership.user_id][membership.team_id] = MemberRole(membership.role)
    return roles


def system_actor(team: Team, name: str) -> Actor:
    """The actor of the command line or of Slack: may report and steer in one team."""
    return Actor(name=name, roles={team.pk: MemberRole.RESPONDER})
