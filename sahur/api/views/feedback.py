"""Whether a run's answer, or one of its steps, was helpful."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.api import opinions, serializers, shapes
from sahur.api.authentication import role_cap
from sahur.api.views.base import ApiView, answer, checked
from sahur.batch import feedback_actions
from sahur.issues import models
from sahur_core.issues import Source


class RunFeedbackView(ApiView):
    @extend_schema(operation_id="giveFeedback", request=serializers.NewFeedback, responses=shapes.Feedback)
    def put(self, request: Request, run_id: UUID) -> Response:
        """Say whether the answer, or one step, was helpful. A further vote replaces the first one."""
        form = checked(serializers.NewFeedback, request.data)
        actor = self.actor
        vote, step = models.Vote(form["vote"]), form["step"]
        run = feedback_actions.give_feedback(actor, run_id, vote, source=_source(request), step=step, comment=form["comment"])
        return answer(opinions.feedback_on(run, step, actor))

    @extend_schema(
        operation_id="withdrawFeedback",
        parameters=[serializers.FeedbackQuery],
        request=None,
        responses={200: shapes.Feedback},
    )
    def delete(self, request: Request, run_id: UUID) -> Response:
        """Take one's own vote back."""
        step = checked(serializers.FeedbackQuery, request.query_params)["step"]
        actor = self.actor
        run = feedback_actions.withdraw_feedback(actor, run_id, source=_source(request), step=step)
        return answer(opinions.feedback_on(run, step, actor))


def _source(request: Request) -> Source:
    return Source.API if role_cap(request) else Source.WEB
