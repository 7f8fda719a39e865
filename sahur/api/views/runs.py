"""Runs: read, follow, steer, stop; and what a run asks of people."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.api import representation, serializers, shapes
from sahur.api.views.base import ApiView, answer, checked
from sahur.batch import actions
from sahur.issues import mapping, selectors
from sahur_core.errors import InputError
from sahur_core.issues import InputRequest, Stage
from sahur_core.tools.decisions import decision_named


class RunView(ApiView):
    @extend_schema(operation_id="getRun", responses=shapes.Run)
    def get(self, request: Request, run_id: UUID) -> Response:
        """A run with its solution, evidence, input requests and messages."""
        actor = self.actor
        return answer(representation.run(selectors.get_run(actor, run_id), actor))


class RunEventsView(ApiView):
    @extend_schema(operation_id="listEvents", parameters=[serializers.EventQuery], responses=shapes.EventPage)
    def get(self, request: Request, run_id: UUID) -> Response:
        """The run's events after a number, in order; the same rows as on the run's socket."""
        asked = checked(serializers.EventQuery, request.query_params)
        run = selectors.get_run(self.actor, run_id)
        return answer(representation.event_page(run, asked["after"], asked["limit"]))


class RunMessagesView(ApiView):
    @extend_schema(operation_id="sendMessage", request=serializers.NewMessage, responses={202: shapes.Message})
    def post(self, request: Request, run_id: UUID) -> Response:
        """Say something to the run; it is taken in before the next model call, an urgent one at once."""
        form = checked(serializers.NewMessage, request.data)
        message = actions.send_message(self.actor, run_id, form["text"], client_id=form["client_id"], is_urgent=form["urgent"])
        return answer(representation.message(message), status=202)


class MessageUrgentView(ApiView):
    @extend_schema(operation_id="makeMessageUrgent", request=None, responses=shapes.Message)
    def post(self, request: Request, run_id: UUID, message_id: UUID) -> Response:
        """Use a queued message now. Once it is taken in, nothing changes; asking again changes nothing."""
        return answer(representation.message(actions.make_message_urgent(self.actor, run_id, message_id)))


class RunStopView(ApiView):
    @extend_schema(operation_id="stopRun", request=serializers.StopRun, responses={202: shapes.Run})
    def post(self, request: Request, run_id: UUID) -> Response:
        """Stop the run. It keeps what it has found. Asking again changes nothing."""
        checked(serializers.StopRun, request.data)
        actor = self.actor
        run = actions.stop_run(actor, run_id)
        return answer(representation.run(selectors.get_run(actor, run.id), actor), status=202)


class RunResumeView(ApiView):
    @extend_schema(operation_id="resumeRun", request=serializers.ResumeRun, responses={201: shapes.Run})
    def post(self, request: Request, run_id: UUID) -> Response:
        """Go on from where a stopped or failed run was, as a further run. Asking again gives the same one."""
        form = checked(serializers.ResumeRun, request.data)
        actor = self.actor
        run = actions.resume_run(actor, run_id, client_id=form["client_id"])
        return answer(representation.run(selectors.get_run(actor, run.id), actor), status=201)


class RunBranchView(ApiView):
    @extend_schema(operation_id="branchRun", request=serializers.BranchRun, responses={201: shapes.Run})
    def post(self, request: Request, run_id: UUID) -> Response:
        """Try another line from the end of a stage, as a further run. This one stays as it is."""
        form = checked(serializers.BranchRun, request.data)
        actor = self.actor
        stage = Stage(form["from_stage"])
        run = actions.branch_run(actor, run_id, form["message"], from_stage=stage, client_id=form["client_id"])
        return answer(representation.run(selectors.get_run(actor, run.id), actor), status=201)


class RunDifferenceView(ApiView):
    @extend_schema(operation_id="compareRuns", parameters=[serializers.DifferenceQuery], responses=shapes.RunDifference)
    def get(self, request: Request, run_id: UUID) -> Response:
        """What this run and another one of its issue have in common, and what only one of them found."""
        asked = checked(serializers.DifferenceQuery, request.query_params)
        first, second = (selectors.get_run(self.actor, each) for each in (run_id, asked["with"]))
        if first.issue_id != second.issue_id:
            raise InputError("The runs are of different issues.", next_step="Name another run of this issue.", field="with")
        return answer(representation.run_difference(first, second))


class InputAnswerView(ApiView):
    @extend_schema(operation_id="answerInput", request=serializers.Answer, responses=InputRequest)
    def post(self, request: Request, input_request_id: UUID) -> Response:
        """Answer a question, decide an approval or a budget. The first answer wins."""
        form = checked(serializers.Answer, request.data)
        answered = actions.answer_input(
            self.actor,
            input_request_id,
            decision_named(form["decision"]),
            answer=form["answer"],
            arguments=form["arguments"],
            seen_hash=form["arguments_hash"],
        )
        return Response(mapping.input_request(answered).model_dump(mode="json"))
