"""Repositories that the team's runs may read."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.accounts.selectors import get_team
from sahur.api import representation, serializers, shapes
from sahur.api.views.base import ApiView, answer, checked
from sahur.batch import actions
from sahur.issues import selectors


class RepositoriesView(ApiView):
    @extend_schema(operation_id="listRepositories", responses=shapes.RepositoryPage)
    def get(self, request: Request) -> Response:
        """All repositories of your teams, by name."""
        rows = selectors.list_repositories(self.actor).prefetch_related("checkouts")
        return answer(shapes.RepositoryPage(results=[representation.repository(row) for row in rows], next=None))

    @extend_schema(operation_id="addRepository", request=serializers.NewRepository, responses={201: shapes.Repository})
    def post(self, request: Request) -> Response:
        """Let a team's runs read a repository. One that is there already is answered as it is."""
        form = checked(serializers.NewRepository, request.data)
        actor = self.actor
        team = get_team(actor, form["team"].upper())
        added = actions.add_repository(actor, team.pk, form["source"], name=form["name"])
        row = selectors.list_repositories(actor).prefetch_related("checkouts").get(pk=added.pk)
        return answer(representation.repository(row), status=201)
