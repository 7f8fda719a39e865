"""Keys of one's own: API tokens for machines, tickets for sockets from other origins."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.accounts import services
from sahur.accounts.models import ApiToken, MemberRole
from sahur.accounts.selectors import list_api_tokens
from sahur.api import representation, serializers, shapes
from sahur.api.authentication import InPerson, role_cap, signed_in_user
from sahur.api.views.base import ApiView, answer, checked


class TokensView(ApiView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="listTokens", responses=shapes.TokenPage)
    def get(self, request: Request) -> Response:
        """Your API tokens that were not revoked."""
        rows = list_api_tokens(signed_in_user(request))
        return answer(shapes.TokenPage(results=[representation.token(row) for row in rows], next=None))

    @extend_schema(operation_id="createToken", request=serializers.NewToken, responses={201: shapes.NewToken})
    def post(self, request: Request) -> Response:
        """Make an API token. Its key is in this answer and nowhere else."""
        form = checked(serializers.NewToken, request.data)
        token, key = services.create_api_token(
            signed_in_user(request),
            form["name"],
            role=MemberRole(form["role"]),
            tools=form["tools"],
            expires_at=form["expires_at"],
            by=self.actor,
        )
        return answer(shapes.NewToken(**representation.token(token).model_dump(), key=key), status=201)


class TokenView(ApiView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="revokeToken", responses={204: None})
    def delete(self, request: Request, token_id: UUID) -> Response:
        """Revoke an API token at once."""
        services.revoke_api_token(token_id, owner=signed_in_user(request), by=self.actor)
        return Response(status=204)


class SocketTicketsView(ApiView):
    @extend_schema(operation_id="createSocketTicket", request=None, responses={201: shapes.SocketTicket})
    def post(self, request: Request) -> Response:
        """A ticket that opens one WebSocket within 30 seconds, with no more rights than this request has."""
        token = request.auth if isinstance(request.auth, ApiToken) else None
        session_key = "" if token else request.session.session_key or ""
        ticket, expires_at = services.issue_socket_ticket(
            signed_in_user(request), at_most=role_cap(request), token=token, session_key=session_key
        )
        return answer(shapes.SocketTicket(ticket=ticket, expires_at=expires_at), status=201)
