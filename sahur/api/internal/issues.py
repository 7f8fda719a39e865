"""What the gateway's server `issues` asks: past issues of one team, and the two things it may do in somebody's name."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole, Team
from sahur.accounts.selectors import get_team
from sahur.api.internal.views import InternalView
from sahur.api.serializers import Arguments, TextField
from sahur.api.views.base import checked
from sahur.batch import actions
from sahur.issues import mapping, models, past
from sahur.issues.services import grants
from sahur.issues.services.reports import Delivery
from sahur_core.errors import InputError
from sahur_core.issues import IssueStatus, Source
from sahur_core.tools.policy import arguments_hash

MAX_BODY_CHARS = 20_000
"""Of a report in one answer; the rest is asked for with `offset`."""
MAX_SHORT_CHARS = 500


class Scope(serializers.Serializer[Any]):
    """For whom: one team, and the run that asks, if it is one."""

    team = serializers.IntegerField(min_value=1, max_value=2**62)
    run = serializers.UUIDField(required=False, default=None, allow_null=True)


class Search(Scope):
    q = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    status = serializers.ChoiceField([each.value for each in IssueStatus], required=False, allow_blank=True, default="")
    limit = serializers.IntegerField(min_value=1, max_value=50, required=False, default=10)


class Part(Scope):
    offset = serializers.IntegerField(min_value=0, max_value=10**9, required=False, default=0)


class GrantedArguments(serializers.Serializer[Any]):
    effect_key = serializers.CharField(max_length=100)
    arguments = Arguments()


class NewIssue(serializers.Serializer[Any]):
    title = TextField(required=False, allow_blank=True, default="")
    body = TextField(required=False, allow_blank=True, default="")
    repository = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    revision = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    idempotency_key = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")


class NewMessage(serializers.Serializer[Any]):
    issue = serializers.CharField(max_length=24)
    text = TextField(allow_blank=True)
    idempotency_key = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")


class TeamIssuesView(InternalView):
    def get(self, request: Request) -> Response:
        """Issues of the team that fit the question, best first, without the one that the asking run works on."""
        asked = checked(Search, request.query_params)
        reader = _reader(asked["team"])
        run = past.run_of(reader, asked["run"])
        status = IssueStatus(asked["status"]) if asked["status"] else None
        found = past.search(reader, asked["q"], status=status, asked_by=run, limit=asked["limit"])
        return Response({"issues": [_in_short(each) for each in found]})

    def post(self, request: Request) -> Response:
        """File the issue that a grant allows; its run starts at once. The same grant again gives the same issue."""
        call, form = _granted(request, "issues__create_issue", NewIssue)
        submission = actions.Submission(
            title=form["title"],
            body=form["body"],
            source=Source.API,
            team_id=call.granted.team_id,
            repository=form["repository"],
            revision=form["revision"],
            delivery=call.delivery("issue", form["idempotency_key"]),
        )
        submitted = actions.submit_issue(call.granted.actor, submission)
        issue = models.Issue.objects.select_related("team", "repository").get(pk=submitted.issue.pk)
        shown = {"key": issue.key, "url": issue.address, "run": submitted.run.number, "is_new": submitted.is_new}
        return Response(shown, status=201 if submitted.is_new else 200)


class TeamIssueView(InternalView):
    def get(self, request: Request, key: str) -> Response:
        """One issue of the team with its latest solution, what that rests on, and its runs."""
        asked = checked(Part, request.query_params)
        reader = _reader(asked["team"])
        run = past.run_of(reader, asked["run"])
        found = past.read(reader, key)
        return Response(_whole(found, asked["offset"], is_own=bool(run and run.issue_id == found.issue.pk)))


class TeamMessagesView(InternalView):
    def post(self, request: Request) -> Response:
        """Say what a grant allows to an issue: to its live run, or to a further one, which starts at once."""
        call, form = _granted(request, "issues__add_message", NewMessage)
        run = call.granted.run
        if run is not None and run.issue.key == form["issue"].upper():
            raise InputError(
                "This is the issue that the run itself works on.", field="issue", next_step="Say it in the answer of the run."
            )
        delivery = call.delivery("message", form["idempotency_key"])
        said = actions.say_to_issue(call.granted.actor, form["issue"], form["text"], delivery)
        shown = {"issue": form["issue"].upper(), "run": said.run.number, "status": said.message.status, "is_new": said.is_new}
        return Response(shown, status=202)


class TeamsView(InternalView):
    def get(self, request: Request) -> Response:
        """Key and name of a team."""
        team = get_team(_reader(checked(Scope, request.query_params)["team"]))
        return Response({"id": team.pk, "key": team.key, "name": team.name})


class _Call:
    """A granted call, with the name under which the same call again is recognized."""

    def __init__(self, granted: grants.GrantedCall, effect_key: str, arguments: dict[str, Any]) -> None:
        self.granted = granted
        self._effect_key = effect_key
        self._hash = arguments_hash(arguments)

    def delivery(self, what: str, idempotency_key: str) -> Delivery:
        """By the grant; a token's calls have a grant each, so their owner may name them."""
        if idempotency_key and self.granted.run is None:
            owner = self.granted.actor.user_id
            return Delivery(f"mcp.{what}:{self.granted.team_id}:{owner}", idempotency_key, self._hash)
        return Delivery(f"mcp.{what}", self._effect_key, self._hash)


