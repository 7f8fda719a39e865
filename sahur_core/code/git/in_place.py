"""Reading somebody's local repository where it lies: nothing is copied, nothing is written into it.

Its objects are borrowed by an empty bare repository of our own (`objects/info/alternates`, see gitrepository-layout):
its configuration, hooks and attributes are never read by the commands that could run a program named there.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from sahur_core.code.git.clone import locked
from sahur_core.code.git.command import Git
from sahur_core.code.git.repository import Repository, check_revision
from sahur_core.errors import GitFailed, RepositoryEmpty, RepositoryMissing, RevisionMissing

MAX_TAGS_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class InPlace:
    """A borrowed repository. `is_shallow`: its history was cut off (`git clone --depth`)."""

    repository: Repository
    commit: str
    is_shallow: bool


def find_git_dir(path: Path) -> Path:
    """The git directory of a work tree, a linked work tree, a submodule or a bare repository. Raises `RepositoryMissing`."""
    pointer = path / ".git"
    candidates = [pointer, path]
    if pointer.is_file():
        target = pointer.read_text("utf-8", "replace").strip().removeprefix("gitdir:").strip()
        candidates = [path / target]
    for candidate in candidates:
        if (candidate / "HEAD").exists() and ((candidate / "objects").is_dir() or (candidate / "commondir").is_file()):
            return candidate.resolve()
    raise RepositoryMissing(
        f"{path} is not a git repository.", next_step="Give the top folder of a work tree, a bare repository, or an address."
    )


def open_in_place(path: Path, revision: str, directory: Path) -> InPlace:
    """Open the repository at `path` for reads at `revision`; `<directory>/git` is our view of it.

    Raises `RepositoryMissing`, `RepositoryEmpty`, `RevisionMissing` and `InputError`.
    """
    source = Git(find_git_dir(path))
    try:
        asked = ("--is-shallow-repository", "--show-object-format", "--git-path", "objects", "--git-path", "shallow")
        shallow, object_format, objects, shallow_file = source.run("rev-parse", *asked).text.splitlines()
    except GitFailed as error:
        raise RepositoryMissing(f"{path} cannot be read: {error.message}", next_step="Check it with `git fsck`.") from error
    commit = _resolve(source, revision)
    view = directory / "git"
    with locked(directory):
        _borrow(view, Path("/") / objects, object_format)
        _cut_off(view, Path("/") / shallow_file)
        _name_tags(view, source)
    return InPlace(Repository(Git(view)), commit, shallow == "true")


def _resolve(source: Git, revision: str) -> str:
    name = check_revision(revision) or "HEAD"
    found = source.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", ok_codes=(0, 1, 128))
    if found.returncode == 0:
        return found.text.strip()
    if name != "HEAD":
        raise RevisionMissing(
            f"There is no branch, tag or commit {name} in the repository.",
            next_step="Check its spelling, or bring it here with `git fetch`.",
        )
    if source.run("for-each-ref", "--count=1").text.strip():
        raise RevisionMissing("The repository's HEAD names no commit.", next_step="Say which commit, branch or tag.")
    raise RepositoryEmpty("The repository has no commit.", next_step="Commit something first.")


def _borrow(view: Path, objects: Path, object_format: str) -> None:
    """Make `view` anew if it borrows from another place (the repository was moved, or is another one by now)."""
    alternates = view / "objects" / "info" / "alternates"
    wanted = f"{objects}\n".encode(errors="surrogateescape")
    if alternates.is_file() and alternates.read_bytes() == wanted:
        return
    fresh = view.with_name("git.new")
    for old in (fresh, view):
        shutil.rmtree(old, ignore_errors=True)
    Git(fresh).run("init", "--quiet", "--bare", "--template=", f"--object-format={object_format}", "--", str(fresh))
    (fresh / "objects" / "info").mkdir(exist_ok=True)
    (fresh / "objects" / "info" / "alternates").write_bytes(wanted)
    fresh.rename(view)


def _cut_off(view: Path, shallow_file: Path) -> None:
    """Where a history ends must be known to every reader, or git takes the missing parents for damage."""
    ours = view / "shallow"
    theirs = shallow_file.read_bytes() if shallow_file.is_file() else b""
    if theirs != (ours.read_bytes() if ours.is_file() else b""):
        fresh = view / "shallow.new"
        fresh.write_bytes(theirs)
        fresh.rename(ours)


def _name_tags(view: Path, source: Git) -> None:
    """The source's tags: a report may tell versions. Branches are left out, they may change while we read."""
    listed = source.run("for-each-ref", "--format=%(objectname) %(refname)", "refs/tags", max_bytes=MAX_TAGS_BYTES)
    lines = sorted(line for line in listed.stdout.split(b"\n")[: -1 if listed.is_truncated else None] if line)
    wanted = b"".join(line + b"\n" for line in lines)
    packed = view / "packed-refs"
    if wanted != (packed.read_bytes() if packed.is_file() else b""):
        fresh = view / "packed-refs.new"
        fresh.write_bytes(wanted)
        fresh.rename(packed)
