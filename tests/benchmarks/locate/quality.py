"""`python -m tests.benchmarks.locate quality`: `locate` on instances with known answers, beside plain BM25 and published rows."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sahur_core.code.evaluate.candidates import is_published_candidate
from sahur_core.code.evaluate.plain_bm25 import PlainBm25
from sahur_core.code.evaluate.scoring import KS, score
from sahur_core.code.evaluate.scoring import ranks as ranks_of
from sahur_core.code.index.build import build_index
from sahur_core.code.locate.locate import locate
from sahur_core.code.opening import open_repository
from tests.benchmarks.locate import published
from tests.benchmarks.locate.instances import Instance, by_repository, find_mirror

LIMIT = 50
SEED = 5
WHOLE, SHORT = "whole report", "title + 300 characters"


@dataclass(frozen=True)
class Prediction:
    """What one ranker answered to one form of a report."""

    instance: Instance
    form: str
    ranker: str
    files: list[str]
    functions: list[str]
    seconds: float

    def to_json(self) -> dict[str, object]:
        return {
            "instance_id": self.instance.id,
            "form": self.form,
            "ranker": self.ranker,
            "files": self.files,
            "functions": self.functions,
            "seconds": round(self.seconds, 4),
        }


def predict(
    instances: Sequence[Instance], mirrors: Path, cache: Path, *, with_plain: bool, forms: Sequence[str]
) -> Iterator[Prediction]:
    """The answers to all instances, repository by repository; each index is built on what the one before left behind."""
    for repo, asked in by_repository(instances).items():
        source = str(find_mirror(mirrors, repo))
        plain: PlainBm25 | None = None
        for number, instance in enumerate(asked, 1):
            started = time.perf_counter()
            opened = open_repository(source, instance.commit, cache, lambda _: None)
            index = build_index(opened.repository, opened.commit, opened.directory, lambda _: None)
            print(f"{repo} {number}/{len(asked)}: index {time.perf_counter() - started:.2f} s", file=sys.stderr, flush=True)
            plain = plain or PlainBm25(opened.repository, is_published_candidate)
            for form in forms:
                text = instance.text if form == WHOLE else instance.short_text
                started = time.perf_counter()
                found = locate(opened.repository, index, text, instance.title, limit=LIMIT)
                seconds = time.perf_counter() - started
                functions = [f"{function.path}:{function.name}" for function in found.functions]
                yield Prediction(instance, form, "locate", [file.path for file in found.files], functions, seconds)
                if with_plain:
                    started = time.perf_counter()
                    simple = plain.rank(instance.commit, f"{instance.title}\n{text}", LIMIT)
                    seconds = time.perf_counter() - started
                    yield Prediction(instance, form, "plain BM25", simple.files, simple.functions, seconds)


def write(predictions: Sequence[Prediction], folder: Path, name: str) -> None:
    """A file for each form and ranker, in the form that the data's own `score.py` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    for form, ranker in dict.fromkeys((prediction.form, prediction.ranker) for prediction in predictions):
        rows = [each.to_json() for each in predictions if (each.form, each.ranker) == (form, ranker)]
        slug = f"{name}-{ranker}-{form}".replace(" ", "_").replace("+", "and")
        (folder / f"{slug}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")


def show(predictions: Sequence[Prediction], name: str) -> None:
    """The tables of one set."""
    for form in dict.fromkeys(prediction.form for prediction in predictions):
        of_form = [prediction for prediction in predictions if prediction.form == form]
        print(f"\n{name}, {form}: files, all gold among the first k (in brackets: 95 % of bootstrap samples)")
        _table(of_form, lambda each: (each.instance.files, each.files))
        if name == "lite" and form == WHOLE:
            _published(published.FILES, (1, 3, 5))
        print(f"\n{name}, {form}: functions, of instances whose fix edits an existing one")
        edited = [each for each in of_form if each.instance.is_published and each.instance.functions]
        _table(edited, lambda each: (each.instance.functions, each.functions))
        if name == "lite" and form == WHOLE:
            _published(published.FUNCTIONS, (5, 10))
        if form == WHOLE:
            _by_repository(of_form)
    seconds = sorted(each.seconds for each in predictions if each.ranker == "locate")
    print(
        f"\nlocate: p50 {statistics.median(seconds):.3f} s, p95 {seconds[int(0.95 * (len(seconds) - 1))]:.3f} s, n {len(seconds)}"
    )


def _table(predictions: Sequence[Prediction], pair: Callable[[Prediction], tuple[list[str], list[str]]]) -> None:
    print(f"  {'':24}{'n':>5}" + "".join(f"{f'@{k}':>18}" for k in KS) + f"{'MRR':>8}")
    for ranker in dict.fromkeys(prediction.ranker for prediction in predictions):
        rows = [ranks_of(*pair(prediction)) for prediction in predictions if prediction.ranker == ranker]
        result = score(rows, SEED)
        cells = [f"{each.all_gold:.2f} [{each.low:.0f}–{each.high:.0f}]" for each in result.accuracies]
        line = f"  {ranker:24}{result.questions:>5}" + "".join(f"{cell:>18}" for cell in cells)
        print(f"{line}{result.mean_reciprocal_rank:>8.3f}")


def _published(rows: dict[str, tuple[float, ...]], ks: Sequence[int]) -> None:
    for name, values in rows.items():
        cells = dict(zip(ks, values, strict=True))
        print(f"  {name:24}{274:>5}" + "".join(f"{f'{cells[k]:.2f}' if k in cells else '–':>18}" for k in KS))


def _by_repository(predictions: Sequence[Prediction]) -> None:
    print(f"\n  {'by repository':24}{'n':>5}{'file @1':>10}{'@5':>8}{'function @5':>14}{'@10':>8}   (plain BM25)")
    for repo in dict.fromkeys(prediction.instance.repo for prediction in predictions):
        cells = []
        for ranker in ("locate", "plain BM25"):
            of_repo = [each for each in predictions if each.instance.repo == repo and each.ranker == ranker]
            if of_repo:
                files = score([ranks_of(each.instance.files, each.files) for each in of_repo], SEED)
                edited = [each for each in of_repo if each.instance.is_published and each.instance.functions]
                functions = score([ranks_of(each.instance.functions, each.functions) for each in edited], SEED)
                values = {f"f{each.k}": each.all_gold for each in files.accuracies}
                values |= {f"g{each.k}": each.all_gold for each in functions.accuracies}
                cells.append([files.questions, *(values.get(key, 0.0) for key in ("f1", "f5", "g5", "g10"))])
        n, *figures = cells[0]
        peers = "/".join(f"{value:.0f}" for value in cells[1][1:]) if len(cells) > 1 else ""
        print(f"  {repo:24}{n:>5}{figures[0]:>10.1f}{figures[1]:>8.1f}{figures[2]:>14.1f}{figures[3]:>8.1f}   {peers}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--set", choices=["lite", "verified", "both"], default="lite")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="every n-th instance only, N in all")
    parser.add_argument("--short", action="store_true", help="also ask with title + 300 characters")
    parser.add_argument("--no-plain", action="store_true", help="without plain BM25 beside")
    parser.add_argument("--predictions", type=Path, metavar="DIR", help="write the answers here")
