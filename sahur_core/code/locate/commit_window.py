"""The range of commits that a report points to: by versions, by dates, by a commit or pull request that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sahur_core.code.git.repository import Repository
from sahur_core.code.records import Commit
from sahur_core.code.traces.mentions import Window
from sahur_core.errors import GitFailed, NotFound, RepositoryError, RevisionMissing

MAX_RANGE = 20_000
"""Commits of a range of versions that are looked at."""
MAX_QUOTE_CHARS = 160
SLACK = timedelta(hours=12)
"""How exactly a day is told, in whatever time zone."""
_SHA = re.compile(r"(?<![\w./-])(?=[0-9a-f]*\d)(?=[0-9]*[a-f])[0-9a-f]{7,40}(?![\w/-])")
_PULL = re.compile(
    r"(?:\bpull(?: request)?s?[ /]#?|\bPRs?[ /]?#?|\bMR !|/(?:pull|merge_requests)/|\bmerge request !?)(\d{1,7})\b", re.IGNORECASE
)
_ACCUSED = re.compile(
    r"\b(?:since|after|introduced|caused|broke\w*|regress\w*|bisect\w*|culprit|bad commit|blame\w*|due to|because of|merg\w+"
    r"|landed)\b",
    re.IGNORECASE,
)
_VERSION = re.compile(r"(\d+(?:[._]\d+)*)(?:[-_.]?(?:final|ga|release))?$", re.IGNORECASE)
_PRERELEASE = re.compile(r"\d(?:[-_.]?(?:rc|alpha|beta|a|b|dev|pre|post|m)[-_.]?\d*)$", re.IGNORECASE)
_RELEASE_FILES = re.compile(
    r"^(?:CHANGE(?:S|LOG)|HISTORY|NEWS|RELEASES?|VERSION|pyproject\.toml|setup\.(?:py|cfg)|package\.json|Cargo\.toml|pom\.xml"
    r"|build\.gradle|composer\.json|gradle\.properties)(?:\.\w{1,4})?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CommitWindow:
    """Where the cause must lie if the report is right; empty if it tells nothing about when."""

    said: str = ""
    """The words of the report."""
    named: Mapping[str, str] = field(default_factory=dict)
    """Commits that the report names: full sha (of all that a pull request brought) to what it says."""
    between: frozenset[str] | None = None
    """Full shas of what lies between two versions; None if no two versions were found."""
    versions: str = ""
    """`4.1 … 4.2`, as the report calls them."""
    after: datetime | None = None
    before: datetime | None = None
    notes: Sequence[str] = ()
    """What the report tells and the repository does not know."""

    @property
    def is_told(self) -> bool:
        """Whether any commit can be said to lie outside."""
        return self.between is not None or self.after is not None or self.before is not None

    def covers(self, commit: Commit) -> bool:
        """Whether the commit lies in the range. False for every commit if the report tells no range."""
        if not self.is_told or (self.between is not None and commit.sha not in self.between):
            return False
        is_late = self.before is not None and commit.committed_at > self.before + SLACK
        is_early = self.after is not None and commit.committed_at < self.after - SLACK
        return not is_late and not is_early

    def is_over(self, commit: Commit) -> bool:
        """Whether the commit came after the trouble began, which the report tells by a day."""
        return self.between is None and self.before is not None and commit.committed_at > self.before + SLACK

    @property
    def as_told(self) -> str:
        """`4.1 … 4.2 (“worked in 4.1, broken since 4.2”)`, or the words about days alone."""
        return f"{self.versions} ({self.quote})" if self.versions else self.quote

    @property
    def in_words(self) -> str:
        """Of a commit within: why it is."""
        return f"lies within the told window: {self.as_told}"

    def out_in_words(self, commit: Commit) -> str:
        """Of a commit outside: that it is."""
        when = ", made after it began" if self.is_over(commit) else ""
        return f"although it lies outside of the told window{when}: {self.as_told}"

    @property
    def quote(self) -> str:
        """The words of the report, in quotes and cut."""
        return f"“{self.said[:MAX_QUOTE_CHARS]}…”" if len(self.said) > MAX_QUOTE_CHARS else f"“{self.said}”"


def find_commits(repository: Repository, commit: str, text: str, window: Window | None, recent: Sequence[Commit]) -> CommitWindow:
    """Look up in the history of `commit` what a report tells about when. Never raises for what is not there: it is noted."""
    named = _named(repository, commit, text, recent)
    if window is None:
        return CommitWindow(named=named)
    notes: list[str] = []
    between, versions = None, ""
    if window.good_version or window.bad_version:
        between, versions, missing = _between(repository, commit, window.good_version, window.bad_version)
        notes += [
            f"The report speaks of version {version}, which no tag, release commit or changelog of this repository names."
            for version in missing
        ]
    has_versions = between is not None
    return CommitWindow(
        said=window.said,
        named=named,
        between=between,
        versions=versions,
        # Versions say it exactly; the day on which somebody met them does not.
        after=None if has_versions else _aware(window.after),
        before=None if has_versions else _aware(window.before),
        notes=notes,
    )


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


# ---- versions


def _between(
    repository: Repository, commit: str, good: str | None, bad: str | None
) -> tuple[frozenset[str] | None, str, list[str]]:
    """What came after the good version and not after the bad one, in words too, and the versions that were not found."""
    tags = repository.tags()
    found = {version: find_version(repository, commit, version, tags) for version in (good, bad) if version}
    missing = [version for version, place in found.items() if place is None]
    low, high = found.get(good or ""), found.get(bad or "")
    if low is None and high is not None:
        low = _release_before(tags, high[0])
    if low is None:
        return None, "", missing
    until = high[1] if high else commit
    shas = frozenset(_range(repository, low[1], until, commit))
    if not shas:
        return None, "", missing
    first = good if good and found.get(good) else f"after {low[0]}"
    return shas, f"{first} … {bad if high else ''}".strip(), missing


def _range(repository: Repository, low: str, high: str, commit: str) -> list[str]:
    """Commits of `high` without those of `low`, as far as they are in the history of `commit`.

    A release is often cut on a branch of its own: then its part of the common history counts.
    """
    known = repository.shas_between(low, commit, limit=MAX_RANGE)
    if high == commit:
        return known
    later = set(repository.shas_between(high, commit, limit=MAX_RANGE))
    return [sha for sha in known if sha not in later]


def find_version(repository: Repository, commit: str, version: str, tags: Mapping[str, str]) -> tuple[str, str] | None:
    """The name and sha of what carries a version: a tag, a commit that says that it releases it, or a changelog's line."""
    wanted = version_of(version)
    exact = {name: sha for name, sha in tags.items() if version_of(name) == wanted}
    if exact:
        name = min(exact, key=lambda tag: (len(tag), tag))
        return name, exact[name]
    of_series = {name: sha for name, sha in tags.items() if version_of(name)[: len(wanted)] == wanted} if wanted else {}
    if of_series:
        name = min(of_series, key=lambda tag: (version_of(tag), len(tag), tag))
        return name, of_series[name]
    return _release_commit(repository, commit, version) if wanted else None


