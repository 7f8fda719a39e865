"""Repositories that the team's runs may read: added and looked after by admins, seen by everybody in the team."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.accounts.actor import Actor
from sahur.accounts.selectors import get_team
from sahur.api import repository_shapes as shapes
from sahur.api import representation, serializers
from sahur.api.views.base import ApiView, answer, checked
from sahur.batch import actions, repository_actions
from sahur.issues import selectors
from sahur_core.code.git.credentials import Credentials, HttpsCredentials, SshCredentials


class RepositoriesView(ApiView):
    @extend_schema(operation_id="listRepositories", responses=shapes.RepositoryPage)
    def get(self, request: Request) -> Response:
        """All repositories of your teams, by name."""
        rows = selectors.list_repositories(self.actor)
        return answer(shapes.RepositoryPage(results=[representation.repository(row) for row in rows], next=None))

    @extend_schema(operation_id="addRepository", request=serializers.NewRepository, responses={201: shapes.Repository})
    def post(self, request: Request) -> Response:
        """Let a team's runs read a repository, and begin to clone and index it. One that is there is answered as it is."""
        form = checked(serializers.NewRepository, request.data)
        actor = self.actor
        team = get_team(actor, form["team"].upper())
        with transaction.atomic():
            added = actions.add_repository(actor, team.pk, form["source"], name=form["name"])
            if form["credential"]:
                repository_actions.set_credential(actor, added.pk, _credentials(form["credential"]))
            if changes := {name: form[name] for name in ("default_branch", "test_command") if form[name]}:
                repository_actions.change_repository(actor, added.pk, changes)
        return answer(_shown(actor, added.pk), status=201)


class RepositoryView(ApiView):
    @extend_schema(operation_id="getRepository", responses=shapes.Repository)
    def get(self, request: Request, repository_id: UUID) -> Response:
        """One repository, with how far its clone and index are."""
        selectors.get_repository(self.actor, repository_id)
        return answer(_shown(self.actor, repository_id))

    @extend_schema(operation_id="changeRepository", request=serializers.RepositoryChange, responses=shapes.Repository)
    def patch(self, request: Request, repository_id: UUID) -> Response:
        """Change its name, its default branch or how often its remote is asked."""
        form = checked(serializers.RepositoryChange, request.data)
        repository_actions.change_repository(self.actor, repository_id, form)
        return answer(_shown(self.actor, repository_id))

    @extend_schema(operation_id="removeRepository", responses={204: None})
    def delete(self, request: Request, repository_id: UUID) -> Response:
        """Forget it, and remove its clone and index. Its issues stay."""
        repository_actions.remove_repository(self.actor, repository_id)
        return Response(status=204)


class RepositoryIndexView(ApiView):
    @extend_schema(operation_id="indexRepository", request=serializers.IndexRequest, responses={202: shapes.Repository})
    def post(self, request: Request, repository_id: UUID) -> Response:
        """Look at its remote now, also after a failure, and index what is new, or all of it anew."""
        form = checked(serializers.IndexRequest, request.data)
        repository_actions.index_repository(self.actor, repository_id, is_rebuild=form["rebuild"])
        return answer(_shown(self.actor, repository_id), status=202)


class RepositoryCredentialView(ApiView):
    @extend_schema(operation_id="setRepositoryCredential", request=serializers.Credential, responses=shapes.Repository)
    def put(self, request: Request, repository_id: UUID) -> Response:
        """Set what it is read with, in the place of any earlier credential. It is stored encrypted and never shown."""
        form = checked(serializers.Credential, request.data)
        repository_actions.set_credential(self.actor, repository_id, _credentials(form))
        return answer(_shown(self.actor, repository_id))

    @extend_schema(operation_id="removeRepositoryCredential", responses={204: None})
    def delete(self, request: Request, repository_id: UUID) -> Response:
        repository_actions.drop_credential(self.actor, repository_id)
        return Response(status=204)


class RepositoryWebhookView(ApiView):
    @extend_schema(operation_id="createRepositoryWebhook", request=None, responses={201: shapes.NewRepositoryWebhook})
    def post(self, request: Request, repository_id: UUID) -> Response:
        """A new secret for its webhook, in this answer and nowhere else; an earlier one does not count any more."""
        _, secret = repository_actions.set_webhook(self.actor, repository_id)
        made: Any = _shown(self.actor, repository_id).webhook
        return answer(shapes.NewRepositoryWebhook(**made.model_dump(), secret=secret), status=201)

    @extend_schema(operation_id="removeRepositoryWebhook", responses={204: None})
    def delete(self, request: Request, repository_id: UUID) -> Response:
        repository_actions.drop_webhook(self.actor, repository_id)
        return Response(status=204)


def _credentials(form: dict[str, Any]) -> Credentials:
    if form["private_key"]:
        return SshCredentials(form["private_key"], form["known_hosts"])
    return HttpsCredentials(form["username"], form["token"])


def _shown(actor: Actor, repository_id: UUID) -> shapes.Repository:
    return representation.repository(selectors.list_repositories(actor).get(pk=repository_id))
