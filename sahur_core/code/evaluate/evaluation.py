"""Asks `locate` the questions of a repository's own past, one after the other, and keeps what came out."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sahur_core import __version__
from sahur_core.code.evaluate.candidates import is_source
from sahur_core.code.evaluate.fixes import Fix
from sahur_core.code.evaluate.messages import names_any
from sahur_core.code.evaluate.plain_bm25 import PlainBm25
from sahur_core.code.evaluate.scoring import ranks
from sahur_core.code.index.build import build_index
from sahur_core.code.locate.locate import locate
from sahur_core.code.opening import Opened
from sahur_core.errors import InputError

LIMIT = 50
"""How far down an answer is looked for."""


@dataclass(frozen=True)
class Outcome:
    """The places of a question's answers, from 1, None where one is not among the first 50."""

    sha: str
    files: dict[str, list[int | None]]
    """By ranker: `locate` and `bm25`."""
    functions: dict[str, list[int | None]]
    is_named: bool
    """The message spells out the name of a changed file or function."""
    seconds: dict[str, float] = field(default_factory=dict)
    """`index`, `locate` and `bm25`."""


class Results:
    """Outcomes by fix, kept in a file of JSON lines where one is named, so that a stopped evaluation can go on."""

    def __init__(self, path: Path | None, settings: Mapping[str, Any]) -> None:
        self._path = path
        self.outcomes: dict[str, Outcome] = {}
        head = {"settings": {**settings, "code": _code_version()}}
        if path is None:
            return
        try:
            lines = path.read_text("utf-8").splitlines() if path.exists() else []
            if lines and json.loads(lines[0]) != head:
                raise InputError(
                    f"{path} holds the results of other settings or of another version of SAHUR.",
                    next_step="Name another file, or remove it.",
                    field="save",
                )
            for line in lines[1:]:
                outcome = Outcome(**json.loads(line))
                self.outcomes[outcome.sha] = outcome
            if not lines:
                path.write_text(json.dumps(head) + "\n", "utf-8")
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"{path} cannot be used to keep the results: {error}.", field="save") from error

    def add(self, outcome: Outcome) -> None:
        self.outcomes[outcome.sha] = outcome
        if self._path:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(outcome)) + "\n")


def evaluate(opened: Opened, fixes: Sequence[Fix], results: Results, progress: Callable[[str], None]) -> Iterator[Outcome]:
    """One outcome for each fix, newest first; those that `results` has are not asked again. Raises `RepositoryError`."""
    plain = PlainBm25(opened.repository, is_source)
    for number, fix in enumerate(fixes, 1):
        if fix.sha not in results.outcomes:
            progress(f"Question {number} of {len(fixes)}")
            results.add(_ask(opened, fix, plain))
        yield results.outcomes[fix.sha]


def _ask(opened: Opened, fix: Fix, plain: PlainBm25) -> Outcome:
    started = time.perf_counter()
    index = build_index(opened.repository, fix.parent, opened.directory, lambda _: None)
    indexed = time.perf_counter()
    found = locate(opened.repository, index, fix.text, fix.title, limit=LIMIT)
    located = time.perf_counter()
    simple = plain.rank(fix.parent, f"{fix.title}\n{fix.text}", LIMIT)
    seconds = {"index": indexed - started, "locate": located - indexed, "bm25": time.perf_counter() - located}
    functions = [f"{function.path}:{function.name}" for function in found.functions]
    return Outcome(
        sha=fix.sha,
        files={"locate": ranks(fix.files, [file.path for file in found.files]), "bm25": ranks(fix.files, simple.files)},
        functions={"locate": ranks(fix.functions, functions), "bm25": ranks(fix.functions, simple.functions)},
        is_named=names_any(fix.title, fix.text, fix.files, fix.functions),
        seconds={name: round(value, 4) for name, value in seconds.items()},
    )


def _code_version() -> str:
    """Changes with every change of our code: results of another one must not be mixed in."""
    content = hashlib.sha256()
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
        content.update(path.read_bytes())
    return f"{__version__}+{content.hexdigest()[:12]}"
