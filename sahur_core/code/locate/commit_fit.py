"""How well commits fit the words of a report: by their messages, by their changed lines, and what undid them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sahur_core.code.index.ranking import words
from sahur_core.code.languages.roles import role_of
from sahur_core.code.locate.clues import Clues
from sahur_core.code.locate.commit_changes import FileHunks
from sahur_core.code.locate.commit_history import History
from sahur_core.code.records import Commit

MAX_QUERY_CHARS = 20_000
MAX_QUERY_WORDS = 150
MAX_MESSAGE_CHARS = 2000
MAX_DIFF_CHARS = 30_000
COVERED_WORDS = 6
"""A document that has this many of the report's rarest words fits it as well as can be."""
_REVERTS = re.compile(r"\bThis reverts commit ([0-9a-f]{7,40})|\brevert\w*:? (?:commit )?([0-9a-f]{10,40})\b", re.IGNORECASE)
_REVERT_SUMMARY = re.compile(r'^revert:? "(?P<summary>.+)"', re.IGNORECASE)
_MANIFESTS = re.compile(
    r"(^|/)(requirements[\w.\-/]*\.(txt|in)|pyproject\.toml|setup\.(cfg|py)|poetry\.lock|uv\.lock|Pipfile(\.lock)?|package(-lock)?\.json"
    r"|yarn\.lock|pnpm-lock\.yaml|go\.(mod|sum)|Cargo\.(toml|lock)|Gemfile(\.lock)?|composer\.(json|lock)|pom\.xml"
    r"|build\.gradle(\.kts)?|gradle\.properties|libs\.versions\.toml|[\w.\-]+\.csproj|packages\.lock\.json|Package\.(swift|resolved))$"
)
_SETTINGS = re.compile(
    r"(^|/)((docker-?)?compose[\w.\-]*\.ya?ml|[\w.\-]*Dockerfile[\w.\-]*|Procfile|[\w.\-]*(settings?|config|values|deployment)[\w.\-]*"
    r"\.(py|ya?ml|toml|ini|json|cfg|conf|properties|env)|\.env[\w.\-]*|[\w.\-]+\.(ini|cfg|conf|properties|tf))$",
    re.IGNORECASE,
)
_DEVELOPERS_OWN = re.compile(
    r"^(\.github|\.circleci|\.gitlab|\.vscode)/|(^|/)(\.pre-commit-config\.ya?ml|\.?readthedocs\.ya?ml|\.?codecov\.ya?ml"
    r"|(tox|pytest|mypy|\.flake8|\.pylintrc)(\.ini)?|\.golangci\.ya?ml|\.eslintrc[\w.]*|(eslint|jest|vitest|prettier)\.config\.\w+)$"
)
"""Settings of checks and of the workshop, which no running program reads."""


@dataclass(frozen=True)
class Fit:
    """How one document fits the report. `share` is 1 for the best of all documents, `covered` is 1 if nothing is missing."""

    share: float
    covered: float
    common: int
    """How many different words both have."""

    @property
    def strength(self) -> float:
        """Both together: the best of a bad lot is no good fit."""
        return math.sqrt(self.share * self.covered)


NO_FIT = Fit(0.0, 0.0, 0)


def word_fits(documents: Mapping[str, str], query: str) -> dict[str, Fit]:
    """BM25 of a few documents; words that most of them have count little. Documents without a common word are left out."""
    asked = [word for word, _ in Counter(words(query[:MAX_QUERY_CHARS])).most_common(MAX_QUERY_WORDS)]
    counted = {key: Counter(words(text)) for key, text in documents.items()}
    frequency = Counter(word for document in counted.values() for word in document)
    rarity = {word: math.log(1 + (len(counted) - frequency[word] + 0.5) / (frequency[word] + 0.5)) for word in asked}
    mean = sum(document.total() for document in counted.values()) / max(len(counted), 1) or 1.0
    enough = sum(sorted((rarity[word] for word in asked if frequency[word]), reverse=True)[:COVERED_WORDS]) or 1.0
    scores: dict[str, tuple[float, float, int]] = {}
    for key, document in counted.items():
        common = [word for word in asked if word in document]
        damping = 1.2 * (0.4 + 0.6 * document.total() / mean)
        score = sum(rarity[word] * 2.2 * document[word] / (document[word] + damping) for word in common)
        if score > 0:
            scores[key] = score, min(sum(rarity[word] for word in common) / enough, 1.0), len(common)
    best = max((score for score, _, _ in scores.values()), default=1.0)
    return {key: Fit(score / best, covered, common) for key, (score, covered, common) in scores.items()}


