"""What a team may spend, and what it has spent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.api import representation, serializers, shapes
from sahur.api.views.base import ApiView, answer, checked
from sahur.batch import team_actions
from sahur.issues import spending

SHOWN_DAYS = timedelta(days=30)


class TeamBudgetView(ApiView):
    @extend_schema(operation_id="getTeamBudget", responses=shapes.TeamBudget)
    def get(self, request: Request, team_id: int) -> Response:
        """The team's own limits, those that hold, and what was spent today."""
        return answer(representation.team_budget(team_actions.get_budget(self.actor, team_id)))

    @extend_schema(operation_id="setTeamBudget", request=serializers.TeamBudget, responses=shapes.TeamBudget)
    def put(self, request: Request, team_id: int) -> Response:
        """Replace all of the team's own limits. They hold from the next stage of each run on."""
        form = checked(serializers.TeamBudget, request.data)
        seen_at = form.pop("seen_at")
        return answer(representation.team_budget(team_actions.set_budget(self.actor, team_id, form, seen_at=seen_at)))


class TeamUsageView(ApiView):
    @extend_schema(operation_id="listTeamUsage", parameters=[serializers.UsageQuery], responses=shapes.TeamUsage)
    def get(self, request: Request, team_id: int) -> Response:
        """What the team's runs spent, by day (UTC) and model."""
        asked = checked(serializers.UsageQuery, request.query_params)
        until = asked["to"] or datetime.now(UTC).date()
        rows = spending.list_usage(self.actor, team_id, asked["from"] or until - SHOWN_DAYS, until)
        return answer(representation.team_usage(rows))
