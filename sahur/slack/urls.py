"""Addresses that Slack calls."""

from __future__ import annotations

from django.urls import URLPattern, path

from sahur.slack import views

urlpatterns: list[URLPattern] = [path("slack/events", views.events, name="slack-events")]
