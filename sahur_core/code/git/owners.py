"""Who answers for a file, some of its lines, or a folder: by CODEOWNERS, and by who wrote and changed it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sahur_core.code.git.code_owners import MAX_BYTES, PLACES, CodeOwners
from sahur_core.code.git.contents import decode
from sahur_core.code.git.files import entry_at, missing, read_text_blob
from sahur_core.code.git.output import moment
from sahur_core.code.git.paths import FOLDER, git_path
from sahur_core.code.git.records import Ownership, Person, Rule
from sahur_core.code.git.repository import Repository
from sahur_core.errors import InputError, RepositoryTimeout

MAX_COMMITS = 2000
MAX_FILES = 20_000
MAX_BLAMED_LINES = 20_000
MAX_RULES = 20
BLAME_SECONDS = 15.0
MAX_BLAME_BYTES = 64 * 1024 * 1024
_BOT = re.compile(
    r"\[bot\]|(^|[-_ ])bot$|^(dependabot|renovate|greenkeeper|mergify|imgbot|pre-?commit-?ci|github-actions?|gitlab-ci"
    r"|allcontributors|codecov|snyk|pyup|weblate|transifex|web-flow|jenkins|travis(-ci)?|circleci)\b",
    re.I,
)
_HEADER = re.compile(rb"^([0-9a-f]{40,64}) \d+ \d+")


@dataclass
class _Record:
    """What is known of one person, by name."""

    email: str = ""
    lines: int = 0
    commits: set[str] = field(default_factory=set)
    last: tuple[datetime, str] = (datetime.fromtimestamp(0, tz=UTC), "")

    def take(self, sha: str, at: datetime, email: str) -> None:
        self.commits.add(sha)
        if (at, sha) >= self.last:
            self.last, self.email = (at, sha), email


class _People:
    def __init__(self) -> None:
        self.by_name: dict[str, _Record] = {}
        self.bots: Counter[str] = Counter()

    def record(self, name: str, email: str) -> _Record | None:
        """None for a program."""
        if _BOT.search(name) or "[bot]@" in email:
            self.bots[name] += 1
            return None
        return self.by_name.setdefault(name, _Record())

    def ranked(self) -> list[Person]:
        found = [
            Person(name=name, email=r.email, lines=r.lines, commits=len(r.commits), last_commit=r.last[1], last_at=r.last[0])
            for name, r in self.by_name.items()
        ]
        return sorted(found, key=lambda person: (-person.lines, -person.commits, -person.last_at.timestamp()))


def owners_of(repository: Repository, commit: str, path: str = "", start: int = 0, end: int = 0) -> Ownership:
    """Owners and authors of a path at a commit; with `start` and `end` of these lines of a file alone.

    Commits are those that changed the path (at most the last 2000), or that the lines are from. Raises as reads do.
    """
    sha = repository.resolve(commit)
    entry = entry_at(repository.git, sha, path) if path.strip() else None
    if path.strip() and entry is None:
        raise missing(repository.git, sha, path)
    is_folder = entry is None or entry.mode == FOLDER
    if start and is_folder:
        raise InputError("Only a file has lines.", next_step="Name a file, or leave out start and end.", field="start")
    people = _People()
    is_capped = False
    if entry is not None and entry.is_file:
        _blame(repository, sha, path, start, end, people)
    if not start:
        is_capped = _count_commits(repository, sha, path, people, is_folder=is_folder)
    ranked = people.ranked()
    newest = max(ranked, key=lambda person: person.last_at, default=None)
    rules, file, is_cut = _rules(repository, sha, path, is_folder=is_folder)
    return Ownership(
        rules=rules,
        owners_file=file,
        people=ranked,
        last=next(iter(repository.commits([newest.last_commit])), None) if newest else None,
        left_out_bots=sorted(people.bots),
        is_capped=is_capped or is_cut,
    )


def _blame(repository: Repository, sha: str, path: str, start: int, end: int, people: _People) -> None:
    """Counts the lines; those of a binary file are none."""
    try:
        total = repository.read(sha, path, 1, 1).total_lines
    except InputError:
        return  # a pointer or a binary file has commits, but no lines to count
    first, last = start or 1, min(end or total, total, (start or 1) + MAX_BLAMED_LINES - 1)
    if last < first:
        if start:
            raise InputError(f"{path} has {total} lines; none of them is in this range.", field="start")
        return
    try:
        found = repository.git.run(
            *("blame", "-w", "--porcelain", f"-L{first},{last}", sha, "--", git_path(path)),
            timeout=BLAME_SECONDS,
            max_bytes=MAX_BLAME_BYTES,
        )
    except RepositoryTimeout as error:
        raise InputError("Its history is too long for blame.", next_step="Name a range of lines.", field="path") from error
    _count_lines(found.stdout.split(b"\n"), people)


def _count_lines(rows: Sequence[bytes], people: _People) -> None:
    """The form `--porcelain`: a commit is described where it is named first."""
    described: dict[str, dict[str, str]] = {}
    sha = ""
    for row in rows:
        if row.startswith(b"\t"):
            known = described[sha]
            record = people.record(known["author"], known["author-mail"])
            if record is not None:
                record.lines += 1
                record.take(sha, moment(known["author-time"]), known["author-mail"].strip("<>"))
        elif (match := _HEADER.match(row)) is not None:
            sha = match[1].decode()
            described.setdefault(sha, {"author": "", "author-mail": "", "author-time": "0"})
        else:
            key, _, value = row.decode("utf-8", "replace").partition(" ")
            if key in described.get(sha, {}):
                described[sha][key] = value


def _count_commits(repository: Repository, sha: str, path: str, people: _People, *, is_folder: bool) -> bool:
    """Whether there are more than are counted."""
    spec = git_path(path, may_be_empty=True)
    options = ["--no-merges", f"--max-count={MAX_COMMITS}", "--format=%H%x00%aN%x00%aE%x00%at"]
    options += [] if is_folder else ["--follow"]
    try:
        found = repository.git.run("log", *options, sha, "--", *([spec] if spec else []), max_bytes=MAX_BLAME_BYTES)
    except RepositoryTimeout as error:
        raise InputError("Its history is too long.", next_step="Name a smaller folder or a file.", field="path") from error
    rows = [row for row in found.text.split("\n") if row]
    for row in rows:
        commit, name, email, at = row.split("\0")
        record = people.record(name, email)
        if record is not None:
            record.take(commit, moment(at), email)
    return len(rows) >= MAX_COMMITS


def _rules(repository: Repository, sha: str, path: str, *, is_folder: bool) -> tuple[list[Rule], str, bool]:
    owners = _code_owners(repository, sha)
    if owners is None:
        return [], "", False
    if not is_folder:
        rule = owners.rule_for(git_path(path))
        return ([rule] if rule else []), owners.file, False
    files = repository.list_files(sha, path=path)
    counts: Counter[int] = Counter()
    rules: dict[int, Rule] = {}
    for file in files[:MAX_FILES]:
        rule = owners.rule_for(file)
        if rule is not None:
            counts[rule.line] += 1
            rules[rule.line] = rule
    listed = [rules[line].model_copy(update={"files": count}) for line, count in counts.most_common(MAX_RULES)]
    return listed, owners.file, len(files) > MAX_FILES or len(counts) > MAX_RULES


def _code_owners(repository: Repository, sha: str) -> CodeOwners | None:
    for place in PLACES:
        entry = entry_at(repository.git, sha, place)
        if entry is not None and entry.is_file and entry.size <= MAX_BYTES:
            return CodeOwners(place, decode(read_text_blob(repository.git, sha, place)[1].stdout).text)
    return None
