"""A location as tables in the terminal. Paths, names and messages come from a repository: nothing in them steers it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sahur.embedded.terminal import one_line
from sahur_core.code.records import Location

_MAX_WIDTH_IN_FILES = 120
"""Where no terminal says how wide it is."""
_MAX_REASONS = 3
_CAPTION = "Score: how likely relative to the first of its list; compare only within one answer."
_MAX_REASON = 300


def show(location: Location, notes: Sequence[str], stream: TextIO) -> None:
    """Files, functions and commits, best first, each with its strongest reasons, and what is to be known about them."""
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(file=stream, highlight=False, markup=False, emoji=False, width=_MAX_WIDTH_IN_FILES)
    for note in notes:
        console.print(Text(f"Note: {one_line(note, _MAX_REASON)}"))
    if not (location.files or location.functions or location.commits):
        console.print(Text("Nothing in the report points to this code."))
        return
    console.print(Text(_CAPTION))
    console.print()
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
        why = "\n".join(one_line(reason, _MAX_REASON) for reason in strongest(reasons))
        table.add_row(Text(str(place)), Text(f"{score:.2f}"), Text(one_line(name, _MAX_REASON)), Text(why))
    console.print(table)
    console.print()


def strongest(reasons: Sequence[str], limit: int = _MAX_REASONS) -> list[str]:
    """The first reasons, which are the strongest; of what speaks against the row ("although …"), which stands last, the first."""
    kept = list(reasons[:limit])
    doubt = next((reason for reason in reasons if reason.startswith("although ")), None)
    return kept if doubt is None or doubt in kept else [*kept[: limit - 1], doubt]
