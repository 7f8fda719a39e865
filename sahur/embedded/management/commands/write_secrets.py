"""Makes the secrets of a deployment with docker-compose.yml: one file per audience, each with no more than it needs."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sahur.embedded import environment


class Command(BaseCommand):
    help = "Writes new secrets for docker-compose.yml into a folder. Never overwrites any."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, help="usual: secrets")

    def handle(self, *args: Any, directory: Path, **options: Any) -> None:
        files = deployment_files()
        for name in files:
            if (directory / name).exists():
                raise CommandError(
                    f"{directory / name} exists: a new key would lock the old data out. Move it away to make a new one."
                )
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, values in files.items():
            environment.write(directory / name, values)
            self.stdout.write(f"written: {directory / name}")


def deployment_files() -> dict[str, dict[str, str]]:
    """The files that docker-compose.yml names, with new secrets."""
    made = environment.with_secrets({})
    valkey = made.pop("SAHUR_VALKEY_PASSWORD")
    postgres = secrets.token_urlsafe(32)
    return {
        "postgres.env": {"POSTGRES_PASSWORD": postgres},
        "valkey.env": {"VALKEY_PASSWORD": valkey},
        "mcp.env": {name: made[name] for name in ("SAHUR_TOKEN_PUBLIC_KEY", "SAHUR_INTERNAL_TOKEN")},
        "sahur.env": {
            **{name: made[name] for name in ("SAHUR_SECRET_KEY", "SAHUR_TOKEN_PRIVATE_KEY", "SAHUR_INTERNAL_TOKEN")},
            "DATABASE_URL": f"postgresql://sahur:{postgres}@postgres:5432/sahur",
            "REDIS_URL": f"redis://:{valkey}@valkey:6379/0",
        },
    }
