"""The cause of each golden case is among the first of what `locate` ranks, and what is not about the code is said to be so."""

from __future__ import annotations

from pathlib import Path

import pytest

from sahur_core.code.index.build import build_index
from sahur_core.code.locate.locate import locate
from sahur_core.code.records import Location
from tests.core.code.golden import compiled, scripts
from tests.core.code.golden.case import Golden
from tests.core.code.histories import open_history

CASES = [*scripts.CASES, *compiled.CASES]


def _locate(case: Golden, directory: Path) -> Location:
    repository, shas = open_history(directory, case.steps)
    index = build_index(repository, shas[-1], directory, lambda _: None)
    return locate(repository, index, case.report, case.title, reported_at=case.reported_at)


@pytest.mark.parametrize("case", [case for case in CASES if case.file], ids=lambda case: case.name)
def test_the_cause_is_among_the_first(case: Golden, tmp_path: Path) -> None:
    location = _locate(case, tmp_path)
    files, functions, commits = case.first
    assert case.file in [file.path for file in location.files[:files]]
    assert case.function in [function.name for function in location.functions[:functions]]
    assert case.commit in ["", *(found.commit.summary for found in location.commits[:commits])]
    assert location.has_anchor >= case.is_anchored
    assert all(suspect.reasons for suspect in [*location.files, *location.functions, *location.commits])


def test_what_is_not_about_the_code_is_said_to_be_so(tmp_path: Path) -> None:
    location = _locate(scripts.NOT_THE_CODE, tmp_path)
    assert not location.has_anchor
    assert location.word_fit < 0.2


def test_a_commit_within_the_told_versions_is_marked(tmp_path: Path) -> None:
    location = _locate(scripts.VERSIONS, tmp_path)
    within = {found.commit.summary for found in location.commits if found.in_window}
    assert within == {"Count pages from one", "Search without case"}
    assert any("lies within the told window: 4.1 … 4.2 " in reason for reason in location.commits[0].reasons)
