"""What the gateway asks of the server: store receipts, grant writing calls, look tokens up, name repositories."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.db.models import Q
from pydantic import ValidationError
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.accounts import services
from sahur.accounts.actor import actor_of
from sahur.accounts.models import MemberRole
from sahur.accounts.selectors import find_api_token, list_memberships
from sahur.api.authentication import InternalAuthentication
from sahur.api.parsers import ReceiptParser
from sahur.api.serializers import Arguments
from sahur.api.throttles import AgentThrottle
from sahur.api.views.base import ApiView, checked
from sahur.issues import models
from sahur.issues.receipts import kept_result
from sahur.issues.services import grants, receipts
from sahur_core.errors import InputError, NotFound
from sahur_core.tools.receipts import Receipt

logger = logging.getLogger(__name__)


class InternalView(ApiView):
    """For the gateway alone. Not part of the public schema, and not throttled: there is one caller."""

    authentication_classes = [InternalAuthentication]
    permission_classes = [IsAuthenticated]
    throttle_classes = []
    schema = None


class ReceiptsView(InternalView):
    parser_classes = [ReceiptParser]

    def post(self, request: Request) -> Response:
        """Store a batch. What cannot be stored is named in `refused`; the rest is stored all the same."""
        sent = dict(request.data).get("receipts")
        if not isinstance(sent, list):
            raise InputError("There is no list of receipts.", field="receipts")
        new, refused = _parse(sent)
        stored, strangers = receipts.store(new)
        refused += [{"id": str(each.id), "reason": each.reason} for each in strangers]
        for each in refused:
            logger.warning("Receipt %s refused: %s", each["id"], each["reason"])
        return Response({"stored": stored, "refused": refused}, status=202)


class ReceiptView(InternalView):
    def get(self, request: Request, receipt_id: UUID) -> Response:
        """The whole kept result of a receipt of `team` and, if that is given, of `run`."""
        teams = _numbers(request.query_params.get("team", ""))
        runs = _uuids(request.query_params.get("run", ""))
        if len(teams) != 1 or len(runs) > 1:
            raise InputError("One team must be named, and at most one run.", field="team")
        found = kept_result(receipt_id, teams[0], runs[0] if runs else None)
        if found is None:
            raise NotFound("The team, or the run, has no such receipt.")
        run = str(found.run_id) if found.run_id else ""
        return Response({"team": found.team_id, "run": run, "tool": found.tool, "result": found.result})


def _parse(sent: list[Any]) -> tuple[list[Receipt], list[dict[str, str]]]:
    new, refused = [], []
    for each in sent:
        try:
            new.append(Receipt.model_validate(each))
        except ValidationError as error:
            reasons = "; ".join(f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors())
            refused.append({"id": str(each.get("id", "")) if isinstance(each, dict) else "", "reason": reasons})
    return new, refused


class GrantRequest(serializers.Serializer[Any]):
    run = serializers.CharField(max_length=36, allow_blank=True, allow_null=True, default="")
    attempt = serializers.IntegerField(min_value=0, max_value=2**31 - 1, allow_null=True, default=None)
    tool = serializers.CharField(max_length=200)
    arguments = Arguments()
    arguments_hash = serializers.RegexField(r"^[0-9a-f]{64}$")
    token = serializers.UUIDField(allow_null=True, default=None)
    team = serializers.IntegerField(min_value=1, max_value=2**62, allow_null=True, default=None)

    def validate_run(self, value: str | None) -> UUID | None:
        try:
            return UUID(value) if value else None
        except ValueError as error:
            raise serializers.ValidationError("This is not a UUID.") from error


class GrantsView(InternalView):
    def post(self, request: Request) -> Response:
        """Whether this attempt, or this API token for this team, may make exactly this call, now and once."""
        asked = checked(GrantRequest, request.data)
        if asked["token"] and not AgentThrottle().allow_request(request, self):
            reason = "This token has changed too much within a minute. Wait a little, and look at what you have done so far."
            return Response({"granted": False, "reason": reason, "effect_key": ""})
        grant = grants.decide(
            grants.Call(
                run_id=asked["run"] or None,
                attempt=asked["attempt"],
                tool=asked["tool"],
                arguments=asked["arguments"],
                arguments_hash=asked["arguments_hash"],
                token_id=asked["token"],
                team_id=asked["team"],
            )
        )
        return Response({"granted": grant.granted, "reason": grant.reason, "effect_key": grant.effect_key})


class TokenQuestion(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=1000)


class IntrospectView(InternalView):
    def post(self, request: Request) -> Response:
        """Whose API token this is, and what it opens: two reads, because the gateway asks at every request.

        `role` is the lowest that its user has in any of the teams, `roles` that of each. With `team_keys` (key to id) a
        client names its team.
        """
        token = find_api_token(checked(TokenQuestion, request.data)["token"])
        if token is None:
            return Response({"active": False, "team_ids": [], "user": "", "role": "", "roles": {}, "tools": [], "token": ""})
        services.note_token_use(token)
        memberships = list_memberships(token.user)
        held = {each.team_id: MemberRole(each.role) for each in memberships}
        actor = actor_of(token.user, held, at_most=MemberRole(token.role))
        lowest = min(actor.roles.values(), key=list(MemberRole).index, default=None)
        return Response(
            {
                "active": True,
                "team_ids": sorted(actor.roles),
                "user": token.user.get_username(),
                "role": lowest.value if lowest else "",
                "team_keys": {each.team.key: each.team_id for each in memberships},
                "roles": {str(team): role.value for team, role in sorted(actor.roles.items())},
                "tools": token.tools,
                "token": str(token.pk),
            }
        )


class RepositoriesView(InternalView):
    def get(self, request: Request) -> Response:
        """The repositories with one of `ids`, or of one of `teams`. Unknown ones are left out."""
        wanted = Q(pk__in=_uuids(request.query_params.get("ids", ""))) | Q(
            team__in=_numbers(request.query_params.get("teams", ""))
        )
        rows = models.Repository.objects.filter(wanted).order_by("name", "pk")
        found = [
            {"id": str(row.pk), "team": row.team_id, "name": row.name, "source": row.source, "test_command": row.test_command}
            for row in rows
        ]
        return Response({"repositories": found})


def _uuids(text: str) -> list[UUID]:
    try:
        return [UUID(each) for each in text.split(",") if each]
    except ValueError as error:
        raise InputError("`ids` is not a list of UUIDs.", field="ids") from error


def _numbers(text: str) -> list[int]:
    numbers = [each for each in text.split(",") if each]
    if not all(each.isascii() and each.isdigit() and len(each) < 19 for each in numbers):
        raise InputError("`teams` is not a list of numbers.", field="teams")
    return [int(each) for each in numbers]
