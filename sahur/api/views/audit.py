"""The audit log, to read page by page and to take along as a table."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.accounts import audit
from sahur.accounts.models import AuditEntry
from sahur.api import pagination
from sahur.api import team_serializers as serializers
from sahur.api import team_shapes as shapes
from sahur.api.throttles import ExportThrottle
from sahur.api.views.base import ApiView, answer, checked

MAX_ROWS = 10_000
COLUMNS = ("at", "team", "actor", "username", "action", "target", "detail", "trace_id")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""As full-width letters, too, which some spreadsheets read as these."""


class AuditView(ApiView):
    @extend_schema(operation_id="listAudit", parameters=[serializers.AuditQuery], responses=shapes.AuditPage)
    def get(self, request: Request) -> Response:
        """Who did what in the teams that you are an admin of, newest first; for staff also what is about no team."""
        asked = checked(serializers.AuditQuery, request.query_params)
        limit: int = asked.pop("limit")
        before = pagination.decode(asked.pop("cursor"))
        rows = audit.list_entries(self.actor, audit.Wanted(**asked), before=before, limit=limit + 1)
        page = rows[:limit]
        following = pagination.encode((page[-1].at, page[-1].pk)) if len(rows) > limit else None
        return answer(shapes.AuditPage(results=[_entry(row) for row in page], next=following))


class AuditExportView(ApiView):
    throttle_classes = [*ApiView.throttle_classes, ExportThrottle]

    @extend_schema(
        operation_id="exportAudit", parameters=[serializers.AuditFilter], responses={(200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request) -> HttpResponse:
        """The same entries as a table (CSV), the newest 10,000 at most. `X-Sahur-More: 1` if there are more.

        Cells that a spreadsheet would take for a formula begin with an apostrophe.
        """
        asked = checked(serializers.AuditFilter, request.query_params)
        rows = audit.list_entries(self.actor, audit.Wanted(**asked), before=None, limit=MAX_ROWS + 1)
        response = HttpResponse(as_csv([_entry(row) for row in rows[:MAX_ROWS]]), content_type="text/csv; charset=utf-8")
        name = "-".join(["audit", *([asked["team"]] if asked["team"] else []), f"{datetime.now(UTC):%Y-%m-%d}"])
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        response["X-Sahur-More"] = str(int(len(rows) > MAX_ROWS))
        return response


def as_csv(entries: list[shapes.AuditEntry]) -> str:
    """One line for each entry, times in UTC."""
    table = io.StringIO()
    # All in quotes: some spreadsheets part cells at semicolons.
    writer = csv.writer(table, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for entry in entries:
        fields: dict[str, Any] = entry.as_json()
        fields["detail"] = json.dumps(fields["detail"], ensure_ascii=False, sort_keys=True) if fields["detail"] else ""
        writer.writerow(harmless(str(fields[name])) for name in COLUMNS)
    return table.getvalue()


def harmless(cell: str) -> str:
    """What a spreadsheet shows as text: people choose names and targets, and a cell that begins like a formula is one."""
    # What takes no room may stand before the sign. Tabs and ends of lines are signs themselves.
    shown = unicodedata.normalize("NFKC", cell)
    first = next((letter for letter in shown if unicodedata.category(letter) not in ("Cf", "Zs")), "")
    return f"'{cell}" if first.startswith(FORMULA_STARTS) else cell


def _entry(row: AuditEntry) -> shapes.AuditEntry:
    return shapes.AuditEntry(
        id=str(row.pk),
        at=row.at,
        team=row.team.key if row.team else "",
        actor=row.actor,
        username=row.user.get_username() if row.user else "",
        action=row.action,
        target=row.target,
        detail=row.detail,
        trace_id=row.trace_id,
    )
