"""`manage.py slack manifest`: what the Slack app is made from."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from sahur.slack.manifest import as_yaml, manifest


class Command(BaseCommand):
    help = "Sets up Slack: prints the manifest of the app."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        printed = commands.add_parser("manifest", help="print what https://api.slack.com/apps makes the app from")
        printed.add_argument("--socket", action="store_true", help="events come over Socket Mode")
        printed.add_argument("--rotation", action="store_true", help="tokens rotate; only for apps installed over OAuth")
        printed.add_argument("--url", default=settings.PUBLIC_URL, help="where people reach SAHUR (SAHUR_PUBLIC_URL)")
        printed.add_argument("--json", action="store_true", help="as JSON instead of YAML")

    def handle(self, *args: Any, **options: Any) -> None:
        self._print_manifest(**options)

    def _print_manifest(self, *, url: str, socket: bool, rotation: bool, **options: Any) -> None:
        content = manifest(url.rstrip("/"), is_socket=socket, rotates=rotation)
        self.stdout.write(json.dumps(content, indent=2) if options["json"] else as_yaml(content).rstrip())
