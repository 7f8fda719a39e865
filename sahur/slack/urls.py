"""Addresses that Slack calls, and those of the installation."""

from __future__ import annotations

from django.urls import URLPattern, path

from sahur.slack import oauth, views

urlpatterns: list[URLPattern] = [
    path("slack/events", views.events, name="slack-events"),
    path("slack/install", oauth.install),
    path("slack/oauth_redirect", oauth.oauth_redirect),
]
