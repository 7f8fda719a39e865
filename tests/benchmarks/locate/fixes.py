"""`python -m tests.benchmarks.locate fixes REPOSITORY…`: past fixes of any repositories, in any language, as rows of a page."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from sahur_core.code.evaluate.evaluation import Outcome, Results, evaluate
from sahur_core.code.evaluate.fixes import find_fixes
from sahur_core.code.evaluate.scoring import Ranks, score
from sahur_core.code.opening import open_repository

SEED = 5
HEADING = (
    "| repository | most changed | fixes | files, all: @1/@3/@5/@10 | plain BM25 | any @1/@5 | plain BM25 |"
    " functions, all: @5/@10 (n) | plain BM25 |\n|---|---|---|---|---|---|---|---|---|"
)


def measure(sources: Sequence[str], limit: int, cache: Path, saved: Path | None) -> None:
    """A row for each repository as soon as it is known, then one for all of them together."""
    everything: list[Outcome] = []
    print(HEADING, flush=True)
    for source in sources:
        opened = open_repository(source, "", cache, lambda _: None)
        past = find_fixes(opened.repository, opened.directory / "git", opened.commit, limit=limit)
        place = saved / f"{opened.directory.name}.jsonl" if saved else None
        results = Results(place, {"source": opened.source, "commit": opened.commit, "limit": limit})
        outcomes = list(evaluate(opened, past.fixes, results, lambda text: print(text, file=sys.stderr, flush=True)))
        suffixes = Counter(PurePosixPath(path).suffix for fix in past.fixes for path in fix.files)
        print(_row(_name(source), suffixes.most_common(1)[0][0] if suffixes else "", outcomes), flush=True)
        everything += outcomes
    print(_row("all", "", everything))


def _name(source: str) -> str:
    """`owner/name` of an address, of a clone, or of a folder `owner+name`."""
    parts = [part for part in source.rstrip("/").split("/") if part not in ("repo", "repo.git")]
    return parts[-1].replace("+", "/") if "+" in parts[-1] else "/".join(parts[-2:])


def _row(name: str, suffix: str, outcomes: Sequence[Outcome]) -> str:
    cells = [name, suffix, str(len(outcomes))]
    for ranker in ("locate", "bm25"):
        cells.append(_figures([outcome.files[ranker] for outcome in outcomes], (1, 3, 5, 10)))
    for ranker in ("locate", "bm25"):
        cells.append(_figures([outcome.files[ranker] for outcome in outcomes], (1, 5), of_any=True))
    for ranker in ("locate", "bm25"):
        rows = [outcome.functions[ranker] for outcome in outcomes if outcome.functions[ranker]]
        cells.append(_figures(rows, (5, 10)) + (f" ({len(rows)})" if ranker == "locate" else ""))
    return f"| {' | '.join(cells)} |"


def _figures(rows: Sequence[Ranks], ks: Sequence[int], *, of_any: bool = False) -> str:
    found = score(rows, SEED, ks).accuracies
    return "/".join(f"{entry.any_gold if of_any else entry.all_gold:.0f}" for entry in found) or "–"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("repositories", nargs="+", metavar="REPOSITORY", help="paths or addresses")
    parser.add_argument("--limit", type=int, default=30, metavar="N", help="how many of the newest fixes (usual: 30)")
    parser.add_argument("--save", type=Path, metavar="DIR", help="keep the results here; the same command goes on from there")
