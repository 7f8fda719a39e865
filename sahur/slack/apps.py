from __future__ import annotations

from django.apps import AppConfig


class SlackConfig(AppConfig):
    name = "sahur.slack"
    label = "slack"
