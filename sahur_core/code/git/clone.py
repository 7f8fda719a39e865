"""One bare clone per repository: locked, atomic, and whole again after a kill at any moment.

A first clone grows in a folder beside its place and is renamed when complete. An update is a fetch into the clone; what
a killed one left behind (lock files, partial packs) is removed under our lock, which the git processes inherit: as long
as an orphan of a killed indexer still writes, the lock is held.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sahur_core.code.git.command import Git
from sahur_core.code.git.credentials import Credentials, Handover, handed_over
from sahur_core.code.git.source import check_address, is_local
from sahur_core.errors import GitFailed, RepositoryEmpty, RepositoryMissing, RepositoryTimeout, RevisionMissing

CLONE_SECONDS = 3600.0
"""Longest time for one fetch; the low-speed limit of git ends a stalled one after 30 seconds."""
LIST_SECONDS = 60.0
_FULL_SHA = re.compile(r"^([0-9a-f]{40}|[0-9a-f]{64})$")
_PERCENT = re.compile(r"^(Receiving objects|Unpacking objects|Resolving deltas):\s+(\d+)%")
_NO_SIGN_IN, _NO_KEY = "it asks for a sign-in", "the ssh key of the indexer's user is not accepted"
_INCOMPLETE = "commits of its history are missing"
_REFUSED = {_NO_SIGN_IN: "it does not accept the token", _NO_KEY: "it does not accept the private key"}
"""How the causes are said where credentials were given."""
_CAUSES = (
    (r"does not appear to be a git repository|not a git repository", "it is not a git repository"),
    (r"Repository not found|returned error: 404|does not exist|not found", "there is no such repository, or it is private"),
    (r"could not read Username|Authentication failed|returned error: 40[13]", _NO_SIGN_IN),
    (r"Permission denied|publickey", _NO_KEY),
    (r"Host key verification failed", "the host's ssh key has changed"),
    (r"returned error: 30\d|redirect", "it answers with another address (try it with .git at its end, or its new address)"),
    (r"Could not resolve host|resolve hostname", "its host cannot be found"),
    (r"timed out|Operation too slow|Connection refused|unreachable|Failed to connect", "its host does not answer"),
    (r"certificate|SSL", "the TLS certificate of its host is not trusted"),
    (r"dubious ownership", "it belongs to another user of this machine"),
    (r"No space left", "the disk of the indexer is full"),
    (r"Could not read [0-9a-f]{40}|did not send all necessary objects|missing (blob|tree|commit)", _INCOMPLETE),
)


@contextmanager
def locked(directory: Path, progress: Callable[[str], None] = lambda _: None) -> Iterator[int]:
    """Hold the repository's lock, on this host; the file descriptor that carries it is given to child processes."""
    directory.mkdir(parents=True, exist_ok=True)
    handle = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Waiting for another process that prepares this repository")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def clone_or_update(
    source: str,
    directory: Path,
    progress: Callable[[str], None],
    *,
    wanted: str = "",
    private_hosts: Sequence[str] = (),
    credentials: Credentials | None = None,
) -> None:
    """Make `<directory>/git` a fresh copy of all branches and tags of a checked `source`.

    `wanted` is fetched on its own if it is a full sha that no branch holds. `credentials` are those of a private
    repository; nothing of them is stored. Raises `RepositoryMissing`, `RepositoryEmpty`, `RepositoryRefused` and
    `RevisionMissing`; the clone that was there before then stays as it is.
    """
    settings = [] if is_local(source) else check_address(source, private_hosts)
    with locked(directory, progress) as lock, handed_over(source, credentials, directory) as handover:
        _remove_leftovers(directory)
        final, fresh = directory / "git", directory / "git.new"
        is_new = not _is_usable(final)
        git = _git(source, fresh if is_new else final, directory, settings, lock, handover)
        if is_new:
            shutil.rmtree(final, ignore_errors=True)
            git.run("init", "--quiet", "--bare", "--template=", "--", str(fresh))
        _fetch(source, git, progress, wanted)
        if is_new:
            fresh.rename(final)


def keep_commit(directory: Path, commit: str) -> None:
    """Keep a full sha readable after its branch was deleted or rewritten: runs and answers refer to it."""
    with locked(directory) as lock:
        Git(directory / "git", inherited_fds=(lock,)).run("update-ref", f"refs/sahur/{commit}", commit)


def _git(source: str, git_dir: Path, directory: Path, settings: Sequence[str], lock: int, handover: Handover) -> Git:
    if not is_local(source):
        return Git(git_dir, protocols=("https", "ssh"), settings=settings, inherited_fds=(lock,), handover=handover)
    # The source may belong to another user; upload-pack runs in it and reads only this file, not our `-c` settings.
    config = directory / "gitconfig"
    quoted = source.replace("\\", "\\\\").replace('"', '\\"')
    config.write_text(f'[safe]\n\tdirectory = "{quoted}"\n\tdirectory = "{quoted}/.git"\n', "utf-8")
    return Git(git_dir, protocols=("file",), global_config=config, inherited_fds=(lock,))


