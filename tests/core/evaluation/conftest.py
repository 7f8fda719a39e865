"""A small repository with one fault, and the parts of a run's findings."""

from __future__ import annotations

import pytest

from sahur_core.config import InvestigateConfig
from sahur_core.evaluation.case import Case, Split
from sahur_core.evaluation.loading import read_recipes
from sahur_core.evaluation.memory import LoopThread
from sahur_core.evaluation.trial import Trial, Workshop
from sahur_mcp.servers.in_process import InProcessToolBox

CASE = {
    "name": "example",
    "split": "dev",
    "source": "synthetic",
    "title": "It fails",
    "body": "It fails since Monday.",
    "label": {"outcome": "too_little"},
}
METER = {
    **CASE,
    "name": "meter",
    "repository": "meter",
    "title": "meter agent dies",
    "body": (
        "Traceback (most recent call last):\n"
        '  File "/srv/meter/meter/rates.py", line {{meter/rates.py::return growth(earlier, later) /}}, in per_second\n'
        "    return growth(earlier, later) / (later.at - earlier.at)\nZeroDivisionError: float division by zero\n"
    ),
    "label": {
        "outcome": "code",
        "causes": [{"commit": "Count a counter that started again from zero", "files": ["meter/rates.py"]}],
    },
}


def make_case(**changes) -> Case:
    return Case.model_validate({**CASE, **changes})


@pytest.fixture(scope="session")
def waiter():
    loop = LoopThread()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def workshop(tmp_path_factory, waiter):
    return Workshop(tmp_path_factory.mktemp("workshop"), read_recipes([]), InProcessToolBox, waiter)


@pytest.fixture
def try_out(workshop, waiter):
    """The results of some cases, with the offline model unless a configuration is given."""

    def run(*cases: Case, config: InvestigateConfig | None = None, runs: int = 1):
        name = config.deep.name if config else "offline"
        trial = Trial(cases, {name: config or InvestigateConfig()}, runs, workshop, waiter, lambda _: None)
        return list(trial.results())

    return run


__all__ = ["CASE", "METER", "Split", "make_case"]
