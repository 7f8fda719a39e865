"""`manage.py evaluate_locate`: how often `locate` would have been right on a repository's own past fixes."""

from __future__ import annotations

import json
import re
import signal
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from sahur.embedded import evaluating, locating
from sahur_core.code.evaluate.evaluation import Results, evaluate
from sahur_core.code.evaluate.fixes import PastFixes, find_fixes
from sahur_core.code.opening import Opened, open_repository
from sahur_core.errors import InputError, NotFound, SahurError

DEFAULT_SEED = 20_260
_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")


class Command(BaseCommand):
    help = "Asks locate the past fixes of a repository: the message is the report, the changed files are the answer."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = (
            "Ctrl-C stops and shows the table so far. Exit status: 0 done, 1 the repository cannot be read, 2 bad input."
        )
        locating.add_repository_arguments(parser)
        parser.add_argument("--since", type=day, metavar="DATE", help="no fixes before that day")
        parser.add_argument("--limit", type=count, default=100, metavar="N", help="how many of the newest fixes (usual: 100)")
        parser.add_argument(
            "--seed", type=int, default=DEFAULT_SEED, metavar="N", help=f"for the intervals (usual: {DEFAULT_SEED})"
        )
        parser.add_argument(
            "--save", type=Path, metavar="FILE", help="keep the results here; the same command goes on from there"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            summary = self._run(options)
        except (InputError, NotFound) as error:
            self.stderr.write(str(error))
            sys.exit(2)
        except SahurError as error:
            self.stderr.write(str(error))
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(130)
        if options["as_json"]:
            self.stdout.write(json.dumps(summary.document(), indent=2, ensure_ascii=False))
        else:
            evaluating.show(summary, sys.stdout)
        if summary.was_stopped:
            sys.exit(130)

    def _run(self, options: dict[str, Any]) -> evaluating.Summary:
        with locating.progress_line() as progress:
            opened = open_repository(
                options["repository"],
                options["commit"],
                locating.cache_folder(options),
                progress,
                private_hosts=settings.REPOSITORY_PRIVATE_HOSTS,
            )
            for note in opened.notes:
                self.stderr.write(f"Note: {note}")
            progress("Looking for past fixes")
            past = self._past_fixes(opened, options)
            asked = {"source": opened.source, "commit": opened.commit, "since": options["since"], "limit": options["limit"]}
            results = Results(options["save"], asked)
            summary = evaluating.Summary(opened.source, opened.commit, options["seed"], past)
            try:
                for outcome in evaluate(opened, past.fixes, results, progress):
                    summary.outcomes.append(outcome)
            except KeyboardInterrupt:
                summary.was_stopped = True
        return summary

    @staticmethod
    def _past_fixes(opened: Opened, options: dict[str, Any]) -> PastFixes:
        past = find_fixes(
            opened.repository, opened.directory / "git", opened.commit, limit=options["limit"], since=options["since"] or "" or ""
        )
        if not past.fixes:
            why = "; ".join(f"{number} {reason}" for reason, number in past.left_out.most_common())
            raise NotFound(
                f"None of the {past.looked_at} commits can be asked as a past fix{f': {why}' if why else ''}.",
                next_step="Choose an earlier --since, or a repository with a longer history.",
            )
        return past


def day(text: str) -> str:
    """The argument of `--since`."""
    if not _DAY.fullmatch(text):
        raise ArgumentTypeError(f"{text!r} is not a day such as 2026-01-31")
    return text


def count(text: str) -> int:
    """The argument of `--limit`."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to 10000")
    return int(text)
