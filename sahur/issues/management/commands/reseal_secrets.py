"""`manage.py reseal_secrets`: stored secrets move to the first of SAHUR_ENCRYPTION_KEYS, so that old keys can go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sahur.issues.services import repositories, slack_workspaces
from sahur_core.errors import SealBroken


class Command(BaseCommand):
    help = "Seal all stored secrets anew under the first key of SAHUR_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = repositories.reseal_all() + slack_workspaces.reseal_all()
        except SealBroken as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} secrets are sealed under the first key now.")
