"""`python -m tests.benchmarks.locate.commits REPOSITORY`: how often the commit that brought in a fault is found.

Of a repository's own past: fixes whose message names the commit that they mend ("Regression in 1fecde6be9", "Fixes:
1fecde6be9"). The message without that is the report, the fix's parent the code, the named commit what has to be found.
Beside it two plain rankings: the newest commits that touched the suspect files, and BM25 of the messages. Such a message
is written by who knows the cause, and tells nothing of when it began: it says how the ranking does, not how reports are.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import bm25s
import numpy as np

from sahur_core.code.evaluate.plain_bm25 import K1, B, plain_words
from sahur_core.code.git.output import COMMIT_FORMAT, parse_commits
from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index
from sahur_core.code.languages.roles import role_of
from sahur_core.code.locate import culprits
from sahur_core.code.locate.locate import locate
from sahur_core.code.opening import open_repository
from sahur_core.code.records import Commit
from tests.benchmarks.locate.fitting import Example, fit

KS = (1, 3, 5, 10)
SEED = 5
MIN_DAYS = 1
"""A mistake that its author mends on the same day never met anybody who would report it."""
MAX_FILES = 8
LIMIT = 24
_NAMES_CAUSE = re.compile(
    r"\b(?:regress\w*|introduc\w*|broken?|breaks|caus\w*|fixes|bug|incorrect|wrong|due to)\b[^\n]{0,60}?"
    r"\b(?P<sha>[0-9a-f]{7,40})\b",
    re.IGNORECASE,
)
_NO_CAUSE = re.compile(r"unused|unneeded|obsolete|undefined|forwardport|backport|cherry.pick|revert", re.IGNORECASE)
_NO_FIX = re.compile(r"(?:Removed|Added|Refactored|Simplified|Remove|Add|Refactor|Simplify)\b")
_SHA = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b")
_TRAILER = re.compile(
    r"\b[0-9a-f]{7,40}\b|^(?:thanks|signed-off|acked|reviewed|tested|reported|co-authored|fixes|closes|submitted|cc)\b",
    re.IGNORECASE,
)
_TICKET = re.compile(r"^(?:Fixed|Refs|Fix|Bug) #\d+[^-:]*(?:--|:) ")


@dataclass(frozen=True)
class Mended:
    """A fix that names the commit that it mends."""

    sha: str
    parent: str
    cause: str
    title: str
    body: str


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.locate.commits", description=__doc__)
    parser.add_argument("repository", help="a clone")
    parser.add_argument("--commit", default="", help="only the history of this commit")
    parser.add_argument("--before", default="", metavar="DATE", help="only fixes made before this day")
    parser.add_argument("--sample", type=int, default=60, metavar="N", help="at most so many fixes (usual: 60)")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep the indexes here (usual: a folder that is removed)")
    parser.add_argument("--signals", type=Path, metavar="FILE", help="write the signals of every candidate here (NumPy)")
    parser.add_argument("--fit", type=Path, nargs="+", metavar="FILE", help="only show the weights that fit such files best")
    options = parser.parse_args()
    if options.fit:
        show_fit([example for path in options.fit for example in _read_examples(path)])
        return
    with nullcontext(options.cache) if options.cache else tempfile.TemporaryDirectory(prefix="sahur-commits-") as cache:
        measure(options, Path(cache))


def measure(options: argparse.Namespace, cache: Path) -> None:
    opened = open_repository(options.repository, options.commit, cache, lambda _: None)
    cases = list(find_mended(opened.repository, opened.commit, options.before))
    sample = random.Random(SEED).sample(cases, min(options.sample, len(cases)))
    ranks: dict[str, list[int]] = {"locate": [], "newest of the suspect files": [], "BM25 of the messages": []}
    examples: list[Example] = []
    for number, case in enumerate(sorted(sample, key=lambda case: case.sha), 1):
        for name, (found, example) in _answers(opened.repository, opened.directory, case).items():
            ranks[name].append(found.index(case.cause) if case.cause in found else LIMIT)
            examples += [example] if example is not None else []
        print(f"{number}/{len(sample)} {case.sha[:10]} {case.title[:60]!r}: {ranks['locate'][-1] + 1}", flush=True)
    print(f"\n{len(sample)} of {len(cases)} fixes that name their cause\n| ranking | " + " | ".join(f"@{k}" for k in KS) + " |")
    for name, found_at in ranks.items():
        print(f"| {name} | " + " | ".join(f"{np.mean([rank < k for rank in found_at]):.1%}" for k in KS) + " |")
    if options.signals:
        np.savez(options.signals, *[part for example in examples for part in (example.values, example.is_gold)])


def _answers(repository: Repository, directory: Path, case: Mended) -> dict[str, tuple[list[str], Example | None]]:
    """What each ranking says of a case, and the signals of ours."""
    index = build_index(repository, case.parent, directory, lambda _: None)
    weighed: list[culprits.Suspected] = []

    def weigh(*arguments: object) -> list[culprits.Suspected]:
        weighed.extend(original(*arguments))
        return weighed

    original = culprits.weigh_commits
    with mock.patch.object(culprits, "weigh_commits", weigh):
        location = locate(repository, index, case.body, case.title, LIMIT)
    files = {file.path for file in location.files[:5]}
    recent = repository.recent(case.parent)
    rows = [[one.signals.get(signal, 0.0) for signal in culprits.WEIGHTS] for one in weighed]
    gold = np.array([one.commit.sha == case.cause for one in weighed], dtype=bool)
    return {
        "locate": ([found.commit.sha for found in location.commits], Example(np.array(rows), gold) if rows else None),
        "newest of the suspect files": ([commit.sha for commit in recent if files & set(commit.files)][:LIMIT], None),
        "BM25 of the messages": (_by_messages(recent, f"{case.title}\n{case.body}"), None),
    }


def _by_messages(commits: Sequence[Commit], report: str) -> list[str]:
    plain = bm25s.BM25(k1=K1, b=B, method="lucene")
    plain.index([plain_words(f"{commit.summary}\n{commit.body}") for commit in commits], show_progress=False)
    known = [word for word in plain_words(report) if word in plain.vocab_dict]
    scores = plain.get_scores(known) if known else np.zeros(len(commits))
    return [commits[place].sha for place in np.argsort(-scores, kind="stable")[:LIMIT] if scores[place] > 0]


def find_mended(repository: Repository, commit: str, before: str) -> Iterator[Mended]:
    """Fixes in the history of a commit that touch few files of source and name one older commit."""
    for fix, parents in _history(repository, commit, before):
        named = {match["sha"] for line in _lines(fix) if not _NO_CAUSE.search(line) for match in _NAMES_CAUSE.finditer(line)}
        touched = [path for path in fix.files if role_of(path) == "source"]
        if (
            len(named) != 1
            or len(parents) != 1
            or _NO_FIX.match(_TICKET.sub("", fix.summary))
            or not 0 < len(touched) <= MAX_FILES
        ):
            continue
        cause = _ancestor(repository, named.pop(), parents[0])
        if cause is not None and (fix.committed_at - cause.committed_at).days >= MIN_DAYS:
            body = "\n".join(line for line in fix.body.splitlines() if not _TRAILER.search(line.strip()))
            yield Mended(fix.sha, parents[0], cause.sha, _SHA.sub("", _TICKET.sub("", fix.summary)), body.strip())


def _lines(commit: Commit) -> list[str]:
    return [commit.summary, *commit.body.splitlines()]


def _history(repository: Repository, commit: str, before: str) -> Iterator[tuple[Commit, list[str]]]:
    """Every commit without the merges, with the files it touched and its parents."""
    command = [
        "git",
        f"--git-dir={repository.git_dir}",
        "log",
        "--no-merges",
        *([f"--before={before}"] if before else []),
        commit,
    ]
    parents = dict(
        row.split(" ", 1)
        for row in subprocess.run([*command, "--format=%H %P"], check=True, capture_output=True, text=True).stdout.splitlines()
        if " " in row.strip()
    )
    wanted = subprocess.run(
        [*command, "--name-only", f"--format={COMMIT_FORMAT}", "-i", "-E", "--grep=[0-9a-f]{7,40}"],
        check=True,
        capture_output=True,
    )
    for found in parse_commits(wanted.stdout.decode("utf-8", "replace")):
        yield found, parents.get(found.sha, "").split()


def _ancestor(repository: Repository, sha: str, commit: str) -> Commit | None:
    """The commit that a short sha means, if it is in the history of another and not the first of all."""
    base = ["git", f"--git-dir={repository.git_dir}"]
    full = subprocess.run(
        [*base, "rev-parse", "--verify", "--quiet", f"{sha}^{{commit}}"], check=False, capture_output=True, text=True
    )
    if full.returncode != 0:
        return None
    name = full.stdout.strip()
    is_ancestor = subprocess.run([*base, "merge-base", "--is-ancestor", name, commit], check=False).returncode == 0
    return repository.show(name).commit if is_ancestor and repository.parents(name) else None


# ---- weights


def show_fit(examples: Sequence[Example]) -> None:
    """Weights from all examples; those that no such message can tell of stay at 0 here and are set by hand."""
    signs = np.array([-1.0 if weight < 0 else 1.0 for weight in culprits.WEIGHTS.values()])
    signed = [Example(example.values * signs, example.is_gold) for example in examples]
    weights = fit(signed, np.zeros(len(signs), dtype=bool), l2=0.04 * len(signed)) * signs
    for (name, now), fitted in zip(culprits.WEIGHTS.items(), weights, strict=True):
        print(f"{name:14} {fitted:6.2f}  (now {now:g})")


def _read_examples(path: Path) -> list[Example]:
    with np.load(path) as stored:
        parts = [stored[f"arr_{number}"] for number in range(len(stored.files))]
    return [Example(values, is_gold) for values, is_gold in zip(parts[::2], parts[1::2], strict=True)]


if __name__ == "__main__":
    main()
