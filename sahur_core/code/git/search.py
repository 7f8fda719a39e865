"""Exact text and regular expressions in the files of a commit, by `git grep`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sahur_core.code.git.command import Git, Output
from sahur_core.code.git.paths import git_path, shown_path
from sahur_core.code.git.records import Found
from sahur_core.code.languages.roles import is_generated
from sahur_core.code.records import Match
from sahur_core.errors import GitFailed, InputError, RepositoryTimeout

GREP_SECONDS = 10.0
MAX_LINE_CHARS = 500
MAX_MATCHES_PER_FILE = 1000
MAX_BYTES = 8 * 1024 * 1024
MAX_PATTERN_CHARS = 1000


def grep(
    git: Git,
    sha: str,
    pattern: str,
    *,
    regex: bool = False,
    is_word: bool = False,
    ignore_case: bool = False,
    path: str = "",
    paths: Sequence[str] = (),
    offset: int = 0,
    limit: int = 200,
) -> Found:
    """Lines with a literal text or a Perl-style regular expression, by path. Binary and generated files are skipped.

    A generated file is searched if `path` names it; `paths` are files, no others are looked at. Raises `InputError` for a
    pattern that cannot be used or takes too long.
    """
    if not pattern.strip() or "\n" in pattern or "\0" in pattern or len(pattern) > MAX_PATTERN_CHARS:
        raise InputError(
            f"The search pattern is empty, longer than {MAX_PATTERN_CHARS} characters or has a line break.", field="pattern"
        )
    specs = [git_path(each) for each in paths] or [spec for spec in [git_path(path, may_be_empty=True)] if spec]
    options = ["-n", "-I", "-z", "--full-name", "--no-textconv", f"--max-count={MAX_MATCHES_PER_FILE}", "-P" if regex else "-F"]
    options += ["-w"] if is_word else []
    options += ["-i"] if ignore_case else []
    output = _run(git, [*options, "-e", pattern, sha, "--", *specs])
    found = list(_matches(output, sha))
    matches = [match for match in found if match.path == path.strip() or not is_generated(match.path)]
    return Found(
        matches=matches[offset : offset + limit],
        has_more=len(matches) > offset + limit,
        generated=len(found) - len(matches),
        is_capped=output.is_truncated,
    )


def cut_line(line: str) -> str:
    """A line as it is shown: of one that is very long, how much is left out."""
    if len(line) <= MAX_LINE_CHARS:
        return line
    return f"{line[:MAX_LINE_CHARS]}… [{len(line) - MAX_LINE_CHARS:,} more characters]"


def _run(git: Git, arguments: list[str]) -> Output:
    try:
        return git.run("grep", *arguments, timeout=GREP_SECONDS, max_bytes=MAX_BYTES, ok_codes=(0, 1))
    except RepositoryTimeout as error:
        raise InputError(
            f"The search took longer than {GREP_SECONDS:g} seconds.",
            next_step="Use a simpler pattern or a path.",
            field="pattern",
        ) from error
    except GitFailed as error:
        raise InputError(
            f"The pattern cannot be used: {error.message}", next_step="Search for a literal text.", field="pattern"
        ) from error


def _matches(output: Output, sha: str) -> Iterator[Match]:
    """Records `sha:path NUL line NUL text LF`; a path may hold line breaks. The last one may be cut off, and is left out."""
    prefix = f"{sha}:".encode()
    data, place = output.stdout, 0
    while data.startswith(prefix, place):
        name_end = data.find(b"\0", place)
        number_end = data.find(b"\0", name_end + 1)
        end = data.find(b"\n", number_end + 1)
        if min(name_end, number_end, end) < 0:
            return
        text = cut_line(data[number_end + 1 : end].decode("utf-8", "replace").rstrip("\r"))
        path = shown_path(data[place + len(prefix) : name_end])
        yield Match(path=path, line=int(data[name_end + 1 : number_end]), text=text)
        place = end + 1
