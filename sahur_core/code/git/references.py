"""Where a name is used: candidates by `git grep -w`, told apart by the syntax of each file."""

from __future__ import annotations

from sahur_core.code.git.command import Git
from sahur_core.code.git.contents import decode
from sahur_core.code.git.paths import git_path, parse_tree
from sahur_core.code.git.records import Reference, References
from sahur_core.code.git.repository import Repository
from sahur_core.code.git.search import grep
from sahur_core.code.languages.outline import language_of, outline
from sahur_core.code.languages.references import references
from sahur_core.code.records import Match, Symbol
from sahur_core.errors import InputError

MAX_CANDIDATES = 5000
MAX_FILES = 400
"""Files that are parsed for one answer."""
MAX_PARSED_BYTES = 1024 * 1024


def find_references(
    repository: Repository, commit: str, name: str, *, path: str = "", offset: int = 0, limit: int = 100
) -> References:
    """Uses of a name, by path and line, and all definitions that bear it: names are compared, not types.

    `name` may be qualified (`Cart.total`): its last part is what is looked for. Raises as `grep` does.
    """
    bare = name.strip().replace("::", ".").rsplit(".", 1)[-1]
    if not bare:
        raise InputError("References of which name?", next_step="Give a name.", field="name")
    sha = repository.resolve(commit)
    found = grep(repository.git, sha, bare, is_word=True, path=path, limit=MAX_CANDIDATES)
    by_path: dict[str, list[Match]] = {}
    for match in found.matches:
        by_path.setdefault(match.path, []).append(match)
    paths = list(by_path)[:MAX_FILES]
    definitions: list[Symbol] = []
    uses: list[Reference] = []
    for each, text in _texts(repository, sha, paths):
        in_file = _uses(each, text, bare, by_path[each])
        uses += in_file
        if any(use.kind == "definition" for use in in_file):
            definitions += _definitions(each, text, bare)
    return References(
        name=bare,
        definitions=definitions,
        references=uses[offset : offset + limit],
        has_more=len(uses) > offset + limit,
        is_capped=found.is_capped or found.has_more or len(by_path) > MAX_FILES,
    )


def _texts(repository: Repository, sha: str, paths: list[str]) -> list[tuple[str, str]]:
    """The text of each of these files that is not too large to be parsed, else an empty one."""
    if not paths:
        return []
    blobs = _blobs(repository.git, sha, paths)
    small = [path for path in paths if path in blobs]
    contents = repository.read_blobs([blobs[path] for path in small])
    texts = {path: decode(data).text for path, data in zip(small, contents, strict=True)}
    return [(path, texts.get(path, "")) for path in paths]


def _blobs(git: Git, sha: str, paths: list[str]) -> dict[str, str]:
    listed = git.run("ls-tree", "-r", "-l", "-z", "--full-tree", sha, "--", *map(git_path, paths)).stdout
    return {entry.path: entry.blob for entry in parse_tree(listed) if entry.size <= MAX_PARSED_BYTES}


def _definitions(path: str, text: str, bare: str) -> list[Symbol]:
    return [
        Symbol(name=each.name, kind=each.kind, path=path, start=each.start, end=each.end, doc=each.doc)
        for each in outline(path, text).definitions
        if each.name.rsplit(".", 1)[-1] == bare
    ]


def _uses(path: str, text: str, bare: str, matches: list[Match]) -> list[Reference]:
    """By the syntax, without comments and strings; in a file that is not parsed each line that has the word."""
    if language_of(path, text):
        return [Reference(path=path, line=each.line, kind=each.kind, text=each.text) for each in references(path, text, bare)]
    return [Reference(path=path, line=match.line, kind="text", text=match.text.strip()) for match in matches]
