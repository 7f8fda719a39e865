"""Addresses of the sockets."""

from __future__ import annotations

from channels.routing import URLRouter
from django.urls import URLPattern, path, re_path

from sahur.websockets import consumers

websocket_urlpatterns: list[URLPattern] = [
    path("ws/runs/<str:run_id>/", consumers.RunConnection.as_asgi()),
    path("ws/issues/<str:key>/", consumers.IssueConnection.as_asgi()),
    path("ws/issues/", consumers.IssueListConnection.as_asgi()),
    re_path(r"", consumers.NoSuchAddress.as_asgi()),
]

websocket_application = URLRouter(websocket_urlpatterns)
