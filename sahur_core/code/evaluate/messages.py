"""Commit messages: which of them speak of a mended fault, and what a report would have said of it.

A report is written before the fix is known, so what only the author of the fix could know is taken out: paths, `parser:`
and `fix(parser):` prefixes, shas, numbers and addresses of issues, trailers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from sahur_core.code.evaluate.candidates import is_code

MIN_WORDS = 4
"""A report of fewer words says nothing (“Fix bug”, “Fixes #12”)."""
_FIX = re.compile(
    r"\b(?:bug ?fix\w*|fix|fixe[sd]|fixing|bugs?|resolve[sd]?|regressions?|crash\w*|panics?|broken|wrong|wrongly|incorrect\w*"
    r"|mend\w*|repair\w*|segfault\w*|deadlock\w*|leak\w*)\b",
    re.IGNORECASE,
)
_SQUASHED = re.compile(r"\s*\((?:#|!|GH-)\d+\)\s*$")
"""The number of a pull request, which any change has."""
_ISSUE = re.compile(r"(?<![\w/])(?:#|GH-|gh-)\d+\b|\bhttps?://\S+/(?:issues|bugs?|browse)/\S+|\b[A-Z][A-Z]{1,9}-\d+\b")
_REVERT = re.compile(r"^\s*(?:\W*revert|reapply|back ?out)\b|\bThis reverts commit\b", re.IGNORECASE)
_KIND = re.compile(r"^\s*(?P<kind>[A-Za-z]+)(?:\([^)]*\))?!?:\s+(?=\S)")
_NO_FIX_KINDS = frozenset(
    (
        "build",
        "chore",
        "ci",
        "deps",
        "doc",
        "docs",
        "feat",
        "feature",
        "perf",
        "refactor",
        "release",
        "style",
        "test",
        "tests",
        "wip",
    )
)
_NO_BEHAVIOR = re.compile(
    r"\b(?:typos?|misspell\w*|spelling|grammar|white ?space|indentation|re-?format\w*|formatting|code style|lint\w*|eslint"
    r"|rubocop|clippy|rustfmt|gofmt|golint|checkstyle|flake8|pylint|mypy|isort|prettier|changelog|readme|docstrings?|javadoc"
    r"|jsdoc|godoc|rustdoc|docs?|documentation|comments?|copyright|licen[cs]e|bump\w*|dependabot|renovate|dependenc(?:y|ies)"
    r"|(?:version|release) v?\d[\w.]*|prepare release|travis|appveyor|github actions?|ci"
    r"|(?:failing|flaky|broken) (?:unit )?tests?|tests? (?:fail\w*|fix\w*)|fix(?:e[sd])? (?:the |some )?tests?)\b",
    re.IGNORECASE,
)
_VERSION_ONLY = re.compile(r"^\s*(?:release\s+)?v?\d+(?:\.\d+)+\S*\s*$", re.IGNORECASE)
_TRAILER = re.compile(
    r"^\s*(?:[A-Z][A-Za-z]+(?:-[A-Za-z]+)+|Cc|CC|PR|Issue|Issues|Bug|Ref|Refs|See|Closes|Fixes|Resolves|Test|Change-Id|git-svn-id"
    r"|PiperOrigin-RevId|Reviewers?|Reviewed By|Differential Revision)\s*:\s.*$|^\(cherry picked from .*$|^---+$"
)
_PREFIX = re.compile(r"^\s*(?:\[[^\]\n]{1,40}\]\s*)*(?:[\w./*{},-]+(?:\([^)]*\))?!?:\s+)?(?=\S)")
_SCOPE = re.compile(r"^(?P<mark>\s*(?:[*-]\s+)?)[\w./-]+\([^)]*\)!?:\s+(?=\S)")
_ONLY_REFERENCE = re.compile(
    r"^\W*(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?|see(?: also)?|refs?|related(?: to)?|issues?)\W*$", re.IGNORECASE
)
_ADDRESS = re.compile(r"\bhttps?://\S+")
_NUMBERS = re.compile(r"\(?(?<![\w/])(?:[\w.-]+/[\w.-]+)?(?:#|GH-|gh-|PR ?#?)\d+\)?|\b[A-Z][A-Z]{1,9}-\d+\b:?")
_SHA = re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b")
_PATH = re.compile(r"`?(?<![\w./-])(?:[\w.@+-]+/)+[\w.@+-]*\w`?|`?(?<![\w./-])[\w-]+\.[A-Za-z]{1,5}(?::\d+)?\b`?")


def reason_to_leave_out(message: str) -> str:
    """Why a message is not about a mended fault, in words for people; empty if it is."""
    summary = message.strip().partition("\n")[0]
    kind = _KIND.match(summary)
    if _REVERT.search(message):
        return "a revert"
    if (kind and kind["kind"].lower() in _NO_FIX_KINDS) or _NO_BEHAVIOR.search(summary) or _VERSION_ONLY.match(summary):
        return "formatting, documentation, tests, versions or a new feature by its summary"
    if not _FIX.search(message) and not _ISSUE.search(_SQUASHED.sub("", summary) + message.partition("\n")[2]):
        return "no issue reference and no word such as fix"
    return ""


def report_of(message: str, changed_paths: Iterable[str]) -> tuple[str, str]:
    """Title and text of the report that the message stands for."""
    paths = list(changed_paths)
    summary, _, body = message.strip().partition("\n")
    lines = [_SCOPE.sub(r"\g<mark>", line) for line in body.split("\n") if not _TRAILER.match(line)]
    title = _cleaned(_PREFIX.sub("", _SQUASHED.sub("", summary), count=1), paths)
    cleaned = [_cleaned(line, paths) for line in lines]
    text = "\n".join(line for line in cleaned if not _ONLY_REFERENCE.match(line)).strip()
    return title.strip(" .,:;-–"), re.sub(r"\n{3,}", "\n\n", text)


def says_enough(title: str, text: str) -> bool:
    """Whether there are words left to search by."""
    return len(re.findall(r"[^\W\d_]{2,}", f"{title}\n{text}")) >= MIN_WORDS


def names_any(title: str, text: str, paths: Iterable[str], functions: Iterable[str]) -> bool:
    """Whether the report still spells out the name of a changed file or function, as people who know the code do."""
    stems = {PurePosixPath(path).name.split(".", 1)[0] for path in paths}
    stems |= {
        PurePosixPath(path).parent.name for path in paths if PurePosixPath(path).stem in ("index", "mod", "__init__", "lib")
    }
    wanted = {name.lower() for name in (*stems, *(re.split(r"[.:]", function)[-1] for function in functions)) if len(name) > 3}
    return not wanted.isdisjoint(word.lower() for word in re.findall(r"\w+", f"{title}\n{text}"))


def _cleaned(line: str, paths: Sequence[str]) -> str:
    for pattern in (_ADDRESS, _NUMBERS, _SHA):
        line = pattern.sub("", line)
    line = _PATH.sub(lambda match: "" if _is_place(match[0].strip("`").partition(":")[0], paths) else match[0], line)
    return re.sub(r"[ \t]{2,}", " ", line).rstrip()


def _is_place(word: str, paths: Sequence[str]) -> bool:
    """A path of code, or a part of a changed path: `src/price.py`, `price.py`, `shop/price`; not `text/html` or `Order.total`."""
    if "/" in word and is_code(word):
        return True
    inside = [f"/{path}/" for path in paths] + [f"/{path.rpartition('.')[0]}/" for path in paths]
    return any(f"/{word.strip('/')}/" in path for path in inside) and ("/" in word or "." in word)
