"""Issues: list, report, read, close and reopen, investigate once more."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.accounts.selectors import get_team
from sahur.api import list_forms, list_shapes, pagination, representation, serializers, shapes
from sahur.api.authentication import role_cap, signed_in_user
from sahur.api.views.base import ApiView, answer, checked
from sahur.batch import actions, reader_actions
from sahur.issues import listing, selectors
from sahur.issues.services.reports import Delivery
from sahur_core.errors import InputError
from sahur_core.issues import IssueOutcome, IssueStatus, Severity, Source

IDEMPOTENCY_KEY = re.compile(r"^[\x21-\x7e]{1,255}$")


class IssuesView(ApiView):
    @extend_schema(operation_id="listIssues", parameters=[list_forms.IssueQuery], responses=list_shapes.IssuePage)
    def get(self, request: Request) -> Response:
        """Issues of your teams, newest first."""
        asked = checked(list_forms.IssueQuery, request.query_params)
        page = listing.list_page(
            self.actor, list_forms.filter_of(asked), pagination.decode(asked["cursor"]), limit=asked["limit"]
        )
        return answer(representation.issue_page(page, reader_actions.person(self.actor)))

    @extend_schema(
        operation_id="createIssue",
        request=serializers.NewIssue,
        responses={201: shapes.Issue, 200: shapes.Issue},
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description="The same key with the same body gives the same issue (200), with another body a conflict (409).",
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Report a problem. Its investigation starts at once."""
        form = checked(serializers.NewIssue, request.data)
        actor = self.actor
        team = get_team(actor, form["team"].upper())
        submitted = actions.submit_issue(
            actor,
            actions.Submission(
                title=form["title"],
                body=form["body"],
                source=Source.API if role_cap(request) else Source.WEB,
                team_id=team.pk,
                repository=form["repository"],
                revision=form["revision"],
                severity=Severity(form["severity"]) if form["severity"] else None,
                delivery=_delivery(request, form | {"team": team.key}),
            ),
        )
        issue = selectors.get_issue(actor, submitted.issue.key)
        return answer(representation.issue(issue), status=201 if submitted.is_new else 200)


def _delivery(request: Request, form: dict[str, Any]) -> Delivery | None:
    """The request's `Idempotency-Key`, which is the user's own, with a hash of what was asked for under it."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not IDEMPOTENCY_KEY.match(key):
        raise InputError(
            "The Idempotency-Key is not 1 to 255 visible ASCII characters.", field="Idempotency-Key", next_step="Use a UUID."
        )
    digest = hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()
    return Delivery(source=f"api:{signed_in_user(request).pk}", external_id=key, request_hash=digest)


class IssueView(ApiView):
    @extend_schema(operation_id="getIssue", responses=shapes.Issue)
    def get(self, request: Request, key: str) -> Response:
        """An issue with its runs and its own log."""
        return answer(representation.issue(selectors.get_issue(self.actor, key)))

    @extend_schema(operation_id="changeIssue", request=serializers.IssueChange, responses=shapes.Issue)
    def patch(self, request: Request, key: str) -> Response:
        """Close an issue with how it was really resolved, or reopen it."""
        form = checked(serializers.IssueChange, request.data)
        actor = self.actor
        if form["status"] == IssueStatus.CLOSED:
            outcome = IssueOutcome(**form["outcome"]) if form["outcome"] is not None else None
            changed = actions.close_issue(actor, key, form["resolution"], outcome)
        else:
            changed = actions.reopen_issue(actor, key)
        return answer(representation.issue(selectors.get_issue(actor, changed.key)))


class IssueRunsView(ApiView):
    @extend_schema(operation_id="startRun", request=serializers.NewRun, responses={201: shapes.Run})
    def post(self, request: Request, key: str) -> Response:
        """Investigate an issue once more, with another model maybe. The same `client_id` gives the same run."""
        form = checked(serializers.NewRun, request.data)
        actor = self.actor
        run = actions.start_run(actor, key, client_id=form["client_id"], model=form["model"], repository=form["repository"])
        return answer(representation.run(selectors.get_run(actor, run.id), actor), status=201)


class IssueCaseView(ApiView):
    @extend_schema(operation_id="exportCase", request=None, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, key: str) -> Response:
        """The issue as a case file for evaluations, to be saved: report, recorded results, and how it ended."""
        case = actions.export_case(self.actor, key)
        response = Response(case.model_dump(mode="json"))
        response["Content-Disposition"] = f'attachment; filename="{case.name}.json"'
        return response
