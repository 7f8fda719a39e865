"""`python -m tests.benchmarks.locate.functions`: trains and judges the weights of the function ranker.

Signals of all instances are gathered once into `--cache` (remove the `.npz` files there to gather anew). Weights are
judged by five folds and by leaving out one repository at a time; the files' scores that functions are judged with are
those of a file model that has not seen the instance either. `--write` trains on everything and writes the weights that
ship.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from sahur_core.code.git.command import Git
from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index
from sahur_core.code.locate import functions
from sahur_core.code.locate.files import score_files
from sahur_core.code.locate.functions.callers import caller_shares, find_calls
from sahur_core.code.locate.functions.candidates import Field
from sahur_core.code.locate.functions.ranking import MAX_READ, add_up, first_look, load
from sahur_core.code.locate.functions.reading import read_code, reading_signals
from sahur_core.code.locate.functions.shape import file_values
from sahur_core.code.locate.locate import examine
from sahur_core.code.locate.model import FREE as FREE_FILE_SIGNALS
from sahur_core.code.locate.model import columns
from tests.benchmarks.locate.fitting import Example, fit
from tests.benchmarks.locate.instances import DATA, MIRRORS, Instance, by_repository, find_mirror, folder_from
from tests.benchmarks.locate.instances import load as load_instances

FREE = frozenset({"special", "private", "same_name"})
"""Signals that only describe a function, whose weights may be negative."""
CALLERS = ("called_by", "called_by_shared")
L2 = 3.0
FILE_L2 = 1.0
FILE_POOL = 150
GATHERED = 300
"""Candidates whose code is read: more than in use, since the weights that choose them change."""
FOLDS = 5
CUTS = (1, 3, 5, 10)
DIGITS = 4
WEIGHTS = Path(functions.__file__).parent.parent / "weights" / "functions.json"


@dataclass
class Gathered:
    """What is known of an instance before any weight."""

    id: str
    repo: str
    gold: list[str]
    in_set: dict[str, bool]
    names: list[str]
    """`path:Class.method` of each candidate."""
    places: np.ndarray
    first_names: list[str]
    first: np.ndarray
    read_names: list[str]
    read: np.ndarray
    calls: dict[int, set[int]]
    file_names: list[str]
    files: np.ndarray
    is_gold_file: np.ndarray

    def __post_init__(self) -> None:
        self.places = self.places.astype(np.int64)

    @property
    def is_gold(self) -> np.ndarray:
        return np.array([name in self.gold for name in self.names], dtype=float)


_PLAIN = ("id", "repo", "gold", "in_set", "names", "first_names", "read_names", "file_names")
_ARRAYS = ("places", "first", "read", "files", "is_gold_file")


@dataclass
class Weights:
    first: np.ndarray
    second: np.ndarray


def gather(instances: Sequence[Instance], mirrors: Path, cache: Path, sets: dict[str, dict[str, bool]]) -> Iterator[Gathered]:
    """Signals of each instance; what was gathered before is read from the cache."""
    for repo, asked in by_repository(instances).items():
        repository = Repository(Git(find_mirror(mirrors, repo)))
        directory = cache / repo.replace("/", "+")
        directory.mkdir(parents=True, exist_ok=True)
        for instance in asked:
            place = directory / f"{instance.id}.npz"
            if not place.exists():
                _save(place, _gather(repository, instance, directory, sets[instance.id]))
            yield _load(place)
        print(f"{repo}: {len(asked)} instances", flush=True)


def _save(place: Path, gathered: Gathered) -> None:
    plain = {name: getattr(gathered, name) for name in _PLAIN}
    plain["calls"] = [[caller, *sorted(called)] for caller, called in gathered.calls.items()]
    arrays = {name: getattr(gathered, name) for name in _ARRAYS}
    np.savez_compressed(place, plain=np.array(json.dumps(plain)), **arrays)


def _load(place: Path) -> Gathered:
    with np.load(place) as stored:
        plain = json.loads(str(stored["plain"]))
        calls = {row[0]: set(row[1:]) for row in plain.pop("calls")}
        return Gathered(calls=calls, **plain, **{name: stored[name].astype(np.float64) for name in _ARRAYS})


def _gather(repository: Repository, instance: Instance, directory: Path, in_set: dict[str, bool]) -> Gathered:
    index = build_index(repository, instance.commit, directory, lambda _: None)
    examined = examine(repository, index, instance.text, instance.title)
    scored = score_files(examined.case)
    field = Field(examined.case, scored.scores)
    first = first_look(field, examined.board)
    order = np.argsort(-add_up(first, load("first")).scores, kind="stable")[:GATHERED]
    codes = read_code(repository, field, order.tolist())
    read = list(reading_signals(field, codes))
    paths = [index.paths[file] for file in examined.case.files]
    return Gathered(
        id=instance.id,
        repo=instance.repo,
        gold=instance.functions,
        in_set=in_set,
        names=[f"{each.path}:{each.name}" for each in field.candidates],
        places=field.places,
        first_names=[signal.name for signal in first],
        first=np.stack([signal.values for signal in first], axis=1),
        read_names=[signal.name for signal in read],
        read=np.stack([signal.values for signal in read], axis=1),
        calls=find_calls(field, codes),
        file_names=[signal.name for signal in scored.signals],
        files=np.stack([signal.values for signal in scored.signals], axis=1),
        is_gold_file=np.array([path in instance.files for path in paths], dtype=float),
    )


# ---- training


def file_scores(train: Sequence[Gathered], asked: Sequence[Gathered]) -> dict[str, np.ndarray]:
    """By a file model that has seen `train` alone."""
    tables = {each.id: columns(each.file_names, each.files) for each in {e.id: e for e in [*train, *asked]}.values()}
    names = next(iter(tables.values()))[0]
    examples = []
    for each in train:
        values = tables[each.id][1]
        rough = sum(values[:, names.index(name)] for name in ("file_report", "pieces_report", "piece_title"))
        pool = np.union1d(np.argsort(-rough, kind="stable")[:FILE_POOL], np.flatnonzero(each.is_gold_file))
        examples.append(Example(values[pool], each.is_gold_file[pool]))
    weights = fit(examples, np.array([name in FREE_FILE_SIGNALS for name in names]), FILE_L2)
    return {each.id: tables[each.id][1] @ weights for each in asked}


def with_files(each: Gathered, scores: np.ndarray) -> np.ndarray:
    """The first look's signals, with those of the file by other scores."""
    table = each.first.copy()
    likely, ranked = file_values(scores)
    table[:, each.first_names.index("file")] = likely[each.places]
    table[:, each.first_names.index("file_rank")] = ranked[each.places]
    return table


