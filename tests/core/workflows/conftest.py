"""One event loop and one built and prepared copy of each bug for all tests of the workflow."""

from __future__ import annotations

import pytest

from sahur_core.config import InvestigateConfig
from tests.core.workflows.world import Loop, Prepared, World
from tests.fakes.repositories import build


@pytest.fixture(scope="session")
def loop():
    return Loop()


@pytest.fixture(scope="session")
def cases(tmp_path_factory):
    """The bugs by name, each built at its first use."""
    directory, built = tmp_path_factory.mktemp("bugs"), {}

    def case(name):
        if name not in built:
            built[name] = build(name, directory)
        return built[name]

    return case


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    return Prepared(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def world_of(loop, cases, prepared):
    """A run on a bug, with the offline model unless the configuration says otherwise."""

    def make(name, config=None, **changes):
        case = cases(name)
        if changes:
            case = type(case)(**{**case.__dict__, **changes})
        return World.for_case(case, loop, prepared, config or InvestigateConfig(gateway_wait_seconds=0))

    return make
