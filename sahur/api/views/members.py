"""Teams and who is in them; new people.

Only sessions change anything here: an API token that could hand out roles would outgrow its own and outlive its owner's.
"""

from __future__ import annotations

from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from sahur.accounts import selectors, teams
from sahur.accounts.models import MemberRole, Membership, Team
from sahur.api import team_serializers as serializers
from sahur.api import team_shapes as shapes
from sahur.api.authentication import InPerson, WritesInPerson, signed_in_user
from sahur.api.throttles import PeopleThrottle
from sahur.api.views.base import ApiView, answer, checked


class TeamsView(ApiView):
    permission_classes = [WritesInPerson]

    @extend_schema(operation_id="listTeams", responses=shapes.TeamPage)
    def get(self, request: Request) -> Response:
        """Your teams, by key."""
        actor = self.actor
        rows = [_team(row, actor.roles[row.pk]) for row in selectors.list_teams(actor)]
        return answer(shapes.TeamPage(results=rows, next=None, may_create=teams.may(actor, "accounts.add_team")))

    @extend_schema(operation_id="createTeam", request=serializers.NewTeam, responses={201: shapes.Team})
    def post(self, request: Request) -> Response:
        """Create a team, with you as its admin. For staff."""
        form = checked(serializers.NewTeam, request.data)
        made = teams.create_team(self.actor, form["key"], form["name"])
        return answer(_shown(self, made), status=201)


class TeamView(ApiView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="renameTeam", request=serializers.TeamChange, responses=shapes.Team)
    def patch(self, request: Request, team_id: int) -> Response:
        """Change the team's name."""
        form = checked(serializers.TeamChange, request.data)
        return answer(_shown(self, teams.rename_team(self.actor, team_id, form["name"], was=form["was"])))


class MembersView(ApiView):
    permission_classes = [WritesInPerson]

    def get_throttles(self) -> list[BaseThrottle]:
        # Adding says whether a user name exists.
        return [*super().get_throttles(), *([PeopleThrottle()] if self.request.method == "POST" else [])]

    @extend_schema(operation_id="listMembers", responses=shapes.MemberPage)
    def get(self, request: Request, team_id: int) -> Response:
        """Who is in the team."""
        actor = self.actor
        rows = [_member(row) for row in selectors.list_members(actor, team_id)]
        return answer(shapes.MemberPage(results=rows, next=None, may_create_people=teams.may(actor, "accounts.add_user")))

    @extend_schema(operation_id="addMember", request=serializers.NewMember, responses={201: shapes.Member, 200: shapes.Member})
    def post(self, request: Request, team_id: int) -> Response:
        """Add a person who is known here, by the whole user name. 200 if the person was in the team already."""
        form = checked(serializers.NewMember, request.data)
        row, is_new = teams.add_member(self.actor, team_id, form["username"], MemberRole(form["role"]))
        return answer(_member(row), status=201 if is_new else 200)


class MemberView(ApiView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="changeMember", request=serializers.MemberChange, responses=shapes.Member)
    def patch(self, request: Request, team_id: int, user_id: int) -> Response:
        """Give a member another role."""
        form = checked(serializers.MemberChange, request.data)
        role, was = MemberRole(form["role"]), MemberRole(form["was"])
        return answer(_member(teams.change_role(self.actor, team_id, user_id, role, was=was)))

    @extend_schema(operation_id="removeMember", responses={204: None})
    def delete(self, request: Request, team_id: int, user_id: int) -> Response:
        """Take a person out of the team. The last admin stays."""
        teams.remove_member(self.actor, team_id, user_id)
        return Response(status=204)


class PeopleView(ApiView):
    permission_classes = [InPerson]
    throttle_classes = [*ApiView.throttle_classes, PeopleThrottle]

    @method_decorator(sensitive_variables())
    @extend_schema(operation_id="createPerson", request=serializers.NewPerson, responses={201: shapes.NewPerson})
    def post(self, request: Request) -> Response:
        """Create a person, with a one-time password that is in this answer and nowhere else. For staff."""
        form = checked(serializers.NewPerson, request.data)
        user, password = teams.create_person(
            self.actor,
            form["username"],
            name=form["name"],
            email=form["email"],
            team_id=form["team"],
            role=MemberRole(form["role"]),
        )
        held = selectors.list_memberships(user)
        return answer(
            shapes.NewPerson(
                id=user.pk,
                username=user.get_username(),
                name=user.get_full_name(),
                team=held[0].team.key if held else "",
                one_time_password=password,
            ),
            status=201,
        )


def _team(row: Team, role: MemberRole) -> shapes.Team:
    return shapes.Team.model_validate(
        {
            "id": row.pk,
            "key": row.key,
            "name": row.name,
            "role": role.value,
            "members": row.memberships.count(),
            "created_at": row.created_at,
        }
    )


def _shown(view: ApiView, row: Team) -> shapes.Team:
    """With the role of now: of a team that was just made, the request's actor knows nothing yet."""
    return _team(row, MemberRole(Membership.objects.get(team=row, user=signed_in_user(view.request)).role))


def _member(row: Membership) -> shapes.Member:
    return shapes.Member.model_validate(
        {
            "id": row.user_id,
            "username": row.user.get_username(),
            "name": row.user.get_full_name(),
            "role": row.role,
            "is_active": row.user.is_active,
        }
    )
