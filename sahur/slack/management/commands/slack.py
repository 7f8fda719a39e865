"""`manage.py slack manifest`: what the Slack app is made from. `manage.py slack check`: what is missing."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sahur.batch import slack_check
from sahur.batch.slack_check import Finding, Level
from sahur.issues.storage import STORAGE_FAILURES
from sahur.slack.manifest import as_yaml, manifest
from sahur_core.errors import NotFound

SIGNS = {Level.OK: "ok     ", Level.NOTE: "note   ", Level.MISSING: "MISSING"}


class Command(BaseCommand):
    help = "Sets up Slack: prints the manifest of the app, and checks what is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        printed = commands.add_parser("manifest", help="print what https://api.slack.com/apps makes the app from")
        printed.add_argument("--socket", action="store_true", help="events come over Socket Mode")
        printed.add_argument("--rotation", action="store_true", help="tokens rotate; only for apps installed over OAuth")
        printed.add_argument("--url", default=settings.PUBLIC_URL, help="where people reach SAHUR (SAHUR_PUBLIC_URL)")
        printed.add_argument("--json", action="store_true", help="as JSON instead of YAML")
        checked = commands.add_parser("check", help="say what is missing, and what to do about it")
        checked.add_argument("--workspace", default="", help="look only at this one (T…)")
        checked.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "manifest":
            self._print_manifest(**options)
        else:
            self._check(options["workspace"], as_json=options["json"])

    def _check(self, workspace: str, *, as_json: bool) -> None:
        try:
            findings = slack_check.check(workspace)
        except NotFound as error:
            raise CommandError(str(error)) from error
        except STORAGE_FAILURES as failure:
            raise CommandError("SAHUR's database does not answer. Start SAHUR (`make run`), then check again.") from failure
        if as_json:
            self.stdout.write(json.dumps([asdict(each) for each in findings], indent=2))
        else:
            self._tell(findings)
        if any(each.level is Level.MISSING for each in findings):
            sys.exit(1)

    def _tell(self, findings: list[Finding]) -> None:
        for each in findings:
            place = f"{each.workspace} " if each.workspace else ""
            self.stdout.write(f"{SIGNS[each.level]}  {place}{each.part}: {each.said}")
            if each.next_step:
                self.stdout.write(f"         {each.next_step}")
        missing = sum(each.level is Level.MISSING for each in findings)
        self.stdout.write(f"{missing} missing." if missing else "Nothing is missing.")

    def _print_manifest(self, *, url: str, socket: bool, rotation: bool, **options: Any) -> None:
        if not socket and not url.startswith("https://"):
            raise CommandError(
                f"Slack sends events to https addresses only, not to {url}. "
                "Say where people reach SAHUR (--url https://your-host), or choose Socket Mode, which needs none (--socket)."
            )
        content = manifest(url.rstrip("/"), is_socket=socket, rotates=rotation)
        self.stdout.write(json.dumps(content, indent=2) if options["json"] else as_yaml(content).rstrip())
