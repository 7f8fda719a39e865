"""The cases that are shipped, and files that are no cases."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from sahur_core.errors import InputError
from sahur_core.evaluation.case import Outcome, Split
from sahur_core.evaluation.loading import OWN_CASES, check_recipes, read_cases, read_recipes
from tests.core.evaluation.conftest import CASE


def test_the_shipped_cases_are_what_the_page_says_of_them():
    cases, recipes = read_cases([OWN_CASES]), read_recipes([])
    check_recipes(cases, recipes)
    groups = Counter(group for case in cases for group in case.groups)
    outcomes = Counter(case.label.outcome for case in cases)
    assert len(cases) >= 30
    assert len({case.repository for case in cases}) >= 5
    assert len({recipes[case.repository].language for case in cases}) >= 5
    assert outcomes[Outcome.OUTSIDE] >= 6
    assert outcomes[Outcome.TOO_LITTLE] >= 3
    assert min(groups["poison"], groups["injection"]) >= 4
    assert groups["red-herring"] >= 5
    assert Counter(case.split for case in cases)[Split.HELD_OUT] >= 12
    dev = {case.repository for case in cases if case.split is Split.DEV}
    held_out = {case.repository for case in cases if case.split is Split.HELD_OUT}
    assert not dev & held_out, "a repository that rules were tuned on is not held out"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"label": {"outcome": "code"}}, "causes"),
        ({"label": {"outcome": "outside", "causes": [{"commit": "x"}]}}, "causes"),
        ({"label": {"outcome": "code", "causes": [{}]}}, "commit or a file"),
        ({"lable": {}}, "lable"),
        ({"name": "No Name"}, "name"),
        ({"recording": {}, "repository": "meter"}, "recording"),
    ],
)
def test_what_is_no_case_is_told_with_its_file(tmp_path, change, told):
    path = tmp_path / "case.json"
    path.write_text(json.dumps({**CASE, **change}))
    with pytest.raises(InputError, match=told) as caught:
        read_cases([tmp_path])
    assert str(path) in str(caught.value)


def test_two_cases_of_one_name_are_refused(tmp_path):
    for name in ("a.json", "b.yaml"):
        (tmp_path / name).write_text(json.dumps(CASE))
    with pytest.raises(InputError, match="Two cases are named example"):
        read_cases([tmp_path])


def test_broken_files_and_missing_folders_are_told(tmp_path):
    with pytest.raises(InputError, match="no folder or file"):
        read_cases([tmp_path / "nowhere"])
    (tmp_path / "case.yaml").write_text("name: [")
    with pytest.raises(InputError, match="cannot be read"):
        read_cases([tmp_path])


def test_a_recipe_beside_the_cases_is_used_and_a_missing_one_told(tmp_path):
    (tmp_path / "repositories").mkdir()
    recipe = {"name": "shop", "language": "Python", "commits": [{"message": "Start", "files": {"a.py": "x = 1\n"}}]}
    (tmp_path / "repositories" / "shop.json").write_text(json.dumps(recipe))
    for name, repository, cause in (("a", "shop", "Start"), ("b", "attic", "x"), ("c", "shop", "Nobody made it")):
        case = {**CASE, "name": name, "repository": repository, "label": {"outcome": "code", "causes": [{"commit": cause}]}}
        (tmp_path / f"{name}.json").write_text(json.dumps(case))
    first, second, third = read_cases([tmp_path])
    recipes = read_recipes([tmp_path])
    check_recipes([first], recipes)
    with pytest.raises(InputError, match="attic"):
        check_recipes([second], recipes)
    with pytest.raises(InputError, match="Nobody made it"):
        check_recipes([third], recipes)


def test_a_file_that_is_nested_without_end_is_refused(tmp_path):
    (tmp_path / "deep.yaml").write_text("[" * 5000)
    with pytest.raises(InputError, match="nested too deeply"):
        read_cases([tmp_path])
