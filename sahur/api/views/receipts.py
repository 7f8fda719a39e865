"""Receipts: list, read whole or in parts, and have the call made again."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.api import pagination, representation, serializers, shapes
from sahur.api.throttles import RecheckThrottle
from sahur.api.views.base import ApiView, answer, checked
from sahur.batch.rechecks import recheck_receipt
from sahur.issues import receipts, selectors


class ReceiptsView(ApiView):
    @extend_schema(operation_id="listReceipts", parameters=[serializers.ReceiptQuery], responses=shapes.ReceiptPage)
    def get(self, request: Request) -> Response:
        """Records of tool calls in your teams, newest first, without their results."""
        asked = checked(serializers.ReceiptQuery, request.query_params)
        limit: int = asked.pop("limit")
        before = pagination.decode(asked.pop("cursor"))
        rows = receipts.list_receipts(self.actor, receipts.Wanted(**asked), before=before, limit=limit + 1)
        page = rows[:limit]
        return answer(
            shapes.ReceiptPage(
                results=[representation.receipt_summary(row) for row in page],
                next=pagination.encode((page[-1].called_at, page[-1].id)) if len(rows) > limit else None,
            )
        )


class ReceiptView(ApiView):
    @extend_schema(operation_id="getReceipt", parameters=[serializers.ResultPart], responses=shapes.Receipt)
    def get(self, request: Request, receipt_id: UUID) -> Response:
        """The gateway's record of one tool call, with the whole result, or with the part that `offset` and `limit` name."""
        asked = checked(serializers.ResultPart, request.query_params)
        row = selectors.get_receipt(self.actor, receipt_id)
        return answer(representation.receipt(row, asked["offset"], asked["limit"]))


class ReceiptRecheckView(ApiView):
    throttle_classes = [*ApiView.throttle_classes, RecheckThrottle]

    @extend_schema(operation_id="recheckReceipt", request=None, responses=shapes.Recheck)
    def post(self, request: Request, receipt_id: UUID) -> Response:
        """Still true? Make the call again, if it only reads, and compare the results."""
        return answer(representation.recheck(recheck_receipt(self.actor, receipt_id)))
