"""Brings the database to the state of this code and makes the first user. Safe to run again."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from sahur.embedded.first_start import ensure_first_user


class Command(BaseCommand):
    help = "Migrates the database, makes the checkpoint tables, the team and the first user (with a one-time password)."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("setup_checkpoints")
        first = ensure_first_user()
        if first is not None:
            self.stdout.write(
                f"\n  First user: {first.username}\n  One-time password: {first.password}\n"
                "  (shown only now; another one: `python manage.py changepassword admin`)\n\n"
            )
