"""What the page of the list asks: marks of what was seen, closing several, saved views."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.api import list_forms, list_shapes, shapes
from sahur.api.errors import body_of_error
from sahur.api.views.base import ApiView, answer, checked
from sahur.batch import reader_actions
from sahur.issues import models, reading
from sahur_core.errors import SahurError
from sahur_core.issues import IssueOutcome


class SeenIssuesView(ApiView):
    @extend_schema(operation_id="markIssuesSeen", request=list_forms.SeenIssues, responses=list_shapes.SeenIssues)
    def post(self, request: Request) -> Response:
        """Mark issues as seen by you, or as news again. A mark never goes back by itself."""
        form = checked(list_forms.SeenIssues, request.data)
        marked = reader_actions.mark_seen(self.actor, form["keys"], is_seen=form["is_seen"], until=form["until"])
        return answer(list_shapes.SeenIssues(results=[list_shapes.SeenIssue(key=key, seen_at=at) for key, at in marked]))


class ClosedIssuesView(ApiView):
    @extend_schema(operation_id="closeIssues", request=list_forms.ClosedIssues, responses=list_shapes.CloseResults)
    def post(self, request: Request) -> Response:
        """Close several issues the same way. Each is told of by itself; asking again closes what was left."""
        form = checked(list_forms.ClosedIssues, request.data)
        outcome = IssueOutcome(**form["outcome"]) if form["outcome"] is not None else None
        done = reader_actions.close_issues(self.actor, form["keys"], form["resolution"], outcome)
        return answer(list_shapes.CloseResults(results=[_result(key, problem) for key, problem in done]))


class ViewsView(ApiView):
    @extend_schema(operation_id="listViews", responses=list_shapes.SavedViews)
    def get(self, request: Request) -> Response:
        """Your saved views, the oldest first."""
        rows = reading.list_views(reader_actions.person(self.actor))
        return answer(list_shapes.SavedViews(results=[_view(row) for row in rows]))

    @extend_schema(
        operation_id="saveView",
        request=list_forms.NewView,
        responses={201: list_shapes.SavedView, 200: list_shapes.SavedView},
    )
    def post(self, request: Request) -> Response:
        """Keep a search of the list under a name. The same again gives the same view (200)."""
        form = checked(list_forms.NewView, request.data)
        view, is_new = reader_actions.save_view(self.actor, form["name"], form["query"])
        return answer(_view(view), status=201 if is_new else 200)


class ViewView(ApiView):
    @extend_schema(operation_id="changeView", request=list_forms.ViewChange, responses=list_shapes.SavedView)
    def patch(self, request: Request, view_id: UUID) -> Response:
        """Give a view another name or search."""
        form = checked(list_forms.ViewChange, request.data)
        return answer(_view(reader_actions.change_view(self.actor, view_id, name=form["name"], query=form["query"])))

    @extend_schema(operation_id="deleteView", responses={204: None})
    def delete(self, request: Request, view_id: UUID) -> Response:
        """Forget a view."""
        reader_actions.delete_view(self.actor, view_id)
        return Response(status=204)


def _result(key: str, problem: SahurError | None) -> list_shapes.CloseResult:
    told = shapes.Problem.model_validate(body_of_error(problem)) if problem else None
    return list_shapes.CloseResult(key=key, problem=told)


def _view(row: models.SavedView) -> list_shapes.SavedView:
    return list_shapes.SavedView(id=str(row.id), name=row.name, query=row.query, created_at=row.created_at)
