"""Issues that a report resembles: while it is being written, and beside an issue."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.accounts.selectors import get_team
from sahur.api import serializers
from sahur.api.similar_shapes import SimilarIssues, similar_issues
from sahur.api.throttles import SimilarThrottle
from sahur.api.views.base import ApiView, answer, checked
from sahur.issues.similar import similar_to_issue, similar_to_report


class SimilarToReportView(ApiView):
    throttle_classes = [*ApiView.throttle_classes, SimilarThrottle]

    @extend_schema(operation_id="findSimilarIssues", request=serializers.UnfiledReport, responses=SimilarIssues)
    def post(self, request: Request) -> Response:
        """Issues of your teams that resemble a report which is not filed yet. Nothing is stored."""
        form = checked(serializers.UnfiledReport, request.data)
        actor = self.actor
        teams = [get_team(actor, form["team"].upper()).pk] if form["team"] else list(actor.roles)
        return answer(similar_issues(similar_to_report(actor, form["title"], form["body"], teams=teams, limit=form["limit"])))


class SimilarToIssueView(ApiView):
    throttle_classes = [*ApiView.throttle_classes, SimilarThrottle]

    @extend_schema(operation_id="listSimilarIssues", parameters=[serializers.SimilarQuery], request=None, responses=SimilarIssues)
    def get(self, request: Request, key: str) -> Response:
        """Other issues of its team that resemble this one, best first."""
        asked = checked(serializers.SimilarQuery, request.query_params)
        return answer(similar_issues(similar_to_issue(self.actor, key, limit=asked["limit"])))
