"""Places in the code, commits and pull requests that a report names in its own words or links to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

MAX_REFERENCES = 200
"""Of each form."""
_SHA = r"[0-9a-f]{7,40}"
# GitHub, GitLab (`/-/blob/`) and Bitbucket (`/src/`, `#lines-12:20`).
_LINK = re.compile(
    r"https?://[\w.\-]{1,100}/"
    r"(?P<repository>[\w.\-]{1,100}/[\w.\-]{1,100}(?:/[\w.\-]{1,100}){0,3}?)(?:/-)?/(?:blob|blame|raw|src|tree)/"
    r"(?P<revision>[\w.\-]{1,100})/(?P<path>[^\s#?)\]>\"'`]{1,400})(?:\?[^\s#)]{0,100})?"
    r"(?:#(?:L|lines-|n)?(?P<line>\d{1,7})(?:[C\d]{0,6}[-:](?:L)?(?P<end>\d{1,7}))?)?"
)
_PATH = re.compile(
    r"(?<![\w@/\\.:\-])(?P<path>"
    r"(?:[A-Za-z]:[\\/]|~?/|\.{1,2}[\\/])?(?:[\w.\-+@\[\]]{1,100}[\\/]){0,15}[\w.\-+@\[\]]{0,100}[\w\-+\]]\.(?:[A-Za-z][A-Za-z0-9+]{0,7}))"
    r"(?:(?::|\(|#L?|\s?[,@]?\s?\(?(?:on |at |around )?(?:lines?|L|ln\.?)\s?)"
    r"(?P<line>\d{1,7})(?::\d{1,5}|,\d{1,5}\))?(?:\s?[-–]\s?L?(?P<end>\d{1,7}))?)?(?![\w/])"
)
_LINE_FIRST = re.compile(
    r"\blines? (?P<line>\d{1,7})(?:\s?[-–]\s?(?P<end>\d{1,7}))? (?:of|in) (?:the file )?[`'\"]?"
    r"(?P<path>[\w.\-/\\]{1,300}\.[A-Za-z]\w{0,7})\b"
)
_COMMIT_LINK = re.compile(rf"https?://[\w.\-]{{1,100}}/[\w.\-/]{{1,200}}?/commits?/(?P<sha>{_SHA})\b")
_COMMIT = re.compile(rf"(?<![\w./#@\-=])(?:[\w.\-]{{1,100}}/[\w.\-]{{1,100}}@)?(?P<sha>{_SHA})(?![\w/@]|\.\w|-\w)")
_PULL = re.compile(
    r"(?:/(?P<kind>pull|pulls|merge_requests|issues)/(?P<linked>\d{1,7})\b"
    r"|\b(?P<word>pull request|pull|PR|merge request|MR|issue|bug|ticket|GH|gh|fixes|closes"
    r"|resolves)[ :\-]{0,2}(?:#|!)?(?P<number>\d{1,7})\b(?!\.\d)"
    r"|(?<![\w/&#])(?P<mark>[#!])(?P<bare>\d{1,7})\b(?!\.\d))",
    re.IGNORECASE,
)
_NO_FILE = frozenset(("com", "org", "net", "io", "dev", "app", "e.g", "i.e", "etc", "vs"))


@dataclass(frozen=True)
class NamedPlace:
    """A file that a report names, as written (with forward slashes), with its lines if it says any."""

    path: str
    line: int | None = None
    end: int | None = None
    revision: str = ""
    """Commit, branch or tag that a link names."""
    repository: str = ""
    """`owner/name` of a link."""


@dataclass(frozen=True)
class NamedNumber:
    """A pull (merge) request or an issue; `kind` is empty where `#12` may be either."""

    number: int
    kind: str = ""


def named_places(text: str) -> list[NamedPlace]:
    """Files and lines in the order of the text, each once: links, `x/y.py:12`, `line 12 of y.py`, `y.py#L12-L20` and the like."""
    found: list[tuple[int, NamedPlace]] = []
    taken: list[tuple[int, int]] = []
    for pattern in (_LINK, _LINE_FIRST):
        for match in islice(pattern.finditer(text), MAX_REFERENCES):
            taken.append(match.span())
            found.append((match.start(), _place(match)))
    rest = _blanked(text, taken)
    found += [(match.start(), _place(match)) for match in islice(_PATH.finditer(rest), MAX_REFERENCES) if _is_file(match["path"])]
    return list(dict.fromkeys(place for _, place in sorted(found, key=lambda entry: entry[0])))


def named_commits(text: str) -> list[str]:
    """Shas of commits in the order of the text, each once: linked, or 40 or at least 7 hexadecimal digits that stand alone.

    Fewer than 40 digits count if they hold digits and letters: `1234567` is a number, `defaced` is a word.
    """
    linked = [(match.start("sha"), match["sha"]) for match in islice(_COMMIT_LINK.finditer(text), MAX_REFERENCES)]
    alone = [
        (match.start("sha"), match["sha"])
        for match in islice(_COMMIT.finditer(text), MAX_REFERENCES)
        if len(match["sha"]) in range(7, 17) or len(match["sha"]) == 40
        if any(letter.isdigit() for letter in match["sha"]) and not match["sha"].isdigit()
    ]
    return list(dict.fromkeys(sha for _, sha in sorted({*linked, *alone})))


def named_numbers(text: str) -> list[NamedNumber]:
    """Pull requests and issues in the order of the text, each once."""
    return list(dict.fromkeys(_numbers(text)))


def _numbers(text: str) -> Iterator[NamedNumber]:
    for match in islice(_PULL.finditer(text), MAX_REFERENCES):
        number = int(match["linked"] or match["number"] or match["bare"])
        word = (match["kind"] or match["word"] or "").lower()
        if word.startswith(("pull", "pr", "merge", "mr")) or match["mark"] == "!":
            yield NamedNumber(number, "pull")
        elif word in ("issues", "issue", "bug", "ticket"):
            yield NamedNumber(number, "issue")
        else:
            yield NamedNumber(number)


def _place(match: re.Match[str]) -> NamedPlace:
    said = match.groupdict()
    path = match["path"].replace("\\", "/").rstrip(".,")
    return NamedPlace(
        unquote(path) if "%" in path else path,
        int(match["line"]) if match["line"] else None,
        int(match["end"]) if match["end"] else None,
        said.get("revision") or "",
        said.get("repository") or "",
    )


def _is_file(path: str) -> bool:
    """Names of hosts and abbreviations are no files."""
    return (
        path.rsplit(".", 1)[-1].lower() not in _NO_FILE and not path.lower().startswith("www.") and path.lower() not in _NO_FILE
    )


def _blanked(text: str, taken: list[tuple[int, int]]) -> str:
    """The text with blanks instead of what was read already and of addresses: places stay."""
    for start, end in taken:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return _ADDRESS.sub(lambda match: " " * len(match[0]), text)


_ADDRESS = re.compile(r"\b(?:https?|ftp|git|ssh)://[^\s)\]>\"'`]{1,1000}|[\w.+\-]{1,64}@[\w.\-]{1,100}\.[a-z]{2,10}\b")
