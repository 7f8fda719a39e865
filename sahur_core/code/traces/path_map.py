"""From a path as deployed or pasted to the file of the repository."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from sahur_core.code.traces.deployed import Deployed, deployed_path, variants
from sahur_core.code.traces.frames import Frame

_LEAST_SHARED = 2
"""Parts of a deployed path that must agree, unless the whole path or the whole file does."""


class PathMap:
    """Finds the repository's file for a path as deployed (`/srv/app/x/y.py`, `site-packages/x/y.py`) or as pasted.

    `name` is the repository's, if it is known: packages with that name are the repository itself.
    """

    def __init__(self, paths: Iterable[str], name: str = "") -> None:
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            self._by_name[path.rsplit("/", 1)[-1].lower()].append(path)
        self._name = _key(name.rsplit("/", 1)[-1].removesuffix(".git"))

    def find(self, deployed: str) -> str:
        """The file that shares the longest end of the path; empty if none does, or several equally well."""
        best = self._candidates(deployed_path(deployed))
        return best[0] if len(best) == 1 else ""

    def find_all(self, frames: Sequence[Frame]) -> list[str]:
        """The file of each frame of one trace. Where several fit equally well, the root of the other frames decides."""
        printed = [frame.path.replace("\\", "/") for frame in frames]
        cache: dict[str, list[str]] = {}
        for path in printed:
            if path not in cache:
                cache[path] = self._candidates(deployed_path(path), is_sure=False)
        sure = {path: self.find(path) for path in cache}
        roots = Counter(root for path, found in sure.items() if found and (root := _roots(path, found)))
        for path, candidates in cache.items():
            if not sure[path] and candidates and roots:
                fitting = [root for root in roots.most_common() if (at := _placed(path, root[0])) and at in candidates]
                found = {_placed(path, root) for root, count in fitting if count == fitting[0][1]}
                sure[path] = found.pop() if len(found) == 1 else ""
        return [sure[path] for path in printed]

    def mentioned(self, path: str) -> str:
        """As `find`, for a path in prose: a bare file name counts if only one file has it."""
        same_name = self._named(path.rsplit("/", 1)[-1])
        return self.find(path) or (same_name[0] if len(same_name) == 1 and "/" not in path else "")

    def module(self, dotted: str) -> str:
        """The file of `package.module`, also with names of the module behind it; empty if there is none."""
        parts = dotted.split(".")
        for length in range(len(parts), 1, -1):
            for ending in ("/".join(parts[:length]) + ".py", "/".join([*parts[:length], "__init__.py"])):
                found = [path for path in self._named(ending.rsplit("/", 1)[-1]) if path == ending or path.endswith("/" + ending)]
                if len(found) == 1:
                    return found[0]
        return ""

    def _named(self, name: str) -> list[str]:
        """Files with a name; in another case only where none has it in this one."""
        same = self._by_name.get(name.lower(), [])
        exact = [path for path in same if path.rsplit("/", 1)[-1] == name]
        return exact or same

    def _candidates(self, deployed: Deployed, is_sure: bool = True) -> list[str]:
        """The files that share the longest end. With `is_sure` only ends that are long enough to be no accident."""
        for parts in variants(deployed):
            if not parts:
                return []
            if deployed.package:
                found = self._of_package(parts, deployed.package)
            else:
                found = self._longest(parts, deployed.is_installed, is_sure)
            if found:
                return found
        return []

    def _longest(self, parts: tuple[str, ...], is_installed: bool, is_sure: bool) -> list[str]:
        named = self._by_name.get(parts[-1].lower(), [])
        if not named:
            return []
        shared = [(_shared(parts, path), path) for path in named]
        longest = max(length for length, _ in shared)
        best = [path for length, path in shared if length == longest]
        if len(best) > 1:
            exact = [path for path in best if path.endswith("/".join(parts[-longest[0] :]))]
            best = exact or best
        needed = len(parts) if is_installed else _LEAST_SHARED
        is_whole = not is_installed and longest[0] == min(len(parts), best[0].count("/") + 1)
        return best if longest[0] >= needed or is_whole or not (is_sure or is_installed) else []

    def _of_package(self, parts: tuple[str, ...], package: str) -> list[str]:
        """Files of a package of another ecosystem's store: in a folder of its name, or in the repository of its name."""
        ending = "/".join(parts).lower()
        files = [path for path in self._by_name.get(parts[-1].lower(), []) if f"/{path.lower()}".endswith(f"/{ending}")]
        inside = [path for path in files if _key(package) in {_key(part) for part in path.split("/")[: -len(parts)]}]
        if inside:
            nearest = [path for path in inside if _key(path.split("/")[-len(parts) - 1]) == _key(package)]
            return nearest or inside
        if self._name:
            return [path for path in files if path.lower() == ending] if self._name == _key(package) else []
        # The package's own name within its folders is proof too: `lib/active_record/base.rb` of the gem activerecord.
        is_named = _key(package) in {_key(part.rsplit(".", 1)[0]) for part in parts}
        return files if is_named else []


def _shared(parts: Sequence[str], path: str) -> tuple[int, int]:
    """How many parts agree from the end, and of those how many in the same case."""
    length = same = 0
    for ours, theirs in zip(reversed(parts), reversed(path.split("/")), strict=False):
        if ours.lower() != theirs.lower():
            break
        length += 1
        same += ours == theirs
    return length, same


def _roots(printed: str, found: str) -> tuple[str, str] | None:
    """What stands before the common end, there and here; None if the file's name is another (it was built)."""
    there, here = printed.split("/"), found.split("/")
    length, _ = _shared(there, found)
    if not length:
        return None
    return "/".join(there[:-length]), "/".join(here[:-length])


def _placed(printed: str, root: tuple[str, str]) -> str:
    """The path in the repository if its root lies where another frame's lies; empty if it lies elsewhere."""
    there, here = root
    if there and not printed.startswith(f"{there}/"):
        return ""
    rest = printed[len(there) :].lstrip("/") if there else printed
    return f"{here}/{rest}" if here else rest


def _key(name: str) -> str:
    """Names of packages are written with `-`, `_` or `.`, in any case."""
    return name.lower().replace("-", "").replace("_", "").replace(".", "")
