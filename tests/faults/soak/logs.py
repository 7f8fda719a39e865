"""What the processes complained about: tracebacks in their logs, by process and kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

START = "Traceback (most recent call last):"


def tracebacks(folder: Path) -> Counter[str]:
    """How many of each: `worker: psycopg.OperationalError`. A chain of causes counts as the last of them."""
    found: Counter[str] = Counter()
    for log in sorted(folder.glob("*.log")):
        for kind in kinds(log):
            found[f"{log.stem}: {kind}"] += 1
    return found


def kinds(log: Path) -> Iterator[str]:
    """The exceptions at the end of the tracebacks, one after the other; the file is read line by line."""
    is_inside, kind = False, ""
    with log.open(errors="replace") as lines:
        for line in lines:
            text = line.rstrip().lstrip("| ")
            if START in text:
                is_inside, kind = True, ""
            elif is_inside and text and not line.startswith((" ", "\t", "|", "+")):
                kind = text.split(":")[0][:80]
                is_inside = False
            elif kind and text.startswith(("During handling", "The above exception")):
                kind = ""
            elif kind and text:
                yield kind
                kind = ""
    if kind:
        yield kind
