"""`manage.py locate`: from a report to the files, functions and commits it points to, without a running service."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sahur.embedded import locating
from sahur_core.code.report import decode_report, shortened, split_title
from sahur_core.errors import InputError, ReportError, SahurError

MAX_LIMIT = 50


class Command(BaseCommand):
    help = "Ranks the files, functions and commits that a report points to. Needs no running service and no model."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = "Exit status: 0 done, 1 the repository cannot be read, 2 bad input."
        locating.add_repository_arguments(parser)
        parser.add_argument("--report-file", required=True, metavar="FILE", help="what went wrong; - reads standard input")
        parser.add_argument("--title", default="", help="usual: the first line of the report")
        parser.add_argument(
            "--reported-at", type=moment, metavar="ISO", help="when it was reported: commits made after that are no suspects"
        )
        parser.add_argument(
            "--limit", type=limit, metavar="N", help=f"rows of each list, 1 to {MAX_LIMIT} (usual: 10, with --json {MAX_LIMIT})"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            title, text, notes = read_report(options["report_file"], options["title"])
            rows = options["limit"] or (MAX_LIMIT if options["as_json"] else 10)
            answer = locating.locate_in(options, title=title, text=text, limit=rows)
        except InputError as error:
            self.stderr.write(str(error))
            sys.exit(2)
        except SahurError as error:
            self.stderr.write(str(error))
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(130)
        if options["as_json"]:
            for note in [*notes, *answer.notes]:
                self.stderr.write(f"Note: {note}")
            self.stdout.write(json.dumps(locating.document(answer.location), indent=2, ensure_ascii=False))
        else:
            from sahur.embedded import locating_table  # drawing is not needed for JSON, and takes its time to import

            locating_table.show(answer.location, [*notes, *answer.notes], sys.stdout)


def read_report(name: str, title: str) -> tuple[str, str, list[str]]:
    """Title, text and notes of the report in a file, or in standard input for `-`. Raises `ReportError`."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise ReportError(
            f"The report {name} cannot be read: {error.strerror}.", next_step="Check the path.", field="report"
        ) from error
    whole = decode_report(data)
    text, is_cut = shortened(whole)
    notes = [f"The report is {len(whole):,} characters long; its beginning and its end were read."] if is_cut else []
    if not title.strip():
        title, text = split_title(text)
    return title.strip(), text, notes


def limit(text: str) -> int:
    """The argument of `--limit`."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_LIMIT:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to {MAX_LIMIT}")
    return int(text)


def moment(text: str) -> datetime:
    """The argument of `--reported-at`; without a time zone, UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a time such as 2026-01-31T09:30:00+01:00") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
