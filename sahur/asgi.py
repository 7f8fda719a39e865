"""The ASGI application: HTTP by Django, sockets by Channels. `uvicorn sahur.asgi:application`."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sahur.settings")

# First, because it loads the apps that the sockets import.
http_application = get_asgi_application()

from sahur.api.body_limit import BodyLimit  # noqa: E402
from sahur.slack.intake import Intake  # noqa: E402
from sahur.websockets.poller import poller  # noqa: E402
from sahur.websockets.routing import websocket_application  # noqa: E402
from sahur.websockets.seats import seats  # noqa: E402

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def lifespan(scope: dict[str, Any], receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's signature
    """Nothing is needed to start; at the end the tasks of the sockets' process are ended before their loop is."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await seats().close()
            await poller().close()
            await send({"type": "lifespan.shutdown.complete"})
            return


application = ProtocolTypeRouter(
    {"http": BodyLimit(Intake(http_application)), "websocket": websocket_application, "lifespan": lifespan}
)
