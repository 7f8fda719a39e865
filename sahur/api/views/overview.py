"""The overview."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.api import overview_representation, overview_shapes
from sahur.api.views.base import ApiView, answer, checked
from sahur.batch.overviews import read_overview


class OverviewQuery(serializers.Serializer[Any]):
    team = serializers.CharField(required=False, default="", max_length=20, help_text="Key of one of your teams; without it all.")
    days = serializers.ChoiceField(choices=[7, 30, 90], required=False, default=30, help_text="Of the figures, with today (UTC).")


class OverviewView(ApiView):
    @extend_schema(operation_id="getOverview", parameters=[OverviewQuery], responses=overview_shapes.Overview)
    def get(self, request: Request) -> Response:
        """What goes on now, what came out of the last days, and how the parts of the system are.

        Figures are at most 15 s old, the gateway's state 5 s. Hosts and errors are for admins and staff.
        """
        asked = checked(OverviewQuery, request.query_params)
        read = read_overview(self.actor, team=asked["team"], days=asked["days"])
        return answer(overview_representation.overview(read))
