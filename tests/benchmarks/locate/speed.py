"""`python -m tests.benchmarks.locate speed`: what indexing, searching and locating cost, beside bm25s and ripgrep."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s

from sahur_core.code.evaluate.candidates import is_code, is_source
from sahur_core.code.evaluate.plain_bm25 import plain_words
from sahur_core.code.git.command import Git
from sahur_core.code.index.build import build_index
from sahur_core.code.locate.locate import locate
from sahur_core.code.opening import Opened, open_repository
from tests.benchmarks.locate import generated
from tests.benchmarks.locate.instances import Instance, find_mirror

AIMS = {
    "django: cold index": "8 s",
    "django: after a commit of 20 files": "1 s",
    "django: warm locate p50": "0.3 s",
    "django: warm locate p95": "1 s",
    "django: ranked search p50": "0.03 s",
    "generated: cold index": "180 s",
    "generated: peak memory": "1500 MB",
    "generated: after a commit of 20 files": "1 s",
}
QUERY_WORDS = 4
ROUNDS = 3

Figures = dict[str, str]


def measure(options: argparse.Namespace, instances: Sequence[Instance], mirrors: Path) -> Figures:
    """All figures, by what they are of."""
    figures: Figures = {"load before": " ".join(f"{load:.1f}" for load in os.getloadavg())}
    with tempfile.TemporaryDirectory(prefix="sahur-locate-") as name:
        folder = Path(name)
        asked = [instance for instance in instances if instance.repo == options.repository][: options.questions]
        if not asked:
            raise SystemExit(f"None of the instances is of {options.repository}.")
        short = options.repository.partition("/")[2]
        source = find_mirror(mirrors, options.repository)
        figures |= _of_repository(short, str(source), asked, folder)
        if options.files:
            figures |= _of_generated(options.files, folder)
    figures["load after"] = " ".join(f"{load:.1f}" for load in os.getloadavg())
    return figures


def _of_repository(short: str, source: str, asked: Sequence[Instance], folder: Path) -> Figures:
    newest = asked[-1].commit
    cold = _index_elsewhere(source, newest, folder / "cold")
    figures = {f"{short}: cold index": cold.times, f"{short}: peak memory": f"{cold.megabytes:.0f} MB"}
    opened = open_repository(source, newest, folder / "cold", lambda _: None)
    figures |= _on_disk(short, opened)
    figures |= _after_commit(short, source, newest, folder)
    figures |= _locating(short, opened, asked)
    return figures | _searching(short, opened, folder)


def _of_generated(files: int, folder: Path) -> Figures:
    started = time.perf_counter()
    commit = generated.build(folder / "generated.git", files)
    made = time.perf_counter() - started
    source = str(folder / "generated.git")
    parent = Git(folder / "generated.git").run("rev-parse", f"{commit}~1").text.strip()
    cold = _index_elsewhere(source, parent, folder / "cold")
    figures = {
        f"generated: {files} files made": f"{made:.1f} s",
        "generated: cold index": cold.times,
        "generated: peak memory": f"{cold.megabytes:.0f} MB",
        "generated: after a commit of 20 files": _index_elsewhere(source, commit, folder / "cold").times,
    }
    opened = open_repository(source, commit, folder / "cold", lambda _: None)
    index = build_index(opened.repository, opened.commit, opened.directory, lambda _: None)
    report = "The refund of a voucher is wrong\n\nSince the last invoice the voucher window shows no payment token for a tenant."
    times = _timed(lambda: locate(opened.repository, index, report, limit=10), 10)
    return figures | {"generated: warm locate p50": _spread(times)} | _on_disk("generated", opened)


@dataclass(frozen=True)
class Cost:
    """Of one build of an index. `cpu` is of all processes together, the start of Python included."""

    seconds: float
    cpu: float
    megabytes: float

    @property
    def times(self) -> str:
        return f"{self.seconds:.2f} s ({self.cpu:.2f} s of CPU)"


def _index_elsewhere(source: str, commit: str, cache: Path) -> Cost:
    """In a process of its own, as an indexer does it."""
    script = (
        "import sys, time; from pathlib import Path; from sahur_core.code.opening import open_repository;"
        "from sahur_core.code.index.build import build_index; started = time.perf_counter();"
        "o = open_repository(sys.argv[1], sys.argv[2], Path(sys.argv[3]), lambda _: None);"
        "build_index(o.repository, o.commit, o.directory, lambda _: None); print(time.perf_counter() - started)"
    )
    before = _cpu_seconds()
    process = subprocess.Popen([sys.executable, "-c", script, source, commit, str(cache)], stdout=subprocess.PIPE, text=True)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _family_megabytes(process.pid))
        time.sleep(0.1)
    if process.returncode or process.stdout is None:
        raise SystemExit("The index could not be built.")
    return Cost(float(process.stdout.read()), _cpu_seconds() - before, peak)


def _cpu_seconds() -> float:
    """Of this process and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _family_megabytes(pid: int) -> float:
    import psutil

    total = 0.0
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            total += process.memory_full_info().pss
    except psutil.NoSuchProcess:
        return total / 2**20
    return total / 2**20


