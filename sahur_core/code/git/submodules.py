"""Submodules of a tree: what is in them is in another repository."""

from __future__ import annotations

import re

from sahur_core.code.git.command import Git
from sahur_core.code.git.paths import SUBMODULE, TreeEntry, git_path, is_below, parse_tree
from sahur_core.code.git.records import Submodule

MAX_CONFIG_BYTES = 256 * 1024
_PASSWORD = re.compile(r"(?<=://)[^/@\s]*@")


def submodules(git: Git, sha: str, entries: list[TreeEntry]) -> list[Submodule]:
    """Those among the entries of a commit's tree, each with its address if `.gitmodules` tells it."""
    found = [entry for entry in entries if entry.mode == SUBMODULE]
    urls = _urls(git, sha) if found else {}
    return [Submodule(path=entry.path, url=urls.get(entry.path, ""), commit=entry.blob) for entry in found]


def submodule_at(git: Git, sha: str, path: str) -> Submodule | None:
    """The submodule that the path is, or lies in."""
    asked = git_path(path)
    parts = asked.split("/")
    prefixes = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    listed = parse_tree(git.run("ls-tree", "-z", "--full-tree", sha, "--", *prefixes).stdout)
    found = submodules(git, sha, listed)
    return next((each for each in found if is_below(path.strip("/"), each.path)), None)


def _urls(git: Git, sha: str) -> dict[str, str]:
    """Addresses by path, from `.gitmodules` at that commit, without the passwords that some hold."""
    asked = ("config", f"--blob={sha}:.gitmodules", "--null", "--get-regexp", r"^submodule\..*\.(path|url)$")
    told = git.run(*asked, ok_codes=(0, 1, 3, 128, 129), max_bytes=MAX_CONFIG_BYTES)
    values: dict[str, dict[str, str]] = {}
    for record in told.text.split("\0") if told.returncode == 0 else []:
        key, _, value = record.partition("\n")
        name, _, kind = key.removeprefix("submodule.").rpartition(".")
        values.setdefault(name, {})[kind] = value
    return {each["path"]: _PASSWORD.sub("", each.get("url", "")) for each in values.values() if "path" in each}
