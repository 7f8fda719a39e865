"""The content of a GitHub repository, read from a real git repository."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """A file or folder: `kind` is git's (blob, tree); the size of a folder is 0."""

    kind: str
    sha: str
    size: int
    path: str


@dataclass(frozen=True)
class Commit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    name: str
    email: str
    date: str
    message: str


class GitFiles:
    """What git knows at a path. An unknown revision or path is None or an empty list."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def branch(self) -> str:
        """The default branch."""
        return self._git("symbolic-ref", "--short", "HEAD").decode().strip()

    def branches(self) -> dict[str, str]:
        lines = self._git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads").decode().splitlines()
        return {name: sha for name, _, sha in (line.partition(" ") for line in lines)}

    def make_branch(self, name: str, sha: str) -> None:
        self._git("update-ref", f"refs/heads/{name}", sha)

    def resolve(self, revision: str) -> str:
        """The full commit id; empty if there is none."""
        return self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").decode().strip()

    def entries(self, revision: str, path: str) -> list[Entry]:
        """The file at the path, or what the folder at the path holds."""
        where = path.strip("/")
        listed = self._list(revision, [where] if where else [])
        if where and listed and listed[0].kind == "tree":
            listed = self._list(revision, [f"{where}/"])
        return listed

    def tree(self, revision: str) -> list[Entry]:
        """Every file."""
        return self._list(revision, [], "-r")

    def content(self, sha: str) -> bytes:
        return self._git("cat-file", "blob", sha)

    def commits(self, revision: str, path: str = "") -> list[Commit]:
        """Newest first."""
        form = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%B%x01"
        output = self._git("log", f"--format={form}", revision, "--", *([path] if path else [])).decode()
        found = []
        for record in output.split("\x01"):
            if record.strip():
                sha, tree, parents, name, email, date, message = record.strip("\n").split("\x00")
                found.append(Commit(sha, tree, tuple(parents.split()), name, email, date, message.strip()))
        return found

    def changed_files(self, base: str, head: str) -> list[tuple[str, str, str]]:
        """Status letter, path and patch of each file that differs."""
        names = self._git("diff", "--name-status", "--no-renames", f"{base}...{head}").decode().splitlines()
        pairs = [line.split("\t") for line in names]
        return [(kind, path, self._git("diff", f"{base}...{head}", "--", path).decode()) for kind, path in pairs]

    def _list(self, revision: str, paths: list[str], *options: str) -> list[Entry]:
        output = self._git("ls-tree", "-l", "-z", *options, revision, "--", *paths).decode()
        found = []
        for line in filter(None, output.split("\0")):
            head, _, path = line.partition("\t")
            _, kind, sha, size = head.split()
            found.append(Entry(kind, sha, int(size) if size.isdigit() else 0, path))
        return found

    def _git(self, *arguments: str) -> bytes:
        """Its output; nothing at all if git refuses, which an API tells as 404."""
        return subprocess.run(["git", "-C", str(self.path), *arguments], capture_output=True, timeout=20, check=False).stdout
