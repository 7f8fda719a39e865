"""People of Slack and their accounts here.

Only sessions change anything: with a link come the account's rights in Slack.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.api import slack_people_shapes as shapes
from sahur.api.authentication import InPerson, WritesInPerson
from sahur.api.views.base import ApiView, answer, checked
from sahur.batch import slack_people
from sahur.issues import models


class LinksView(ApiView):
    permission_classes = [WritesInPerson]

    @extend_schema(operation_id="listSlackLinks", responses=shapes.SlackLinks)
    def get(self, request: Request) -> Response:
        """Who you are in Slack."""
        return answer(shapes.SlackLinks(results=_people(slack_people.links_of(self.actor))))

    @extend_schema(operation_id="linkSlackPerson", request=shapes.SlackLinkTicket, responses=shapes.SlackPerson)
    def post(self, request: Request) -> Response:
        """Say that the person in Slack who was given this ticket is you. It is used up by this."""
        person = slack_people.link(self.actor, checked(shapes.SlackLinkTicket, request.data)["ticket"])
        return answer(_people([person])[0])


class LinkPreviewView(ApiView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="previewSlackLink", request=shapes.SlackLinkTicket, responses=shapes.SlackLinkPreview)
    def post(self, request: Request) -> Response:
        """Whom a ticket would link to your account; nothing is changed."""
        asker, standing = slack_people.look_at(self.actor, checked(shapes.SlackLinkTicket, request.data)["ticket"])
        role = slack_people.role_after(self.actor, asker)
        told = shapes.SlackLinkPreview(
            workspace=asker.workspace_id,
            workspace_name=asker.workspace_name,
            user=asker.user_id,
            name=asker.name,
            standing=standing.value,
            role=role.value if role else "",
        )
        return answer(told)


class SlackPeopleView(ApiView):
    @extend_schema(operation_id="listSlackPeople", parameters=[shapes.SlackPeopleQuery], responses=shapes.SlackPeople)
    def get(self, request: Request) -> Response:
        """Who was seen in the workspaces of the teams that you are an admin of, newest first."""
        asked = checked(shapes.SlackPeopleQuery, request.query_params)
        limit = asked["limit"]
        found = slack_people.people_of(self.actor, asked["q"].strip(), asked["cursor"], limit + 1)
        shown = found[:limit]
        return answer(shapes.SlackPeople(results=_people(shown), next=str(shown[-1].pk) if len(found) > limit else None))


class SlackPersonLinkView(ApiView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="unlinkSlackPerson", responses={204: None})
    def delete(self, request: Request, person_id: UUID) -> Response:
        """Take the link to an account away: your own, or as an admin of the team that the workspace reports to."""
        slack_people.unlink(self.actor, person_id)
        return Response(status=204)


def _people(rows: Sequence[models.SlackUser]) -> list[shapes.SlackPerson]:
    ids = {row.workspace_id for row in rows}
    names = dict(models.SlackWorkspace.objects.filter(workspace_id__in=ids).values_list("workspace_id", "name"))
    return [
        shapes.SlackPerson(
            id=str(row.pk),
            workspace=row.workspace_id,
            workspace_name=names.get(row.workspace_id, ""),
            user=row.user_id,
            name=row.name,
            account=row.account.get_username() if row.account else "",
            account_name=row.account.get_full_name() if row.account else "",
            linked_by=row.linked_by,
            linked_at=row.linked_at,
        )
        for row in rows
    ]
