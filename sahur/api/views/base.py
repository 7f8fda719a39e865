"""What the views share."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from sahur.accounts.actor import Actor
from sahur.api.authentication import actor_of
from sahur.api.shapes import Shape


class ApiView(APIView):
    """A view whose answers no cache may keep."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "no-store")
        return final

    @property
    def actor(self) -> Actor:
        """Who is asking."""
        return actor_of(self.request)


def checked(serializer: type[Serializer[Any]], data: Any) -> dict[str, Any]:
    """The data in the form that the serializer asks for. Raises DRF's `ValidationError`."""
    form = serializer(data=data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def answer(shape: Shape, status: int = 200) -> Response:
    return Response(shape.as_json(), status=status)
