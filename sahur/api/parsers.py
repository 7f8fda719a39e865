"""JSON bodies within bounds, told as problems: too large, nested too deeply, not JSON, not an object."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework import exceptions, parsers

from sahur.api.errors import too_large

RECEIPT_BYTES = 64 * 1024 * 1024
"""The largest body that the gateway may send: a batch of receipts with whole results."""
WEBHOOK_BYTES = 1024 * 1024
"""The largest delivery of a webhook. Only pushes of thousands of commits are larger; a poll finds what they brought."""


class BoundedJSONParser(parsers.BaseParser):
    """Not DRF's own parser, which reads the whole body before anything can be said about it.

    Refuses bodies over `DATA_UPLOAD_MAX_MEMORY_SIZE` with 413, and what is not a JSON object in UTF-8 with 400.
    """

    media_type = "application/json"

    def limit(self) -> int:
        """The largest body, in bytes."""
        return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        limit = self.limit()
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise too_large(limit)
        try:
            parsed = parsers.JSONParser().parse(io.BytesIO(raw), media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("The JSON is nested too deeply.") from error
        if not isinstance(parsed, dict):
            raise exceptions.ParseError("The body is not a JSON object.")
        return parsed


class ReceiptParser(BoundedJSONParser):
    """For the gateway, whose batches carry whole results of tools."""

    def limit(self) -> int:
        return RECEIPT_BYTES
