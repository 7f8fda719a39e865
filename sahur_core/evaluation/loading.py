"""Case files and recipes, read from folders."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from sahur_core.errors import InputError
from sahur_core.evaluation.case import Case
from sahur_core.evaluation.recipe import Recipe

OWN_CASES = Path(__file__).parent / "cases"
OWN_RECIPES = Path(__file__).parent / "repositories"
ENDINGS = (".yaml", ".yml", ".json")
M = TypeVar("M", bound=BaseModel)


def read_cases(folders: Iterable[Path]) -> list[Case]:
    """The cases of all folders by name; a folder may also be one file. Raises `InputError` for what is no case."""
    cases: dict[str, Case] = {}
    for folder in folders:
        for path in _files(folder):
            for case in _parse(path, Case):
                if case.name in cases:
                    raise InputError(
                        f"Two cases are named {case.name}; the second is in {path}.", next_step="Rename one of them."
                    )
                cases[case.name] = case
    return [cases[name] for name in sorted(cases)]


def read_recipes(folders: Sequence[Path]) -> dict[str, Recipe]:
    """Recipes by name: our own, and those in folders `repositories` beside the case files."""
    found: dict[str, Recipe] = {}
    for folder in [OWN_RECIPES, *(folder / "repositories" for folder in folders)]:
        for path in _files(folder) if folder.is_dir() else []:
            for recipe in _parse(path, Recipe):
                found[recipe.name] = recipe
    return found


def check_recipes(cases: Iterable[Case], recipes: dict[str, Recipe]) -> None:
    """Raises `InputError` if a case names a repository or commit that there is not."""
    for case in cases:
        if not case.repository:
            continue
        recipe = recipes.get(case.repository)
        if recipe is None:
            raise InputError(f"The case {case.name} names the repository {case.repository!r}, which has no recipe.")
        known = {commit.summary for commit in recipe.commits}
        named = {cause.commit for cause in case.label.causes} | set(case.red_herrings.commits) | {case.at}
        if strange := sorted(named - known - {""}):
            raise InputError(f"The case {case.name} names commits that {recipe.name} does not have: {', '.join(strange)}.")


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise InputError(f"There is no folder or file {folder}.", next_step="Give a folder with case files (.yaml or .json).")
    return sorted(path for path in folder.iterdir() if path.suffix in ENDINGS and path.is_file())


def _parse(path: Path, model: type[M]) -> list[M]:
    """A file holds one document, or in YAML several."""
    try:
        text = path.read_text("utf-8")
        documents: list[Any] = [json.loads(text)] if path.suffix == ".json" else list(yaml.safe_load_all(text))
    except RecursionError:
        raise InputError(f"{path} is nested too deeply to be a case.") from None
    except (ValueError, yaml.YAMLError) as error:
        raise InputError(f"{path} cannot be read: {' '.join(str(error).split())[:300]}.") from error
    parsed = []
    for document in documents:
        try:
            parsed.append(model.model_validate(document))
        except ValidationError as error:
            told = "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors()[:5])
            raise InputError(f"{path} is not as docs/evaluation.md describes it: {told}.") from error
    return parsed
