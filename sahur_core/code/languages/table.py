"""The languages that are parsed: how their files are known, which grammar reads them, how their comments and imports look.

What counts as a definition or an import stands in `queries/*.scm`. Another language is a row here, a query, a wheel
`tree-sitter-<language>` in `requirements/base.in`, and a test.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MACROS = re.compile(
    rb"^[ \t]*([A-Z][A-Z0-9_]{3,}(?:\([^()\n]*\))?)[ \t]*\r?\n(?=[ \t]*[A-Za-z_~])"
    rb"|\b(?:class|struct|enum|union)[ \t]+([A-Z][A-Z0-9_]{2,}(?:\([^()\n]*\))?)[ \t]+"
    rb"(?!final\b)(?=\w+\s*(?:final\s*)?(?::[^:]|\{))",
    re.M,
)
"""`FMT_EXPORT` alone on its line before a definition, `class SHOP_API Order {`: only a preprocessor knows what they mean."""
SLASHES = ("//", "/*", "*")
HASH = ("#",)


@dataclass(frozen=True, kw_only=True)
class Language:
    name: str
    """As people know it: both grammars of TypeScript are `typescript`."""
    suffixes: tuple[str, ...]
    file_names: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    """Programs of a `#!` line."""
    package: str = ""
    """Python module of the grammar's wheel; `tree_sitter_<name>` if empty."""
    grammar: str = "language"
    """Function of the package that gives the grammar."""
    queries: tuple[str, ...] = ()
    """Files below `queries`, joined in this order; the one of the language's name if empty."""
    comments: tuple[str, ...] = SLASHES
    """What the lines of a comment begin with."""
    strings: tuple[str, ...]
    """Kinds of nodes."""
    silent: str = ""
    """Query for strings that say nothing at run time, as `@silent`."""
    unseen: re.Pattern[bytes] | None = None
    """What the parser is not shown because it fits no grammar: the groups."""
    is_indented: bool = False
    """Blocks are told by indentation, so that a broken file can still be read by its lines."""
    separator: str = ""
    """Between the parts of a module's name, the last of which it is called in the file; empty: it is called by all of it."""

    @property
    def query_files(self) -> tuple[str, ...]:
        return self.queries or (self.name,)

    @property
    def grammar_package(self) -> str:
        return self.package or f"tree_sitter_{self.name}"


LANGUAGES: tuple[Language, ...] = (
    Language(
        name="python",
        suffixes=(".py", ".pyi", ".pyw", ".pyx"),
        file_names=("SConstruct", "SConscript", "wscript"),
        interpreters=("python", "pypy"),
        comments=HASH,
        strings=("string",),
        silent="(expression_statement (string) @silent)",
        is_indented=True,
    ),
    Language(
        name="javascript",
        suffixes=(".js", ".jsx", ".mjs", ".cjs", ".es6"),
        interpreters=("node", "nodejs", "deno", "bun"),
        queries=("ecmascript", "javascript"),
        strings=("string", "template_string"),
        separator="/",
    ),
    Language(
        name="typescript",
        suffixes=(".ts", ".mts", ".cts"),
        interpreters=("ts-node",),
        grammar="language_typescript",
        queries=("ecmascript", "typescript"),
        strings=("string", "template_string"),
        separator="/",
    ),
    Language(
        name="typescript",
        suffixes=(".tsx",),
        interpreters=("tsx",),
        grammar="language_tsx",
        queries=("ecmascript", "typescript"),
        strings=("string", "template_string"),
        separator="/",
    ),
    Language(name="java", suffixes=(".java",), strings=("string_literal",), separator="."),
    Language(name="go", suffixes=(".go",), strings=("interpreted_string_literal", "raw_string_literal"), separator="/"),
    Language(
        name="ruby",
        suffixes=(".rb", ".rake", ".gemspec", ".ru", ".podspec", ".thor", ".jbuilder"),
        file_names=("Rakefile", "Gemfile", "Guardfile", "Vagrantfile", "Podfile", "Fastfile"),
        interpreters=("ruby", "jruby"),
        comments=HASH,
        strings=("string",),
        separator="/",
    ),
    Language(name="rust", suffixes=(".rs",), strings=("string_literal", "raw_string_literal"), separator="::"),
    Language(name="c", suffixes=(".c", ".h"), strings=("string_literal",), unseen=_MACROS, separator="/"),
    Language(
        name="cpp",
        suffixes=(".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".inl", ".tpp", ".cu", ".cuh", ".ino"),
        queries=("c", "cpp"),
        strings=("string_literal", "raw_string_literal"),
        unseen=_MACROS,
        separator="/",
    ),
    Language(
        name="csharp",
        suffixes=(".cs", ".csx"),
        package="tree_sitter_c_sharp",
        strings=("string_literal", "verbatim_string_literal", "raw_string_literal", "interpolated_string_expression"),
        separator=".",
    ),
    Language(
        name="php",
        suffixes=(".php", ".phtml", ".php5", ".inc"),
        interpreters=("php",),
        grammar="language_php",
        comments=(*SLASHES, "#"),
        strings=("string", "encapsed_string"),
        separator="\\",
    ),
    Language(
        name="kotlin",
        suffixes=(".kt", ".kts"),
        interpreters=("kotlin",),
        strings=("string_literal", "multiline_string_literal"),
        separator=".",
    ),
    Language(
        name="scala",
        suffixes=(".scala", ".sc", ".sbt"),
        interpreters=("scala",),
        strings=("string", "interpolated_string"),
        separator=".",
    ),
    Language(
        name="swift",
        suffixes=(".swift",),
        interpreters=("swift",),
        strings=("line_string_literal", "multi_line_string_literal"),
        separator=".",
    ),
    Language(
        name="bash",
        suffixes=(".sh", ".bash", ".zsh", ".ksh", ".bats"),
        file_names=(".bashrc", ".zshrc", ".profile", ".bash_profile"),
        interpreters=("sh", "bash", "zsh", "ksh", "dash"),
        comments=HASH,
        strings=("string", "raw_string"),
        separator="/",
    ),
    Language(
        name="lua", suffixes=(".lua",), interpreters=("lua", "luajit"), comments=("--",), strings=("string",), separator="."
    ),
    Language(
        name="elixir",
        suffixes=(".ex", ".exs"),
        interpreters=("elixir",),
        comments=HASH,
        strings=("string",),
        separator=".",
    ),
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
    name = path.rsplit("/", 1)[-1]
    stem, dot, suffix = name.rpartition(".")
    known = _BY_FILE_NAME.get(name)
    return known or (_BY_SUFFIX.get(dot + suffix) or _BY_SUFFIX.get(dot + suffix.lower()) if stem else None)


def _by_first_line(line: str) -> Language | None:
    """`#!/usr/bin/env -S python3 -u` and `#!/usr/bin/python3.11` both name python."""
    for word in line[2:].split():
        program = word.rsplit("/", 1)[-1].rstrip("0123456789.")
        if program in _BY_INTERPRETER:
            return _BY_INTERPRETER[program]
    return None
