"""The languages that are parsed: how their files are known, which grammar reads them, how their comments and imports look.

What counts as a definition or an import stands in `queries/*.scm`. Another language is a row here, a query, a wheel
`tree-sitter-<language>` in `requirements/base.in`, and a test.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

_MACROS = re.compile(
    rb"^[ \t]*([A-Z][A-Z0-9_]{3,}(?:\([^()\n]*\))?)[ \t]*\r?\n(?=[ \t]*[A-Za-z_~])"
    rb"|\b(?:class|struct|enum|union)[ \t]+([A-Z][A-Z0-9_]{2,}(?:\([^()\n]*\))?)[ \t]+(?!final\b)(?=\w+\s*(?:final\s*)?(?::[^:]|\{))",
    re.M,
)
"""`FMT_EXPORT` alone on its line before a definition, `class SHOP_API Order {`: only a preprocessor knows what they mean."""
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
    unseen: re.Pattern[bytes] | None = None
    """What the parser is not shown because it fits no grammar; only the groups."""
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
    Language(
        "javascript",
        "tree_sitter_javascript",
        (".js", ".jsx", ".mjs", ".cjs", ".es6"),
        ("ecmascript", "javascript"),
        interpreters=("node", "nodejs", "deno", "bun"),
        import_separator="/",
    ),
    Language(
        "typescript",
        "tree_sitter_typescript",
        (".ts", ".mts", ".cts"),
        ("ecmascript", "typescript"),
        grammar="language_typescript",
        interpreters=("ts-node", "tsx"),
        import_separator="/",
    ),
    Language(
        "typescript",
        "tree_sitter_typescript",
        (".tsx",),
        ("ecmascript", "typescript"),
        grammar="language_tsx",
        import_separator="/",
    ),
    Language("java", "tree_sitter_java", (".java",), ("java",)),
    Language("go", "tree_sitter_go", (".go",), ("go",), import_separator="/"),
    Language(
        "ruby",
        "tree_sitter_ruby",
        (".rb", ".rake", ".gemspec", ".ru", ".podspec", ".thor", ".jbuilder"),
        ("ruby",),
        HASH,
        interpreters=("ruby", "jruby"),
        file_names=("Rakefile", "Gemfile", "Guardfile", "Vagrantfile", "Podfile", "Fastfile"),
        import_separator="/",
    ),
    Language("rust", "tree_sitter_rust", (".rs",), ("rust",), import_separator="::"),
    Language("c", "tree_sitter_c", (".c", ".h"), ("c",), unseen=_MACROS, import_separator="/"),
    Language(
        "cpp",
        "tree_sitter_cpp",
        (".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".inl", ".tpp", ".cu", ".cuh", ".ino"),
        ("c", "cpp"),
        unseen=_MACROS,
        import_separator="/",
    ),
    Language("csharp", "tree_sitter_c_sharp", (".cs", ".csx"), ("csharp",)),
    Language(
        "php",
        "tree_sitter_php",
        (".php", ".phtml", ".php5", ".inc"),
        ("php",),
        (*SLASHES, "#"),
        grammar="language_php",
        interpreters=("php",),
        import_separator="\\",
    ),
    Language("kotlin", "tree_sitter_kotlin", (".kt", ".kts"), ("kotlin",), interpreters=("kotlin",)),
    Language("scala", "tree_sitter_scala", (".scala", ".sc", ".sbt"), ("scala",), interpreters=("scala",)),
    Language("swift", "tree_sitter_swift", (".swift",), ("swift",), interpreters=("swift",)),
    Language(
        "bash",
        "tree_sitter_bash",
        (".sh", ".bash", ".zsh", ".ksh", ".bats"),
        ("bash",),
        HASH,
        interpreters=("sh", "bash", "zsh", "ksh", "dash"),
        file_names=(".bashrc", ".zshrc", ".profile", ".bash_profile"),
        import_separator="/",
    ),
    Language("lua", "tree_sitter_lua", (".lua",), ("lua",), ("--",), interpreters=("lua", "luajit")),
    Language("elixir", "tree_sitter_elixir", (".ex", ".exs"), ("elixir",), HASH, interpreters=("elixir",)),
)

_CPP_HEADER = re.compile(r"^[ \t]*(?:class|namespace|template|using|public:|private:|protected:)(?!\w)", re.M)
"""What a header of C cannot contain."""
_BY_SUFFIX = {suffix: language for language in LANGUAGES for suffix in language.suffixes}
_BY_FILE_NAME = {name: language for language in LANGUAGES for name in language.file_names}
_BY_INTERPRETER = {program: language for language in LANGUAGES for program in language.interpreters}


def find_language(path: str, text: str = "") -> Language | None:
    """By suffix, name, or `#!` line; None for what is not parsed."""
    known = _by_path(path)
    if known is None and text.startswith("#!"):
        return _by_first_line(text[:200].split("\n", 1)[0])
    if known is not None and known.name == "c" and path.endswith(".h") and _CPP_HEADER.search(text):
        return _BY_SUFFIX[".hpp"]
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