def _is_usable(git_dir: Path) -> bool:
    if not git_dir.is_dir():
        return False
    try:
        Git(git_dir).run("rev-parse", "--git-dir")
        Git(git_dir).run("rev-parse", "--verify", "--quiet", "HEAD^{tree}")
    except GitFailed:
        return False  # torn by a crash of the machine: it is cloned anew
    return True


def _remove_leftovers(directory: Path) -> None:
    """What a killed indexer's git left behind: nobody else writes while we hold the lock."""
    shutil.rmtree(directory / "git.new", ignore_errors=True)
    git_dir = directory / "git"
    locks = [*git_dir.glob("*.lock"), *(git_dir / "refs").rglob("*.lock")]
    for leftover in [*locks, *(git_dir / "objects").rglob("tmp_*")]:
        if leftover.is_file():
            leftover.unlink(missing_ok=True)


def _fetch(source: str, git: Git, progress: Callable[[str], None], wanted: str) -> None:
    progress("Asking for the branches")
    try:
        branches, head = _list_remote(source, git)
        refs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
        if _FULL_SHA.match(head):
            refs.append("+HEAD:refs/sahur/head")
        git.run_with_progress(
            *("fetch", "--progress", "--prune", "--force", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"),
            *("--", source, *refs),
            on_line=_percent_only(progress),
            timeout=CLONE_SECONDS,
        )
    except (GitFailed, RepositoryTimeout) as error:
        raise _missing(source, error, has_credentials=bool(git.handover.secrets)) from error
    _set_head(git, branches, head)
    if git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", ok_codes=(0, 1, 128)).returncode:
        # git refuses to copy a cut-off history, with exit code 0; blame would take its last commit for the cause of all.
        raise RepositoryMissing(
            f"The repository {source} is a shallow clone: its history was cut off.",
            next_step="Run `git fetch --unshallow` in it, or give the address that it was cloned from.",
        )
    if _FULL_SHA.match(wanted) and git.run("cat-file", "-e", f"{wanted}^{{commit}}", ok_codes=(0, 1, 128)).returncode:
        _fetch_commit(source, git, wanted, progress)


def _list_remote(source: str, git: Git) -> tuple[list[str], str]:
    """Its branches, and the branch (or, detached, the sha) of its HEAD; empty where HEAD names no commit."""
    listed = git.run("ls-remote", "--symref", "--", source, "HEAD", "refs/heads/*", timeout=LIST_SECONDS)
    branches: list[str] = []
    head = sha = ""
    for line in listed.text.splitlines():
        value, _, name = line.partition("\t")
        if name == "HEAD" and value.startswith("ref: "):
            head = value.removeprefix("ref: ")
        elif name == "HEAD":
            sha = value
        elif name.startswith("refs/heads/"):
            branches.append(name)
    if not branches and not sha:
        raise RepositoryEmpty(f"The repository {source} has no commit.", next_step="Push a commit, then file the report again.")
    return branches, head if head in branches else sha


def _set_head(git: Git, branches: Sequence[str], head: str) -> None:
    if _FULL_SHA.match(head):
        git.run("update-ref", "--no-deref", "HEAD", head)
        return
    usual = [name for name in ("refs/heads/main", "refs/heads/master") if name in branches]
    git.run("symbolic-ref", "HEAD", head or (usual or sorted(branches))[0])


def _fetch_commit(source: str, git: Git, sha: str, progress: Callable[[str], None]) -> None:
    try:
        git.run_with_progress(
            *("fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--", source, f"+{sha}:refs/sahur/{sha}"),
            on_line=_percent_only(progress),
            timeout=CLONE_SECONDS,
        )
    except GitFailed as error:
        raise RevisionMissing(
            f"The commit {sha[:12]} is not in {source}.", next_step="Check the commit, or push the branch that holds it."
        ) from error


def _percent_only(progress: Callable[[str], None]) -> Callable[[str], None]:
    """Every tenth percent of each phase: enough for a person, few enough to store."""
    last = ""

    def on_line(line: str) -> None:
        nonlocal last
        match = _PERCENT.match(line)
        if match is None:
            return
        text = f"{match[1]}: {int(match[2]) // 10 * 10} %"
        if text != last:
            last = text
            progress(text)

    return on_line


def _missing(source: str, error: GitFailed | RepositoryTimeout, *, has_credentials: bool) -> RepositoryMissing:
    if isinstance(error, RepositoryTimeout):
        return RepositoryMissing(f"The repository {source} did not answer in time.", next_step="Try again later.")
    cause = next((cause for pattern, cause in _CAUSES if re.search(pattern, error.stderr)), "")
    next_step = "Check the address, and that `git clone` works for the user the indexer runs as."
    if cause in _REFUSED:
        next_step = "Check the address, and give credentials that may read the repository: a token, or for ssh a deploy key."
    elif cause == _INCOMPLETE:
        next_step = "Run `git fsck` in it. If it has a file .git/info/grafts, delete that or make its cuts real."
    told = _REFUSED.get(cause, cause) if has_credentials else cause
    return RepositoryMissing(f"The repository {source} cannot be read: {told or error.message}.", next_step=next_step)
