"""`manage.py export_case SAH-12`: an issue as a case file for `manage.py evaluate`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sahur.accounts.actor import system_actor
from sahur.accounts.models import Team
from sahur.batch import actions
from sahur_core.errors import NotFound, SahurError


class Command(BaseCommand):
    help = "Writes an issue as a case: what was reported, what the tools answered, how it ended. Secrets are taken out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = "Exit status: 0 done, 2 there is no such issue, or the file cannot be written."
        parser.add_argument("issue", nargs="+", metavar="KEY", help="such as SAH-12")
        parser.add_argument("--output", type=Path, default=Path(), metavar="DIR", help="folder for the files (usual: this one)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for key in options["issue"]:
                self._write(key.upper(), options["output"])
        except (SahurError, OSError) as error:
            self.stderr.write(str(error))
            sys.exit(2)

    def _write(self, key: str, folder: Path) -> None:
        team = Team.objects.filter(key=key.rpartition("-")[0]).first() if key.isprintable() else None
        if team is None:
            raise NotFound(f"There is no issue {key}.", next_step="Give its key, such as SAH-12.")
        case = actions.export_case(system_actor(team, "command line"), key)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{case.name}.json"
        path.write_text(json.dumps(case.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n", "utf-8")
        calls = len(case.recording.calls) if case.recording else 0
        self.stdout.write(f"{path}: {calls} recorded calls, label: {case.label.outcome.value}")