def version_of(name: str) -> tuple[int, ...]:
    """`4.2` of `v4.2.0`, `release-4.2`, `package@4.2`, `REL_4_2`; trailing zeros say nothing. Empty for other names."""
    name = name.strip().removesuffix(".x").rsplit("@", 1)[-1]
    if _PRERELEASE.search(name):
        return ()
    match = _VERSION.search(name)
    if match is None or (match.start() and name[match.start() - 1] == "."):
        return ()
    numbers = [int(part) for part in re.split(r"[._]", match[1]) if len(part) < 10]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _release_before(tags: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """The highest version below that of a tag, among the tags of the same form (`package@…`, `v…`)."""
    if name not in tags:
        return None
    form, version = _VERSION.sub("", name), version_of(name)
    lower = [tag for tag in tags if _VERSION.sub("", tag) == form and () < version_of(tag) < version]
    best = max(lower, key=lambda tag: (version_of(tag), tag), default=None)
    return (best, tags[best]) if best else None


def _release_commit(repository: Repository, commit: str, version: str) -> tuple[str, str] | None:
    """The commit whose summary releases a version, or else the first one that wrote it into a changelog or manifest."""
    number = re.escape(version.removesuffix(".x"))
    said = re.compile(
        rf"(?:\b(?:releas\w*|version|bump\w*|prepar\w*|tag\w*)\b\D{{0,40}}|^v?|^[\w.-]+ v?(?={number}[.0]*$))"
        rf"(?<![\d.]){number}(?:\.0)*(?!\d|\.\d)",
        re.IGNORECASE,
    )
    for entry in repository.log(commit, grep=version.removesuffix(".x"), limit=100):
        if said.search(entry.summary):
            return f"{entry.sha[:10]} “{entry.summary}”", entry.sha
    names = [entry.path for entry in repository.entries(commit) if "/" not in entry.path and _RELEASE_FILES.match(entry.path)]
    heading = re.compile(
        rf"^\W*(?:version|release|v)?\W{{0,6}}{number}(?:\.0)*(?![\d]|\.\d)|version\W{{1,6}}{number}(?:\.0)*(?![\d]|\.\d)",
        re.IGNORECASE,
    )
    first: tuple[str, str] | None = None
    for entry, patch in repository.log_patches(commit, names, limit=500) if names else ():
        if any(line.startswith("+") and heading.search(line[1:]) for line in patch.split("\n")):
            first = f"{entry.sha[:10]}, which first names {version}", entry.sha
    return first


# ---- commits and pull requests by name


def _named(repository: Repository, commit: str, text: str, recent: Sequence[Commit]) -> dict[str, str]:
    """Commits that the report names where it speaks of a cause."""
    named: dict[str, str] = {}
    for match in _SHA.finditer(text):
        if _is_accused(text, match.start(), match.end()):
            for sha in _resolved(repository, match[0]):
                named.setdefault(sha, f"the report names it ({match[0][:12]})")
    for match in _PULL.finditer(text):
        for sha in _of_pull_request(repository, commit, match[1], recent):
            named.setdefault(sha, f"belongs to pull request {match[1]}, which the report names")
    return named


def _is_accused(text: str, start: int, end: int) -> bool:
    """Whether the words around speak of a cause, not of the version that runs."""
    return bool(_ACCUSED.search(text[max(0, start - 80) : end + 40]))


def _resolved(repository: Repository, sha: str) -> list[str]:
    try:
        full = repository.resolve(sha)
        parents = repository.parents(full)
        return [full] if len(parents) < 2 else repository.shas_between(parents[0], full, limit=200)
    except (RevisionMissing, NotFound, RepositoryError, GitFailed):
        return []


def _of_pull_request(repository: Repository, commit: str, number: str, recent: Sequence[Commit]) -> Iterable[str]:
    """Squashed (`… (#12)`) or merged (`Merge pull request #12 from …`); of a merge all that it brought."""
    squashed = [commit.sha for commit in recent if re.search(rf"\(#{number}\)$|\(!{number}\)$", commit.summary)]
    return squashed or [sha for merge in repository.merges_of(commit, number) for sha in _resolved(repository, merge)]
