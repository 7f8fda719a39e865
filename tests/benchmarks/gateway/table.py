"""The figures as a table to read and as Markdown."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

_COLUMNS = {
    "p50 ms": "p50_ms",
    "× direct": "p50_ratio",
    "p99 ms": "p99_ms",
    "p99 × direct": "p99_ratio",
    "calls/s": "calls_per_s",
    "CPU ms a call": "cpu_ms",
    "of the upstream": "upstream_cpu_ms",
    "calls": "calls",
    "errors": "errors",
}


def rows(figures: dict[str, Any]) -> list[list[str]]:
    """The heading and one row for each contestant in each cell."""
    found = [["measured", "gateway", *_COLUMNS]]
    for cell, by_name in figures["cells"].items():
        for name, values in by_name.items():
            found.append([cell, name, *(_shown(values.get(key)) for key in _COLUMNS.values())])
    return found


def markdown(figures: dict[str, Any]) -> str:
    heading, *lines = rows(figures)
    table = [heading, ["---"] * 2 + ["---:"] * (len(heading) - 2), *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in table)


def show(figures: dict[str, Any]) -> None:
    heading, *lines = rows(figures)
    table = Table(*heading[:2])
    for title in heading[2:]:
        table.add_column(title, justify="right")
    last = ""
    for line in lines:
        if last and line[0] != last:
            table.add_section()
        table.add_row(line[0] if line[0] != last else "", *line[1:])
        last = line[0]
    console = Console(width=150)
    console.print(table)
    for cell, by_name in figures["cells"].items():
        for name, values in by_name.items():
            for kind, count in values["kinds of errors"].items():
                console.print(f"{cell}, {name}: {count} errors: {kind}", highlight=False, markup=False)
    for name, value in figures.items():
        if name != "cells":
            console.print(f"{name}: {value}", highlight=False, markup=False)


def _shown(value: float | int | None) -> str:
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
