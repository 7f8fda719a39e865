"""Which file imports which: names of modules resolved to files by the customs of each language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from posixpath import normpath
from typing import NamedTuple

from sahur_core.code.index.arrays import Numbers

MAX_TARGETS = 2
"""A name that fits more files says nothing."""
MAX_FOLDER_FILES = 12
"""A package imported as a whole (Go) names all of its files, if they are few."""
_SEPARATORS = str.maketrans({".": "/", "\\": "/", ":": "/"})


class ImportedName(NamedTuple):
    """An import as written in a file."""

    module: str
    name: str
    alias: str


class ModuleMap:
    """Finds files by the end of their path without suffix."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self._by_ending: dict[str, list[int]] = defaultdict(list)
        self._by_folder: dict[str, list[int]] = defaultdict(list)
        for number, path in enumerate(paths):
            folder, _, name = path.rpartition("/")
            stem = name.split(".", 1)[0] if not name.startswith(".") else name
            self._by_folder[folder].append(number)
            parts = [*folder.split("/"), stem] if folder else [stem]
            for start in range(len(parts)):
                self._by_ending["/".join(parts[start:])].append(number)

    def find(self, module: str) -> list[int]:
        """The files of a module given as a path without suffix; a package is its `__init__`, `index` or `mod` file."""
        for name in (module, f"{module}/__init__", f"{module}/index", f"{module}/mod"):
            found = self._by_ending.get(name)
            if found:
                return found if len(found) <= MAX_TARGETS else [n for n in found if self._is_whole(n, name)][:MAX_TARGETS]
        return []

    def exactly(self, module: str) -> list[int]:
        """As `find`, for a path from the root."""
        names = (module, f"{module}/__init__", f"{module}/index", f"{module}/mod")
        return [n for name in names for n in self._by_ending.get(name, ()) if self._is_whole(n, name)][:MAX_TARGETS]

    def folder(self, name: str) -> list[int]:
        """The files of the folder with the longest end in common with `name`."""
        parts = name.split("/")
        for start in range(len(parts)):
            found = self._by_folder.get("/".join(parts[start:]))
            if found:
                return found if len(found) <= MAX_FOLDER_FILES else []
        return []

    def _is_whole(self, number: int, ending: str) -> bool:
        path = self._paths[number]
        folder, _, name = path.rpartition("/")
        stem = name.split(".", 1)[0]
        return (f"{folder}/{stem}" if folder else stem) == ending


class ImportGraph:
    """Targets of the imports of each file; files are numbered as in the index."""

    def __init__(self, paths: Sequence[str], file_blobs: Numbers, imports: Sequence[Sequence[ImportedName]]) -> None:
        """`file_blobs` gives each file's place in `imports`; -1 for none."""
        self._paths, self._imports = paths, imports
        self.modules = ModuleMap(paths)
        self.targets: list[list[int]] = [self._targets(number, blob) for number, blob in enumerate(file_blobs.tolist())]

    def _targets(self, file: int, blob: int) -> list[int]:
        if blob < 0:
            return []
        path = self._paths[file]
        found = dict.fromkeys(n for entry in self._imports[blob] for n in self.resolve(path, entry) if n != file)
        return list(found)

    def resolve(self, path: str, entry: ImportedName) -> Iterator[int]:
        """The files that an import of the file at `path` means; for a name, also the module of that name."""
        folder = path.rpartition("/")[0]
        module = entry.module
        if path.endswith((".py", ".pyi")):
            yield from self._python(folder, entry)
        elif module.startswith("."):
            base = normpath(f"{folder}/{module}")
            yield from self.modules.exactly(base.removesuffix(".js").removesuffix(".ts")) or self.modules.exactly(base)
        elif path.endswith(".go"):
            yield from self.modules.folder(module)
        else:
            ending = module.translate(_SEPARATORS).replace("//", "/").strip("/").removeprefix("crate/")
            ending = ending.rsplit(".", 1)[0]
            for candidate in (
                f"{ending}/{entry.name}" if entry.name not in ("", "*") else ending,
                ending,
                ending.rpartition("/")[0],
            ):
                found = self.modules.find(candidate) if candidate.count("/") >= 1 or candidate == ending else []
                if found:
                    yield from found
                    return

    def _python(self, folder: str, entry: ImportedName) -> Iterator[int]:
        dots = len(entry.module) - len(entry.module.lstrip("."))
        rest = entry.module.lstrip(".").replace(".", "/")
        if dots:
            parts = folder.split("/") if folder else []
            base = parts[: len(parts) - (dots - 1)]
            whole = "/".join([*base, *([rest] if rest else [])])
            yield from self.modules.exactly(whole)
        else:
            whole = rest
            found = self.modules.find(whole)
            yield from found if len(found) <= MAX_TARGETS else ()
        if entry.name and entry.name != "*":
            yield from self.modules.find(f"{whole}/{entry.name}")[:MAX_TARGETS]
