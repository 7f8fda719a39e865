"""Repositories out of recipes: the same everywhere, and refused where they do not fit together."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sahur_core.code.git.repository import Repository
from sahur_core.errors import InputError
from sahur_core.evaluation.recipe import Recipe, build

COMMITS = [
    {"message": "Start\n\nWith a body.", "files": {"a.py": "x = 1\n", "b.py": "y = 1\n"}},
    {"message": "Change", "edits": {"a.py": [{"old": "x = 1", "new": "x = 2"}]}, "files": {"b.py": None}},
]


def recipe(commits=COMMITS) -> Recipe:
    return Recipe.model_validate({"name": "shop", "language": "Python", "commits": commits})


def test_the_same_recipe_gives_the_same_shas(tmp_path):
    first, second = build(recipe(), tmp_path / "one" / "git"), build(recipe(), tmp_path / "two" / "git")
    assert first.commits == second.commits
    assert list(first.commits) == ["Start", "Change"]
    assert first.files[first.head] == {"a.py": "x = 2\n"}
    assert Repository.open(tmp_path / "one").resolve("main") == first.head


@pytest.mark.parametrize("old", ["z = 1", "\n"])
def test_an_edit_of_what_does_not_stand_there_once_is_refused(tmp_path, old):
    start = {"message": "Start", "files": {"a.py": "x = 1\n\n"}}
    edit = {"message": "Change", "edits": {"a.py": [{"old": old, "new": ""}]}}
    with pytest.raises(InputError, match=r"does not stand once in a\.py"):
        build(recipe([start, edit]), tmp_path / "git")


def test_two_commits_with_one_message_are_refused(tmp_path):
    with pytest.raises(InputError, match="same first line"):
        build(recipe([COMMITS[0], COMMITS[0]]), tmp_path / "git")


@pytest.mark.parametrize(
    "hostile",
    [
        {"author": "A\ncommit refs/heads/other"},
        {"files": {"a.py\nM 100755 inline b.sh": ""}},
        {"files": {"../outside.py": ""}},
        {"files": {".git/hooks/post-checkout": ""}},
        {"days": "inf"},
        {"days": -1},
    ],
)
def test_a_recipe_cannot_speak_to_git_or_leave_its_repository(hostile):
    with pytest.raises(ValidationError):
        recipe([{**COMMITS[0], **hostile}])
