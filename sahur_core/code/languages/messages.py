"""Texts that a program can write (log lines, error messages), found again in a report.

A source holds the template (`"timeout of %s is %s s"`, `f"there is no page {number}"`), the report what came out of it.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence

from sahur_core.tools.storable import storable

MIN_LETTERS = 10
"""A template with fewer letters outside of its placeholders fits by chance."""
MAX_PER_FILE = 500
MAX_LINE_CHARS = 2000
"""Longer lines are generated."""
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-+ #0]*[\d.*]*[sdrifgxXeEc%]|\$?\{[^{}\n]*\}")
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.){10,300})"|\'((?:[^\'\\\n]|\\.){10,300})\'|`([^`\n]{10,300})`')
_LETTERS = re.compile(r"[^\W\d_]")


def find_templates(path: str, text: str) -> list[tuple[int, str]]:
    """Line and template of each text of several words; placeholders are normalized to `{}`."""
    found = _python_templates(text) if path.endswith(".py") else None
    return [entry for entry in (found if found is not None else _quoted_templates(text)) if _is_telling(entry[1])][:MAX_PER_FILE]


def fits(template: str, report: str) -> bool:
    """Whether some line of the report can have come out of the template: all of its fixed parts, in order."""
    parts = [part.strip() for part in template.split("{}") if _LETTERS.search(part)]
    if not parts or max(parts, key=len) not in report:
        return False
    return any(_in_order(parts, line) for line in report.split("\n"))


def letters(template: str) -> int:
    """How much of a template is fixed text."""
    return len(_LETTERS.findall(template))


def _in_order(parts: Sequence[str], line: str) -> bool:
    position = 0
    for part in parts:
        position = line.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return True


def _is_telling(template: str) -> bool:
    return letters(template) >= MIN_LETTERS and " " in template.strip() and len(template) <= 300 and "\n" not in template.strip()


def _python_templates(text: str) -> list[tuple[int, str]] | None:
    """None if the file does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        return [(line, storable(constant)) for line, constant in _constants(tree)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _constants(tree: ast.AST) -> Iterator[tuple[int, str]]:
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, _PLACEHOLDER.sub("{}", node.value)
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):  # a docstring says nothing at run time
            pending.extend(ast.iter_child_nodes(node))


def _quoted_templates(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        for match in _QUOTED.finditer(line) if len(line) <= MAX_LINE_CHARS else ():
            yield number, _PLACEHOLDER.sub("{}", match[1] or match[2] or match[3])