def _on_disk(short: str, opened: Opened) -> Figures:
    index = sum(path.stat().st_size for path in (opened.directory / "index").rglob("*") if path.is_file())
    entries = [entry for entry in opened.repository.entries(opened.commit) if entry.is_file and is_code(entry.path)]
    source = sum(entry.size for entry in entries)
    return {
        f"{short}: code files, with tests": f"{len(entries)}, {source / 2**20:.1f} MB",
        f"{short}: index on disk": f"{index / 2**20:.1f} MB, {index / max(source, 1):.2f} MB per MB of code",
    }


def _after_commit(short: str, source: str, newest: str, folder: Path) -> Figures:
    """A clone that borrows the objects gets a commit that changes 20 files; the index of the commit before is there."""
    clone = folder / "clone.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", "--shared", source, str(clone)], check=True)
    cache = folder / "after"
    opened = open_repository(str(clone), newest, cache, lambda _: None)
    build_index(opened.repository, opened.commit, opened.directory, lambda _: None)
    paths = [entry.path for entry in opened.repository.entries(newest) if entry.is_file and entry.path.endswith(".py")]
    times, cpu = [], []
    commit = newest
    for number in range(ROUNDS):
        commit = _commit_changing(clone, commit, random.Random(number).sample(paths, 20), number)
        before = _cpu_seconds()
        started = time.perf_counter()
        opened = open_repository(str(clone), commit, cache, lambda _: None)
        build_index(opened.repository, opened.commit, opened.directory, lambda _: None)
        times.append(time.perf_counter() - started)
        cpu.append(_cpu_seconds() - before)
    return {f"{short}: after a commit of 20 files": f"{statistics.median(times):.2f} s ({statistics.median(cpu):.2f} s of CPU)"}


