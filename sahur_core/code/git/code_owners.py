"""CODEOWNERS by GitHub's rules: one file, the first of three places; of its lines the last that fits a path decides.

Patterns are those of gitignore, but for what GitHub leaves out (`!`, `[ ]`, and `#` behind a backslash), and for `folder/*`,
which means the files right in the folder. A line that GitHub could not read is skipped, as it does.
https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import regex
from pathspec.patterns.gitignore import GitIgnorePatternError
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from sahur_core.code.git.records import Rule

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
MATCH_SECONDS = 0.1
"""A line that takes longer to compare with a path is taken not to fit."""
MAX_BYTES = 3 * 1024 * 1024
"""GitHub does not load a larger file."""
_LINE = re.compile(r"^\s*((?:\\.|[^\s\\])+)(.*)$")
_OWNER = re.compile(r"^(@[\w.-]+(/[\w.-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+)$")


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    owners: list[str]
    pattern: regex.Pattern[str]
    only_files_in: bool
    """`folder/*`: nothing deeper."""

    def fits(self, path: str) -> bool:
        try:
            if not self.pattern.match(path, timeout=MATCH_SECONDS, concurrent=True):
                return False
        except TimeoutError:
            return False
        return not self.only_files_in or path.count("/") == self.text.strip("/").count("/")


class CodeOwners:
    """A CODEOWNERS file that was read."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._lines = [line for number, row in enumerate(text.splitlines(), 1) if (line := _parse(number, row))]

    def rule_for(self, path: str) -> Rule | None:
        """The rule for a file; None where no line fits."""
        line = next((line for line in reversed(self._lines) if line.fits(path)), None)
        return Rule(file=self.file, line=line.number, pattern=line.text, owners=line.owners) if line else None


def _parse(number: int, row: str) -> _Line | None:
    match = _LINE.match(row.split(" #", 1)[0].split("\t#", 1)[0])
    if match is None or match[1].startswith(("#", "!", "\\#", "[")) or "[" in match[1]:
        return None
    owners = match[2].split()
    if not all(_OWNER.match(owner) for owner in owners):
        return None
    try:
        expression, _ = GitIgnoreSpecPattern.pattern_to_regex(match[1])
    except GitIgnorePatternError:
        return None
    if expression is None:
        return None
    # By `regex`, which can be stopped: a few stars in a row make the standard library's engine try for hours.
    compiled = regex.compile(expression)
    is_shallow = match[1].endswith("/*") and "*" not in match[1][:-2]
    return _Line(number, match[1], owners, compiled, is_shallow)
