"""A location as tables in the terminal. Paths, names and messages come from a repository: nothing in them steers it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sahur.embedded.terminal import one_line
from sahur_core.code.records import Location

_WIDTH_IN_FILES = 160
"""Where no terminal says how wide it is."""
_MAX_REASON = 300


def show(location: Location, stream: TextIO) -> None:
    """Files, functions and commits, best first, each with its reasons."""
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(file=stream, highlight=False, markup=False, emoji=False, width=_WIDTH_IN_FILES)
    if not location.files:
        console.print(Text("Nothing in the report points to this code."))
        return
    if not location.has_anchor:
        console.print(Text("No stack frame, path, name or message of the report is in the code: this rests on words alone."))
    _print(console, "File", [(file.path, file.score, file.reasons) for file in location.files])
    functions = [
        (f"{function.path}:{function.start} {function.name}", function.score, function.reasons) for function in location.functions
    ]
    _print(console, "Function", functions)
    commits = [
        (f"{entry.commit.sha[:10]} {entry.commit.committed_at:%Y-%m-%d} {entry.commit.summary}", entry.score, entry.reasons)
        for entry in location.commits
    ]
    _print(console, "Commit", commits)


def _print(console: Console, what: str, rows: Sequence[tuple[str, float, list[str]]]) -> None:
    if not rows:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title_justify="left")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column(what, overflow="fold", ratio=2)
    table.add_column("Why", overflow="fold", ratio=3)
    for place, (name, score, reasons) in enumerate(rows, 1):
        why = "\n".join(one_line(reason, _MAX_REASON) for reason in reasons)
        table.add_row(Text(str(place)), Text(f"{score:.2f}"), Text(one_line(name, _MAX_REASON)), Text(why))
    console.print(table)
    console.print()