def message_of(commit: Commit) -> str:
    return f"{commit.summary}\n{commit.body}"[:MAX_MESSAGE_CHARS]


def message_fits(commits: Iterable[Commit], clues: Clues) -> dict[str, Fit]:
    """By sha; one common word alone is no fit."""
    found = word_fits({commit.sha: message_of(commit) for commit in commits}, clues.query)
    return {sha: fit for sha, fit in found.items() if fit.common >= 2}


def similar_commits(history: History, clues: Clues) -> dict[str, float]:
    """Past commits whose message speaks of the same things as the report: sha to similarity, 1 for the best."""
    fits = message_fits(history.recent, clues)
    best = max((fit.share for fit in fits.values()), default=1.0)
    return {sha: fit.share / best for sha, fit in fits.items()}


def diff_fits(diffs: Mapping[str, Mapping[str, FileHunks]], clues: Clues) -> dict[str, Fit]:
    """How the changed lines of each commit fit the report, by sha. Lines that were only moved within the commit say nothing."""
    return word_fits({sha: diff_text(files)[:MAX_DIFF_CHARS] for sha, files in diffs.items()}, clues.query)


def diff_text(files: Mapping[str, FileHunks]) -> str:
    """The changed lines of source, configuration and the like; those of tests and documents only if there are no others."""
    of_source = [file for path, file in files.items() if role_of(path) in ("source", "data")]
    lines = [line for file in of_source or files.values() for hunk in file.hunks for line in [*hunk.removed, *hunk.added]]
    counted = Counter(line.strip() for line in lines)
    return "\n".join(line for line in lines if counted[line.strip()] == 1 or len(lines) < 4)


def names_in(files: Mapping[str, FileHunks], names: Iterable[str]) -> list[str]:
    """Which of the names that the report tells stand in changed lines, as whole words."""
    text = diff_text(files)
    return [name for name in dict.fromkeys(names) if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)]


def reverted_commits(commits: Sequence[Commit]) -> dict[str, Commit]:
    """What has been undone and not been done again since: sha to the commit that undid it. `commits`: newest first."""
    by_summary = {commit.summary: commit.sha for commit in reversed(commits)}
    undone: dict[str, Commit] = {}
    for commit in reversed(commits):
        for sha in _reverted_by(commit, by_summary):
            full = next((other.sha for other in commits if other.sha.startswith(sha)), sha)
            restored = [known for known, by in undone.items() if by.sha == full]
            for known in restored:
                del undone[known]
            undone[full] = commit
    return undone


def _reverted_by(commit: Commit, by_summary: Mapping[str, str]) -> list[str]:
    named = [first or second for first, second in _REVERTS.findall(commit.body)]
    summary = _REVERT_SUMMARY.match(commit.summary)
    if named or summary is None or summary["summary"] not in by_summary:
        return named
    return [by_summary[summary["summary"]]]


def is_manifest(path: str) -> bool:
    """Whether the file says which other software is used, and in which versions."""
    return bool(_MANIFESTS.search(path))


def is_settings(path: str) -> bool:
    """Whether the file says how the program is set up or deployed."""
    return bool(_SETTINGS.search(path)) and not _DEVELOPERS_OWN.search(path)
