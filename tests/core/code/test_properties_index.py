"""The index: built step by step it is the one built afresh, and a kill at any moment leaves one that can be built on."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index, open_index
from sahur_core.code.locate.locate import locate
from tests.core.code.histories import Content, Step, open_history, write_history

ROOT = Path(__file__).parents[3]
REPORTS = ("parse_rate rounds wrongly", "the total of the cart in shop/a0.py", "Traceback: stock is None in reserve")
NAMES = ("parse_rate", "total", "reserve", "cart", "stock")
KILLED = """
import os, signal, sys, threading
from pathlib import Path
from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index

directory = Path(sys.argv[1])
repository = Repository.open(directory)
threading.Timer(float(sys.argv[2]), os.kill, (os.getpid(), signal.SIGKILL)).start()
build_index(repository, sys.argv[3], directory, lambda said: print(said, flush=True))
os._exit(0)
"""


def _answers(repository: Repository, commit: str, directory: Path) -> list[object]:
    index = open_index(directory, commit)
    located = [locate(repository, index, report).to_json() for report in REPORTS]
    symbols = sorted((symbol.path, symbol.name, symbol.start) for symbol in index.symbols())
    found = [index.search(report, 1000) for report in REPORTS]  # hits of the same score are in any order
    searched = [sorted((-hit.score, hit.chunk.path, hit.chunk.start) for hit in hits) for hits in found]
    return [list(index.paths), symbols, located, searched]


def _code(number: int, seed: int) -> str:
    name = NAMES[seed % len(NAMES)]
    return (
        f"def {name}(value):\n    return value + {number}\n\n\nclass Box{seed}:\n"
        f"    def {name}_{number}(self):\n        return {name}(1)\n"
    )


Action = tuple[str, int, int]
ACTIONS = st.lists(
    st.tuples(st.sampled_from(["add", "edit", "rename", "delete", "copy"]), st.integers(0, 5), st.integers(0, 9)),
    min_size=1,
    max_size=6,
)


def _steps(actions: list[Action]) -> list[Step]:
    """One commit for each action on the files `shop/a0.py` and so on."""
    files: dict[str, str] = {f"shop/a{number}.py": _code(number, number) for number in range(3)}
    steps = [Step("Start", dict(files))]
    for number, (action, which, seed) in enumerate(actions):
        known = sorted(files)
        path = known[which % len(known)] if known else ""
        changed: dict[str, Content] = {}
        if action == "add" or not path:
            changed[f"lib/b{number}.py"] = _code(number, seed)
        elif action == "edit":
            changed[path] = files[path] + f"\n\n# {NAMES[seed % 5]} again {number}\n"
        elif action == "delete":
            changed[path] = None
        else:
            changed[f"lib/{action}{number}.py"] = files[path]
            if action == "rename":
                changed[path] = None
        for name, content in changed.items():
            if content is None:
                files.pop(name, None)
            else:
                files[name] = str(content)
        steps.append(Step(f"{action} {NAMES[seed % 5]}", changed))
    return steps


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.explicit, Phase.generate])
@given(actions=ACTIONS)
def test_an_index_built_step_by_step_answers_as_one_built_afresh(actions: list[Action]) -> None:
    with tempfile.TemporaryDirectory() as place:
        stepwise, afresh = Path(place, "stepwise"), Path(place, "afresh")
        afresh.mkdir()
        repository, shas = open_history(stepwise, _steps(actions))
        for sha in shas:
            build_index(repository, sha, stepwise, lambda _: None)
        build_index(repository, shas[-1], afresh, lambda _: None)
        assert _answers(repository, shas[-1], stepwise) == _answers(repository, shas[-1], afresh)


@pytest.mark.full
def test_a_build_killed_at_any_moment_can_be_built_on(tmp_path: Path) -> None:
    files: dict[str, Content] = {f"shop/a{number}.py": _code(number, number) * 20 for number in range(120)}
    killed, afresh = tmp_path / "killed", tmp_path / "afresh"
    afresh.mkdir()
    shas = write_history(killed, [Step("Start", files), Step("More", {"lib/more.py": _code(7, 3)})])
    rnd, survived = random.Random(5), 0
    for delay in [0.0, *(rnd.uniform(0.01, 0.8) for _ in range(3))]:
        command = [sys.executable, "-c", KILLED, str(killed), str(delay), shas[0]]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
        assert done.returncode in (0, -9), done.stderr
        survived += done.returncode == 0
    assert survived < 4
    repository = Repository.open(killed)
    build_index(repository, shas[1], killed, lambda _: None)
    build_index(repository, shas[1], afresh, lambda _: None)
    assert _answers(repository, shas[1], killed) == _answers(repository, shas[1], afresh)
