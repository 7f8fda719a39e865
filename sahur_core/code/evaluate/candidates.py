"""Which files of a repository are source that a fault can lie in, by their paths alone."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_SUFFIXES = (
    ".py .pyi .pyx .js .jsx .mjs .cjs .ts .tsx .mts .cts .vue .svelte .java .kt .kts .scala .groovy .go .rs .rb .rake .php .c .h"
    " .cc .cpp .cxx .hpp .hh .hxx .inl .cs .fs .vb .swift .m .mm .dart .ex .exs .erl .hs .lua .pl .pm .r .jl .sh .bash .ps1 .sql"
    " .clj .cljs .elm .ml .mli .nim .zig .sol .cu .f90 .pas .d .v .vhdl .tcl .el .lisp .proto .graphql "
)
_TEST = re.compile(
    r"(^|/)(tests?|__tests__|specs?|testdata|test_data|fixtures|e2e)/"
    r"|(^|/)(test_[^/]*|[^/]*[._-](test|tests|spec)|tests?|spec|conftest|[^/]*[a-z](Test|Tests|IT|Spec))\.\w+$"
)
_NOT_OURS = re.compile(r"(^|/)(node_modules|vendor|third_party|dist)/|\.min\.js$|\.d\.ts$")
_TEST_OF_PUBLISHED_TABLES = re.compile(r"(^|/)tests?/|(^|/)test_[^/]*\.py$|_test\.py$")


def is_code(path: str) -> bool:
    """A file of a programming language."""
    suffix = PurePosixPath(path).suffix.lower()
    return suffix != "" and f"{suffix} " in _SUFFIXES


def is_source(path: str) -> bool:
    """Code that is neither a test nor somebody else's."""
    return is_code(path) and not _TEST.search(path) and not _NOT_OURS.search(path)


def is_published_candidate(path: str) -> bool:
    """Python files by the rule of the published tables (LocAgent, arXiv 2503.09089): no test/, tests/, test_*, *_test."""
    return path.endswith(".py") and not _TEST_OF_PUBLISHED_TABLES.search(path)