def _granted(request: Request, tool: str, form: type[serializers.Serializer[Any]]) -> tuple[_Call, dict[str, Any]]:
    asked = checked(GrantedArguments, request.data)
    granted = grants.granted_call(asked["effect_key"], tool, asked["arguments"])
    return _Call(granted, asked["effect_key"], asked["arguments"]), checked(form, asked["arguments"])


def _reader(team_id: int) -> Actor:
    """The gateway has checked that its caller is of this team. Raises `NotFound` for one that is not there."""
    reader = Actor(name="gateway", roles={team_id: MemberRole.VIEWER} if Team.objects.filter(pk=team_id).exists() else {})
    reader.require(team_id, MemberRole.VIEWER)
    return reader


def _in_short(found: past.PastIssue) -> dict[str, Any]:
    issue, solution = found.issue, found.solution
    return {
        "key": issue.key,
        "title": issue.title,
        "status": issue.status,
        "repository": issue.repository.name if issue.repository else "",
        "created_at": issue.created_at.isoformat(),
        "closed_at": issue.closed_at.isoformat() if issue.closed_at else None,
        "resolution": found.resolution[:MAX_SHORT_CHARS],
        "verdict": solution.verdict if solution else "",
        "summary": solution.summary[:MAX_SHORT_CHARS] if solution else "",
        "root_cause": str(solution.body.get("root_cause", ""))[:MAX_SHORT_CHARS] if solution else "",
        "has_all": found.has_all,
    }


def _whole(found: past.PastIssue, offset: int, *, is_own: bool) -> dict[str, Any]:
    issue, solution = found.issue, found.solution
    end = offset + MAX_BODY_CHARS
    return {
        "key": issue.key,
        "title": issue.title,
        "status": issue.status,
        "url": issue.address,
        "repository": issue.repository.name if issue.repository else "",
        "reporter": issue.reporter_name,
        "created_at": issue.created_at.isoformat(),
        "closed_at": issue.closed_at.isoformat() if issue.closed_at else None,
        "resolution": found.resolution,
        "body": issue.body[offset:end],
        "body_chars": len(issue.body),
        "next_offset": end if end < len(issue.body) else None,
        "is_own": is_own,
        "solution": mapping.solution(solution).model_dump(mode="json") if solution else None,
        "solved_by_run": solution.run.number if solution else None,
        "evidence": [mapping.evidence(row).model_dump(mode="json") for row in past.evidence_of(solution)] if solution else [],
        "runs": [
            {
                "number": run.number,
                "status": run.status,
                "verdict": run.verdict,
                "asked_by": run.asked_by,
                "ended_at": run.ended_at.isoformat() if run.ended_at else None,
            }
            for run in past.last_runs(issue)
        ],
    }
