"""How Slack is connected, and what is missing. For admins of any team."""

from __future__ import annotations

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.api import slack_shapes as shapes
from sahur.api.throttles import SlackCheckThrottle
from sahur.api.views.base import ApiView, answer
from sahur.batch import slack_check, slack_workspace


class SlackView(ApiView):
    @extend_schema(operation_id="getSlack", responses=shapes.SlackWorkspace)
    def get(self, request: Request) -> Response:
        """How Slack is connected and how deliveries fare, without asking Slack. For admins of any team."""
        known = slack_workspace.slack_workspace(self.actor)
        fields = {name: getattr(known, name) for name in shapes.SlackWorkspace.model_fields if hasattr(known, name)}
        fields |= {
            "mode": known.mode.value,
            "team_name": known.team.name if known.team else "",
            "workspaces": [asdict(each) for each in known.workspaces],
            "teams_to_install": [shapes.SlackTeam(key=team.key, name=team.name) for team in known.teams_to_install],
            "channels": [asdict(each) for each in known.channels],
            "failures": [asdict(each) for each in known.failures],
        }
        return answer(shapes.SlackWorkspace.model_validate(fields))


class SlackCheckView(ApiView):
    throttle_classes = [*ApiView.throttle_classes, SlackCheckThrottle]

    @extend_schema(operation_id="checkSlack", responses=shapes.SlackCheck)
    def get(self, request: Request) -> Response:
        """Ask Slack whether everything is there, as `manage.py slack check` does; workspaces of the teams one is an admin of."""
        findings = [shapes.SlackFinding.model_validate(asdict(each)) for each in slack_check.check_for(self.actor)]
        return answer(shapes.SlackCheck(findings=findings))
