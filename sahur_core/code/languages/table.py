"""The languages that are parsed: how their files are known, which grammar reads them, how their comments and imports look.

What counts as a definition or an import stands in `queries/*.scm`. Another language is a row here, a query, a wheel
`tree-sitter-<language>` in `requirements/base.in`, and a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

SLASHES = ("//", "/*", "*")
HASH = ("#",)


@dataclass(frozen=True)
class Language:
    name: str
    """As people know it: both grammars of TypeScript are `typescript`."""
    package: str
    """Python module of the grammar's wheel."""
    suffixes: tuple[str, ...]
    queries: tuple[str, ...]
    """Files below `queries`, joined in this order."""
    comments: tuple[str, ...] = SLASHES
    """What the lines of a comment begin with."""
    grammar: str = "language"
    """Function of the package that gives the grammar."""
    interpreters: tuple[str, ...] = ()
    """Programs of a `#!` line."""
    file_names: tuple[str, ...] = ()
    is_indented: bool = False
    """Blocks are told by indentation, so that a broken file can still be read by its lines."""
    import_separator: str = "."
    """Parts of a module's name; the last is what a whole module is called in the file."""


LANGUAGES: tuple[Language, ...] = (
    Language(
        "python",
        "tree_sitter_python",
        (".py", ".pyi", ".pyw", ".pyx"),
        ("python",),
        HASH,
        interpreters=("python", "pypy"),
        file_names=("SConstruct", "SConscript", "wscript"),
        is_indented=True,
        import_separator="",
    ),
)

_BY_SUFFIX = {suffix: language for language in LANGUAGES for suffix in language.suffixes}
_BY_FILE_NAME = {name: language for language in LANGUAGES for name in language.file_names}
_BY_INTERPRETER = {program: language for language in LANGUAGES for program in language.interpreters}


def find_language(path: str, text: str = "") -> Language | None:
    """By suffix, name, or `#!` line; None for what is not parsed."""
    known = _by_path(path)
    if known is None and text.startswith("#!"):
        return _by_first_line(text[:200].split("\n", 1)[0])
    return known


def _by_path(path: str) -> Language | None:
    pure = PurePosixPath(path)
    return _BY_FILE_NAME.get(pure.name) or _BY_SUFFIX.get(pure.suffix) or _BY_SUFFIX.get(pure.suffix.lower())


def _by_first_line(line: str) -> Language | None:
    """`#!/usr/bin/env -S python3 -u` and `#!/usr/bin/python3.11` both name python."""
    for word in line[2:].split():
        program = word.rsplit("/", 1)[-1].rstrip("0123456789.")
        if program in _BY_INTERPRETER:
            return _BY_INTERPRETER[program]
    return None
