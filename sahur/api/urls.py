"""Addresses of the REST door, in the order of docs/architecture.md."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path
from drf_spectacular.views import SpectacularAPIView

from sahur.api.errors import page_not_found
from sahur.api.views import auth, health, issues, receipts, repositories, runs, teams, tokens

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/me/", auth.MeView.as_view()),
    path("auth/login/", auth.LoginView.as_view()),
    path("auth/logout/", auth.LogoutView.as_view()),
    path("auth/password/", auth.PasswordView.as_view()),
    path("issues/", issues.IssuesView.as_view()),
    re_path(r"^issues/(?P<key>[A-Za-z0-9-]{1,24})/$", issues.IssueView.as_view()),
    re_path(r"^issues/(?P<key>[A-Za-z0-9-]{1,24})/runs/$", issues.IssueRunsView.as_view()),
    re_path(r"^issues/(?P<key>[A-Za-z0-9-]{1,24})/case/$", issues.IssueCaseView.as_view()),
    path("runs/<uuid:run_id>/", runs.RunView.as_view()),
    path("runs/<uuid:run_id>/events/", runs.RunEventsView.as_view()),
    path("runs/<uuid:run_id>/messages/", runs.RunMessagesView.as_view()),
    path("runs/<uuid:run_id>/messages/<uuid:message_id>/urgent/", runs.MessageUrgentView.as_view()),
    path("runs/<uuid:run_id>/stop/", runs.RunStopView.as_view()),
    path("runs/<uuid:run_id>/resume/", runs.RunResumeView.as_view()),
    path("runs/<uuid:run_id>/branch/", runs.RunBranchView.as_view()),
    path("runs/<uuid:run_id>/difference/", runs.RunDifferenceView.as_view()),
    path("inputs/<uuid:input_request_id>/answer/", runs.InputAnswerView.as_view()),
    path("teams/<int:team_id>/budget/", teams.TeamBudgetView.as_view()),
    path("teams/<int:team_id>/usage/", teams.TeamUsageView.as_view()),
    path("receipts/", receipts.ReceiptsView.as_view()),
    path("receipts/<uuid:receipt_id>/", receipts.ReceiptView.as_view()),
    path("receipts/<uuid:receipt_id>/recheck/", receipts.ReceiptRecheckView.as_view()),
    path("repositories/", repositories.RepositoriesView.as_view()),
    path("repositories/<uuid:repository_id>/", repositories.RepositoryView.as_view()),
    path("repositories/<uuid:repository_id>/index/", repositories.RepositoryIndexView.as_view()),
    path("repositories/<uuid:repository_id>/credential/", repositories.RepositoryCredentialView.as_view()),
    path("repositories/<uuid:repository_id>/webhook/", repositories.RepositoryWebhookView.as_view()),
    path("tokens/", tokens.TokensView.as_view()),
    path("tokens/<uuid:token_id>/", tokens.TokenView.as_view()),
    path("socket-tickets/", tokens.SocketTicketsView.as_view()),
    path("health/live/", health.LiveView.as_view()),
    path("health/ready/", health.ReadyView.as_view()),
    path("schema/", SpectacularAPIView.as_view()),
    re_path(r"^.*$", page_not_found),
]
