"""`manage.py evaluate`: how good the answers are, on cases whose outcome is known (docs/evaluation.md)."""

from __future__ import annotations

import json
import signal
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sahur.embedded import evaluating_answers as evaluating
from sahur_core import __version__
from sahur_core.errors import SahurError
from sahur_core.evaluation import table
from sahur_core.evaluation.case import Split
from sahur_core.evaluation.loading import OWN_CASES

JSON_FILE, MARKDOWN_FILE = "evaluation.json", "evaluation.md"
MAX_RUNS = 50


class Command(BaseCommand):
    help = "Investigates cases whose outcome is known and holds the answers against it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = (
            "Exit status: 0 done, 1 a limit was missed or every run failed, 2 bad input or no case ran, 130 stopped by Ctrl-C "
            "(the results so far are written)."
        )
        parser.add_argument(
            "--cases", type=Path, nargs="+", metavar="DIR", default=[OWN_CASES], help="folders or files with cases"
        )
        parser.add_argument(
            "--model",
            nargs="+",
            default=["offline"],
            metavar="MODEL",
            help="provider:name, or configured for that of the settings, or offline (usual: offline)",
        )
        parser.add_argument("--runs", type=_runs, default=1, metavar="N", help="runs of each case with each model (usual: 1)")
        parser.add_argument("--tag", nargs="+", default=[], metavar="TAG", help="only cases with one of these tags")
        parser.add_argument("--split", choices=[split.value for split in Split], help="only cases of this split")
        parser.add_argument("--name", nargs="+", default=[], metavar="CASE", help="only these cases")
        parser.add_argument("--output", type=Path, metavar="DIR", help=f"write {MARKDOWN_FILE} and {JSON_FILE} there")
        for name, (_, text) in evaluating.THRESHOLDS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", type=_percent, metavar="PERCENT", help=text)

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        results, was_stopped = [], False
        try:
            with evaluating.trial(options, self.stderr.write) as trial:
                try:
                    for result in trial.results():
                        results.append(result)
                        self.stderr.write(f"    {evaluating.one_line(result)}")
                except KeyboardInterrupt:
                    was_stopped = True
        except SahurError as error:
            self.stderr.write(str(error))
            sys.exit(2)
        if not results:
            self.stderr.write("No case ran, so nothing is known. Check --cases, --tag, --split and --name.")
            sys.exit(2)
        self._tell(results, options["output"])
        if was_stopped:
            sys.exit(130)
        missed = evaluating.missed(results, options)
        for line in missed:
            self.stderr.write(line)
        if missed:
            sys.exit(1)

    def _tell(self, results: list[evaluating.Result], folder: Path | None) -> None:
        command = evaluating.command_line(sys.argv)
        text = table.markdown(results, command, __version__)
        self.stdout.write(text)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / MARKDOWN_FILE).write_text(text, "utf-8")
            content = table.document(results, command, __version__)
            (folder / JSON_FILE).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _runs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_RUNS:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to {MAX_RUNS}")
    return int(text)


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise ArgumentTypeError(f"{text!r} is not a number from 0 to 100")
    return value