def second_look(each: Gathered, first: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The candidates that are looked at closely, and all signals of all candidates."""
    scores = first @ weights
    shares = caller_shares(len(scores), each.calls, scores)
    table = np.hstack([first, each.read, np.stack([shares[name] for name in CALLERS], axis=1)])
    return np.argsort(-scores, kind="stable")[:MAX_READ], table


def train(examples: Sequence[Gathered], tables: dict[str, np.ndarray]) -> Weights:
    names = [*examples[0].first_names, *examples[0].read_names, *CALLERS]
    is_free = np.array([name in FREE for name in names])
    first = fit([Example(tables[each.id], each.is_gold) for each in examples], is_free[: len(examples[0].first_names)], L2)
    closer = []
    for each in examples:
        chosen, table = second_look(each, tables[each.id], first)
        closer.append(Example(table[chosen], each.is_gold[chosen]))
    return Weights(first, fit(closer, is_free, L2))


def rank(each: Gathered, table: np.ndarray, weights: Weights) -> list[str]:
    chosen, closer = second_look(each, table, weights.first)
    scores = closer[chosen] @ weights.second
    return [each.names[chosen[place]] for place in np.argsort(-scores, kind="stable")]


# ---- judging


def judge(gathered: Sequence[Gathered], *, by_repo: bool) -> dict[str, list[str]]:
    """The ranking of each instance by weights that have not seen it, nor anything of its repository if `by_repo`."""
    groups: dict[str, list[Gathered]] = {}
    for each in gathered:
        groups.setdefault(each.repo if by_repo else str(_fold(each.id)), []).append(each)
    tables = unseen_tables(gathered)
    found: dict[str, list[str]] = {}
    for asked in groups.values():
        out = {each.id for each in asked}
        weights = train([each for each in gathered if each.id not in out], tables)
        found |= {each.id: rank(each, tables[each.id], weights) for each in asked}
    return found


def unseen_tables(gathered: Sequence[Gathered]) -> dict[str, np.ndarray]:
    """The first look's signals with file scores of models that have not seen the instance."""
    tables: dict[str, np.ndarray] = {}
    for fold in range(FOLDS):
        asked = [each for each in gathered if _fold(each.id) == fold]
        scores = file_scores([each for each in gathered if _fold(each.id) != fold], asked)
        tables |= {each.id: with_files(each, scores[each.id]) for each in asked}
    return tables


def _fold(identifier: str) -> int:
    return blake2b(identifier.encode(), digest_size=4).digest()[0] % FOLDS


def show(name: str, gathered: Sequence[Gathered], ranked: dict[str, list[str]]) -> None:
    for subset in ("published", "verified"):
        chosen = [each for each in gathered if each.in_set.get(subset)]
        figures = [f"@{cut} {100 * _accuracy(chosen, ranked, cut):.1f}" for cut in CUTS]
        print(f"{name:24s} {subset:10s} n={len(chosen)} {'  '.join(figures)}")


def _accuracy(gathered: Sequence[Gathered], ranked: dict[str, list[str]], cut: int) -> float:
    return sum(set(each.gold) <= set(ranked[each.id][:cut]) for each in gathered) / max(len(gathered), 1)


def write(gathered: Sequence[Gathered]) -> None:
    weights = train(gathered, unseen_tables(gathered))
    names = [*gathered[0].first_names, *gathered[0].read_names, *CALLERS]
    content = {
        look: {name: round(float(w), DIGITS) for name, w in zip(names, values, strict=False) if abs(w) >= 10**-DIGITS}
        for look, values in (("first", weights.first), ("second", weights.second))
    }
    WEIGHTS.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    print(f"Wrote {WEIGHTS}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.locate.functions", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help=f"the JSON lines (or {DATA})")
    parser.add_argument("--mirrors", type=Path, metavar="DIR", help=f"the git histories (or {MIRRORS})")
    parser.add_argument("--cache", type=Path, metavar="DIR", required=True, help="indexes and gathered signals are kept here")
    parser.add_argument("--only", metavar="NAME", default="", help="repositories with this in their name")
    parser.add_argument("--write", action="store_true", help="write the weights that ship")
    options = parser.parse_args()
    data, mirrors = folder_from(options.data, DATA), folder_from(options.mirrors, MIRRORS)
    lite, verified = load_instances(data, "lite"), load_instances(data, "verified")
    asked = {each.id: each for each in [*lite, *verified] if each.functions and (not options.only or options.only in each.repo)}
    published, of_verified = {each.id for each in lite if each.is_published}, {each.id for each in verified}
    sets = {name: {"published": name in published, "verified": name in of_verified} for name in asked}
    gathered = list(gather(list(asked.values()), mirrors, options.cache, sets))
    show("five folds", gathered, judge(gathered, by_repo=False))
    show("repository left out", gathered, judge(gathered, by_repo=True))
    if options.write:
        write(gathered)


if __name__ == "__main__":
    main()
