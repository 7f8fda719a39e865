"""Addresses that only the gateway may use (docs/architecture.md, The gateway)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from sahur.api.errors import page_not_found
from sahur.api.internal import issues, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("receipts/", views.ReceiptsView.as_view()),
    path("receipts/<uuid:receipt_id>/", views.ReceiptView.as_view()),
    path("grants/", views.GrantsView.as_view()),
    path("tokens/introspect/", views.IntrospectView.as_view()),
    path("repositories/", views.RepositoriesView.as_view()),
    path("teams/", issues.TeamsView.as_view()),
    path("issues/", issues.TeamIssuesView.as_view()),
    path("issues/<str:key>/", issues.TeamIssueView.as_view()),
    path("messages/", issues.TeamMessagesView.as_view()),
    re_path(r"^.*$", page_not_found),
]
