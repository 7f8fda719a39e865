"""Small git repositories made from a description, with the same shas on every machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from sahur_core.errors import InputError, RepositoryError
from sahur_core.issues import Record

BRANCH = "main"
START = datetime(2026, 2, 2, 9, 30, tzinfo=UTC)
TIMEOUT_SECONDS = 60


def _on_one_line(text: str) -> str:
    """What goes into a line of its own of the stream to git could else begin another command there."""
    if not text.strip() or not text.isprintable() or any(sign in text for sign in '<>"'):
        raise ValueError("should be one line of printable characters, without quotes and angle brackets")
    return text


def _within(path: str) -> str:
    if path.startswith("/") or any(part in ("", ".", "..", ".git") for part in path.split("/")):
        raise ValueError("should lead to a file inside of the repository")
    return path


OneLine = Annotated[str, AfterValidator(_on_one_line)]
FilePath = Annotated[str, AfterValidator(_on_one_line), AfterValidator(_within)]


class Replacement(Record):
    """A text of the file as it was, which stands there once, and what takes its place."""

    old: str
    new: str


class CommitRecipe(Record):
    """One commit. `files` are contents (None: deleted), `edits` are changes of files that are there."""

    message: str
    author: OneLine = "Ada Lind"
    days: float = Field(default=3.0, ge=0, le=3650, allow_inf_nan=False, description="After the commit before")
    files: dict[FilePath, str | None] = {}
    edits: dict[FilePath, list[Replacement]] = {}

    @property
    def summary(self) -> str:
        return self.message.partition("\n")[0]


class Recipe(Record):
    """A repository as its commits, oldest first."""

    name: str
    language: str
    commits: list[CommitRecipe] = Field(min_length=1)


class Built(Record):
    """A repository that was made: `commits` are full shas by the first line of the message."""

    git_dir: Path
    commits: dict[str, str]
    files: dict[str, dict[str, str]] = Field(repr=False, description="Contents of all files by sha")
    committed_at: dict[str, datetime]

    @property
    def head(self) -> str:
        return list(self.commits.values())[-1]


def build(recipe: Recipe, git_dir: Path) -> Built:
    """Make the bare repository. Raises `InputError` for a recipe that does not fit together, else `RepositoryError`."""
    _git(["init", "--quiet", "--bare", "--template=", f"--initial-branch={BRANCH}", str(git_dir)])
    trees = list(_trees(recipe))
    moments = _moments(recipe)
    marks = git_dir / "recipe-marks"
    stream = b"".join(_commit(number, recipe, trees, moments) for number in range(len(trees)))
    _git([f"--git-dir={git_dir}", "fast-import", "--quiet", f"--export-marks={marks}"], stream)
    shas = dict(line.split(" ") for line in marks.read_text().splitlines())
    marks.unlink()
    ordered = [shas[f":{number}"] for number in range(1, len(trees) + 1)]
    return Built(
        git_dir=git_dir,
        commits={commit.summary: sha for commit, sha in zip(recipe.commits, ordered, strict=True)},
        files=dict(zip(ordered, trees, strict=True)),
        committed_at=dict(zip(ordered, moments, strict=True)),
    )


def _trees(recipe: Recipe) -> list[dict[str, str]]:
    """The contents of all files after each commit."""
    trees: list[dict[str, str]] = []
    tree: dict[str, str] = {}
    summaries = [commit.summary for commit in recipe.commits]
    if len(set(summaries)) < len(summaries):
        raise InputError(f"The recipe {recipe.name} has two commits with the same first line.", next_step="Change one of them.")
    for commit in recipe.commits:
        tree = dict(tree)
        for path, content in commit.files.items():
            if content is None:
                tree.pop(path, None)
            else:
                tree[path] = content
        for path, edits in commit.edits.items():
            for edit in edits:
                if tree.get(path, "").count(edit.old) != 1:
                    raise InputError(
                        f"Recipe {recipe.name}, commit {commit.summary!r}: {edit.old[:80]!r} does not stand once in {path}.",
                        next_step="Quote a text that the file has exactly once at that commit.",
                    )
                tree[path] = tree[path].replace(edit.old, edit.new)
        trees.append(tree)
    return trees


def _moments(recipe: Recipe) -> list[datetime]:
    moments: list[datetime] = []
    moment = START
    for commit in recipe.commits:
        moment += timedelta(days=commit.days)
        moments.append(moment)
    return moments


def _commit(number: int, recipe: Recipe, trees: list[dict[str, str]], moments: list[datetime]) -> bytes:
    """One commit in the language of `git fast-import`: its whole tree, which is small."""
    commit = recipe.commits[number]
    address = commit.author.lower().replace(" ", ".")
    who = f"{commit.author} <{address}@example.org> {int(moments[number].timestamp())} +0000"
    parts = [f"commit refs/heads/{BRANCH}\nmark :{number + 1}\nauthor {who}\ncommitter {who}\n".encode()]
    parts.append(_data(commit.message.strip() + "\n"))
    if number:
        parts.append(f"from :{number}\n".encode())
    parts.append(b"deleteall\n")
    for path, content in trees[number].items():
        parts.append(f"M 100644 inline {path}\n".encode() + _data(content))
    return b"".join([*parts, b"\n"])


def _data(text: str) -> bytes:
    content = text.encode()
    return f"data {len(content)}\n".encode() + content + b"\n"


def _git(arguments: list[str], given: bytes = b"") -> None:
    git = shutil.which("git")
    if git is None:
        raise RepositoryError("git is not installed.", next_step="Install git and start again.")
    environment = {
        "PATH": os.pathsep.join([str(Path(git).parent), os.defpath]),
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    done = subprocess.run(
        [git, *arguments], input=given, env=environment, capture_output=True, timeout=TIMEOUT_SECONDS, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[:300]
        raise RepositoryError(f"The repository of the recipe cannot be made: {said}", next_step="Mend the recipe.")
