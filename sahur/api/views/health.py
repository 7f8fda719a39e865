"""For load balancers and supervisors."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.api import health, shapes
from sahur.api.views.base import ApiView, answer


class LiveView(ApiView):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = []

    @extend_schema(operation_id="live", responses=shapes.Health, auth=[])
    def get(self, request: Request) -> Response:
        """The process answers."""
        return answer(shapes.Health(status="ok", checks={}))


class ReadyView(LiveView):
    @extend_schema(operation_id="ready", responses={200: shapes.Health, 503: shapes.Health}, auth=[])
    def get(self, request: Request) -> Response:
        """The process can do its work: PostgreSQL with all migrations, and Redis/Valkey. The gateway is only told."""
        needed = {"database": health.check_database(), "redis": health.check_redis()}
        is_ready = all(result == health.OK for result in needed.values())
        shape = shapes.Health(status="ok" if is_ready else "unavailable", checks={**needed, "gateway": health.check_gateway()})
        return answer(shape, status=200 if is_ready else 503)
