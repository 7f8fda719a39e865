"""What a branch, tag, short sha or date means, and what to do about one that means nothing."""

from __future__ import annotations

import re
from difflib import get_close_matches

from sahur_core.code.git.command import Git
from sahur_core.errors import InputError, RepositoryEmpty, RevisionMissing

MAX_SUGGESTED = 5
MAX_NAMES_BYTES = 4 * 1024 * 1024
FULL_SHA = re.compile(r"^([0-9a-f]{40}|[0-9a-f]{64})$")
_REVISION = re.compile(r"^[A-Za-z0-9_.][\w./@+#-]*([~^]\d*)*$")
_PARENTS = re.compile(r"([~^]\d*)+$")
_SHORT_SHA = re.compile(r"^[0-9a-fA-F]{4,64}$")
_DATE = re.compile(
    r"^(\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?( ?(Z|[+-]\d\d:?\d\d))?)?"
    r"|(\d{1,4}|an?|one) (second|minute|hour|day|week|month|year)s? ago|yesterday|today)$",
    re.I,
)
_DAY = re.compile(r"^\d{4}-\d\d-\d\d$")


def check_revision(revision: str) -> str:
    """A branch, tag or commit by its form; empty for the default branch. Raises `InputError`."""
    name = revision.strip()
    if name and (not _REVISION.match(name) or len(name) > 200 or ".." in name or "@{" in name):
        raise InputError(f"{name!r} is not a revision.", next_step="Give a branch, a tag or a commit.", field="revision")
    return name


def is_date(text: str) -> bool:
    """Whether it is a date in a form that git reads as it is meant; of other words git would make the present time."""
    return bool(_DATE.match(text.strip()))


def git_date(text: str, field: str) -> str:
    """A date as git takes it. Raises `InputError`."""
    if not is_date(text):
        raise InputError(f"{text[:100]!r} is not a date.", next_step="Use 2026-01-31 or 2 weeks ago.", field=field)
    text = text.strip()
    return f"{text}T00:00:00" if _DAY.match(text) else text  # git would take the present time of that day


def resolve(git: Git, revision: str) -> str:
    """The full sha of a branch, tag or (short) sha; empty: the default branch.

    Of a branch and a tag of the same name the branch is meant; `tags/NAME` is the tag. Raises `RevisionMissing` with the
    nearest names, `InputError`, or `RepositoryEmpty` where there is no commit at all.
    """
    name = check_revision(revision) or "HEAD"
    suffix = _PARENTS.search(name)
    base = name[: suffix.start()] if suffix else name
    is_certain = name == "HEAD" or FULL_SHA.match(base) or base.startswith(("heads/", "tags/", "refs/"))
    for prefix in ("",) if is_certain else ("refs/heads/", ""):
        sha = _commit(git, prefix + name)
        if sha:
            return sha
    if base == "HEAD":
        raise RepositoryEmpty("The repository has no commit.", next_step="Push a commit, then file the report again.")
    raise _missing(git, name, base)


def resolve_point(git: Git, point: str, history: str) -> str:
    """The full sha of a revision, or the last commit of `history` (a full sha) before a date.

    Raises as `resolve`, and `RevisionMissing` where no commit is so old.
    """
    if not is_date(point):
        return resolve(git, point)
    if _REVISION.match(point) and (sha := _commit(git, point)):
        return sha  # a tag that is called like a day
    before = f"--before={git_date(point, 'base')}"
    sha = git.run("rev-list", "--max-count=1", "--first-parent", before, history, "--").text.strip()
    if not sha:
        raise RevisionMissing(f"There is no commit before {point}.", next_step="Take a later date, or a tag or commit.")
    return sha


def _commit(git: Git, name: str) -> str:
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    found = git.run(*asked, ok_codes=(0, 1, 128))
    return found.text.strip() if found.returncode == 0 else ""


def _missing(git: Git, name: str, base: str) -> InputError | RevisionMissing:
    if name != base and (sha := _commit(git, base)):
        return RevisionMissing(
            f"{base} is the commit {sha[:12]}, and its history has no {name}.", next_step="See its log for what is before it."
        )
    if _SHORT_SHA.match(base):
        meant = git.run("rev-parse", f"--disambiguate={base}", max_bytes=64 * 1024).text.split()
        commits = [sha for sha in meant[:50] if git.run("cat-file", "-t", sha, ok_codes=(0, 128)).text.strip() == "commit"]
        if len(commits) > 1:
            shown = ", ".join(sha[: len(base) + 6] for sha in commits[:MAX_SUGGESTED])
            return InputError(f"{base} is the beginning of several commits.", next_step=f"Give one of: {shown}.", field="commit")
        if meant and not commits:
            return InputError(f"{base} is no commit but a file or folder.", next_step="Give the commit it is in.", field="commit")
    branches, tags = names(git, "refs/heads"), names(git, "refs/tags")
    near = nearest(base, [*branches, *tags])
    default = git.run("symbolic-ref", "--short", "--quiet", "HEAD", ok_codes=(0, 1, 128)).text.strip()
    parts = [f"Nearest: {', '.join(near)}." if near else "", f"The default branch is {default}." if default in branches else ""]
    next_step = " ".join(part for part in parts if part) or "Check its spelling."
    return RevisionMissing(f"There is no branch, tag or commit {name} in the repository.", next_step=next_step)


def names(git: Git, namespace: str) -> list[str]:
    """Names of the branches (`refs/heads`) or tags (`refs/tags`), newest first."""
    asked = ("for-each-ref", "--sort=-creatordate", "--format=%(refname:lstrip=2)", namespace)
    return git.run(*asked, max_bytes=MAX_NAMES_BYTES).text.splitlines()


def nearest(wanted: str, known: list[str]) -> list[str]:
    """Names like the wanted one: those that hold it or are held by it, then those that are spelled alike."""
    low = wanted.lower()
    if len(low) < 2:
        return []
    bare = low.removeprefix("origin/").removeprefix("v")
    holding = [name for name in known if bare and (bare in name.lower() or (len(name) > 2 and name.lower() in low))]
    alike = get_close_matches(wanted, known[:20_000], MAX_SUGGESTED, 0.6)
    return list(dict.fromkeys([*holding[:MAX_SUGGESTED], *alike]))[:MAX_SUGGESTED]
