"""`manage.py setup_checkpoints`: the tables of LangGraph."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from langgraph.checkpoint.postgres import PostgresSaver


class Command(BaseCommand):
    help = "Create or migrate LangGraph's checkpoint tables. Run it after `migrate`; again is harmless."

    def handle(self, *args: Any, **options: Any) -> None:
        # Not with the workers' saver: an index on a large table may take longer than their transactions may.
        with PostgresSaver.from_conn_string(settings.DATABASE_URL) as saver:
            saver.setup()
