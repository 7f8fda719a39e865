"""The files below a path, whole or down to some depth, with what is there and is no file."""

from __future__ import annotations

from collections import Counter

from sahur_core.code.git.files import MAX_NAMES_BYTES, link_target, missing
from sahur_core.code.git.paths import SYMLINK, TreeEntry, git_path, glob, parse_tree
from sahur_core.code.git.records import Link, Listing
from sahur_core.code.git.repository import Repository
from sahur_core.code.git.submodules import submodules

MAX_SPECIAL = 50


def list_tree(repository: Repository, commit: str, path: str = "", *, pattern: str = "", depth: int = 0) -> Listing:
    """Files below `path` that fit the glob, sorted; with a `depth` above 0, what is deeper as folders with counts.

    Raises `NotFound` where there is no such path, and `InputError` where it is a link or a submodule.
    """
    sha = repository.resolve(commit)
    folder = git_path(path, may_be_empty=True)
    spec = [folder] if folder else []
    listed = repository.git.run("ls-tree", "-r", "-z", "--full-tree", sha, "--", *spec, max_bytes=MAX_NAMES_BYTES)
    entries = sorted(parse_tree(listed.stdout), key=lambda entry: entry.path)
    if folder and not entries:
        raise missing(repository.git, sha, path)
    fits = glob(pattern)
    fitting = [entry for entry in entries if fits(entry.path)]
    files, folders = _down_to(path.strip().strip("/") if folder else "", fitting, depth)
    return Listing(
        files=files,
        folders=folders,
        links=_links(repository, [entry for entry in fitting if entry.mode == SYMLINK][:MAX_SPECIAL]),
        submodules=submodules(repository.git, sha, fitting)[:MAX_SPECIAL],
        is_capped=listed.is_truncated,
    )


def _down_to(folder: str, entries: list[TreeEntry], depth: int) -> tuple[list[str], dict[str, int]]:
    paths = [entry.path for entry in entries if entry.is_file]
    if depth == 0:
        return paths, {}
    levels = depth + (folder.count("/") + 1 if folder else 0)
    files = [path for path in paths if path.count("/") < levels]
    deeper = Counter("/".join(path.split("/")[:levels]) for path in paths if path.count("/") >= levels)
    return files, dict(sorted(deeper.items()))


def _links(repository: Repository, entries: list[TreeEntry]) -> list[Link]:
    return [Link(path=entry.path, target=link_target(repository.git, entry)[:200]) for entry in entries]