def _commit_changing(clone: Path, parent: str, paths: Sequence[str], number: int) -> str:
    when = 2_000_000_000 + number
    lines = [f"commit refs/heads/benchmark\ncommitter Ada <ada@example.org> {when} +0000\ndata 6\nChange\nfrom {parent}\n"]
    for path in paths:
        old = subprocess.run(["git", f"--git-dir={clone}", "show", f"{parent}:{path}"], check=True, capture_output=True).stdout
        text = old.decode("utf-8", "replace") + f"\n\ndef changed_{number}():\n    return {number}\n"
        lines.append(f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n")
    command = ["git", f"--git-dir={clone}", "fast-import", "--quiet", "--force"]
    subprocess.run(command, check=True, input="".join(lines).encode())
    command = ["git", f"--git-dir={clone}", "rev-parse", "refs/heads/benchmark"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _locating(short: str, opened: Opened, asked: Sequence[Instance]) -> Figures:
    index = build_index(opened.repository, opened.commit, opened.directory, lambda _: None)
    questions = [(instance.text, instance.title) for instance in asked]
    started = time.perf_counter()
    locate(opened.repository, index, *questions[0])
    first = time.perf_counter() - started
    times = []
    before = _cpu_seconds()
    for text, title in questions:
        times += _timed(lambda text=text, title=title: locate(opened.repository, index, text, title), 1)
    cpu = (_cpu_seconds() - before) / len(questions)
    opening = _timed(lambda: build_index(opened.repository, opened.commit, opened.directory, lambda _: None), ROUNDS)
    ordered = sorted(times)
    return {
        f"{short}: opening the index": f"{statistics.median(opening):.3f} s",
        f"{short}: first locate": f"{first:.3f} s",
        f"{short}: warm locate p50": f"{statistics.median(ordered):.3f} s (mean {cpu:.3f} s of CPU, n {len(ordered)})",
        f"{short}: warm locate p95": f"{ordered[int(0.95 * (len(ordered) - 1))]:.3f} s",
    }


def _searching(short: str, opened: Opened, folder: Path) -> Figures:
    """The same questions to ours, to bm25s over whole files, and to ripgrep (any of the words) over a checked-out tree."""
    index = build_index(opened.repository, opened.commit, opened.directory, lambda _: None)
    tree = folder / "tree"
    tree.mkdir()
    archive = subprocess.Popen(["git", f"--git-dir={opened.directory / 'git'}", "archive", opened.commit], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", str(tree)], stdin=archive.stdout, check=True)
    files = [path for path in sorted(tree.rglob("*")) if path.is_file() and is_source(path.relative_to(tree).as_posix())]
    texts = [path.read_text("utf-8", "replace") for path in files]
    started = time.perf_counter()
    documents = [plain_words(text) for text in texts]
    peer = bm25s.BM25(k1=1.5, b=0.75, method="lucene")
    peer.index(documents, show_progress=False)
    peer_built = time.perf_counter() - started
    chance = random.Random(11)
    queries = [chance.sample(chance.choice([words for words in documents if len(words) > 40]), QUERY_WORDS) for _ in range(50)]
    ours = [_once(lambda query=query: index.search(" ".join(query), limit=20)) for query in queries]
    theirs = [_once(lambda query=query: peer.get_scores(query).argsort()[-20:]) for query in queries]
    figures = {
        f"{short}: ranked search p50": _spread(ours),
        f"{short}: bm25s, whole files, built": f"{peer_built:.2f} s (reading the tree not counted)",
        f"{short}: bm25s, whole files, search p50": _spread(theirs),
    }
    program = shutil.which("rg") or shutil.which("rg", path=str(Path(sys.executable).parent))
    if program is None:
        return figures | {f"{short}: ripgrep": "missing: put rg on PATH, or install requirements/dev.txt"}
    found = [
        _once(lambda query=query: subprocess.run([program, "-c", "|".join(query), str(tree)], capture_output=True, check=False))
        for query in queries
    ]
    return figures | {f"{short}: ripgrep, any of the words, p50": f"{_spread(found)}, not ranked"}


def _timed(work: Callable[[], object], rounds: int) -> list[float]:
    return [_once(work) for _ in range(rounds)]


def _once(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _spread(times: Sequence[float]) -> str:
    ordered = sorted(times)
    return f"{statistics.median(ordered):.4f} s (p95 {ordered[int(0.95 * (len(ordered) - 1))]:.4f} s, n {len(ordered)})"


def show(figures: Figures) -> None:
    for name, value in figures.items():
        aim = f"   aim {AIMS[name]}" if name in AIMS else ""
        print(f"{name:44} {value}{aim}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--repository", default="django/django", help="of the instances (usual: django/django)")
    parser.add_argument("--questions", type=int, default=40, metavar="N", help="reports for the warm locate (usual: 40)")
    parser.add_argument("--files", type=int, default=50_000, metavar="N", help="size of the generated repository; 0: none")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")


def save(figures: Figures, path: Path) -> None:
    path.write_text(json.dumps(figures, indent=1), "utf-8")
