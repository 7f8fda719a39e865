"""`manage.py setup_checkpoints`: the tables of LangGraph."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from sahur.batch.bootstrap import checkpointer


class Command(BaseCommand):
    help = "Create or migrate LangGraph's checkpoint tables. Run it after `migrate`; again is harmless."

    def handle(self, *args: Any, **options: Any) -> None:
        checkpointer().setup()
