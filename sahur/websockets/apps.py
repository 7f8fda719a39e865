from __future__ import annotations

from django.apps import AppConfig


class WebsocketsConfig(AppConfig):
    name = "sahur.websockets"
    label = "websockets"
