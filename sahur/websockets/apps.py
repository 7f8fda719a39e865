from __future__ import annotations

from django.apps import AppConfig


class WebsocketsConfig(AppConfig):
    name = "sahur.websockets"
    label = "websockets"

    def ready(self) -> None:
        from sahur.issues.events import event_recorded
        from sahur.websockets import rights
        from sahur.websockets.broadcast import hint_news

        event_recorded.connect(hint_news, dispatch_uid="sahur.websockets.broadcast")
        rights.connect()
