"""Links and ids in a report: Sentry, GitHub, GitLab, Slack, commits.

A link is taken apart, never opened. Its host counts only as a whole and exactly: an address with a user name, an encoded
or foreign letter in its host is no link at all. Whether a host may be asked about is decided in `sources.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from urllib.parse import parse_qs, unquote, urlsplit

MAX_LINKS = 10
MAX_TEXT_CHARS = 200_000
"""Of a longer report the beginning."""
MAX_BARE_COMMITS = 3
"""Commits that a report merely names; more of them are a log of a build."""
MAX_NAME_CHARS = 160
MAX_CANDIDATES = 400
"""Of each form; a text with more is no report."""


class Vendor(StrEnum):
    GITHUB = "github"
    GITLAB = "gitlab"
    SENTRY = "sentry"
    SLACK = "slack"
    NONE = ""
    """A commit that is only named: of the report's own repository."""


class LinkKind(StrEnum):
    ISSUE = "issue"
    """In Sentry, GitHub or GitLab; `acme/shop#12`, which may be a pull request too."""
    EVENT = "event"
    PULL_REQUEST = "pull_request"
    COMMIT = "commit"
    FILE = "file"
    COMPARISON = "comparison"
    """What one commit, branch or tag has and another has not."""
    MESSAGE = "message"


@dataclass(frozen=True)
class Link:
    """One thing that a report points to. What does not apply is empty."""

    vendor: Vendor
    kind: LinkKind
    host: str = ""
    """In small letters, with its port if it names one; empty for an id without address."""
    address: str = ""
    """As written, if it was one."""
    owner: str = ""
    """Of GitLab all groups: `acme/web`."""
    repo: str = ""
    number: int = 0
    revision: str = ""
    """Commit, branch or tag."""
    base: str = ""
    """Of a comparison: the older one."""
    path: str = ""
    line: int = 0
    end_line: int = 0
    organization: str = ""
    """Sentry's slug."""
    issue_id: str = ""
    """Sentry's number or short id (`SHOP-1A`)."""
    event_id: str = ""
    channel: str = ""
    ts: str = ""
    """Slack's name of a message: seconds with six decimals."""
    thread_ts: str = ""
    """Of the message that began the thread; of a message outside of any thread its own."""

    @property
    def name(self) -> str:
        """How people call it: short, and never something that can be clicked."""
        return self._name[:MAX_NAME_CHARS]

    @property
    def _name(self) -> str:
        if self.vendor is Vendor.SENTRY:
            return f"Sentry {'event ' + self.event_id if self.event_id else 'issue ' + self.issue_id}"
        if self.vendor is Vendor.SLACK:
            return f"Slack message {self.channel}/{self.ts}"
        repository = f"{self.owner}/{self.repo}" if self.repo else ""
        if self.kind is LinkKind.COMMIT:
            return f"commit {self.revision[:10]}{' of ' + repository if repository else ''}"
        if self.kind is LinkKind.COMPARISON:
            return f"comparison of {self.base} with {self.revision} of {repository}"
        if self.kind is LinkKind.FILE:
            return f"file {self.path} of {repository}"
        word = "pull request" if self.kind is LinkKind.PULL_REQUEST else "issue"
        return f"{word} {repository}#{self.number}"


def read_links(text: str, remote: str = "") -> list[Link]:
    """The links of a text in its order, each once, at most `MAX_LINKS`. Takes time linear in the text.

    `remote` is the report's own repository (`github.com/acme/shop`, see `remotes.py`): what `#12` and a bare commit mean.
    """
    text = text[:MAX_TEXT_CHARS]
    found: list[tuple[int, Link]] = []
    rest: list[str] = []
    end = 0
    for match in islice(_ADDRESS.finditer(text), MAX_CANDIDATES):
        link = _read_address(_trimmed(match[0]))
        if link:
            found.append((match.start(), link))
        rest += [text[end : match.start()], " " * len(match[0])]
        end = match.end()
    plain = "".join([*rest, text[end:]])
    found += _named_in_repositories(plain)
    found += _named_here(plain, remote)
    found += _sentry_ids(plain, [link for _, link in found])
    return _distinct([link for _, link in sorted(found, key=lambda entry: entry[0])])[:MAX_LINKS]


def _distinct(links: list[Link]) -> list[Link]:
    """Each thing once: also where it is named in two ways, as `#12` and as the pull request, or by a shorter sha."""
    kept: dict[Link, Link] = {}
    pulls = {(link.vendor, link.owner, link.repo, link.number) for link in links if link.kind is LinkKind.PULL_REQUEST}
    shas = [link.revision for link in links if link.kind is LinkKind.COMMIT]
    for link in links:
        is_pull = link.kind is LinkKind.ISSUE and link.number and (link.vendor, link.owner, link.repo, link.number) in pulls
        is_short = link.vendor is Vendor.NONE and any(sha != link.revision and sha.startswith(link.revision) for sha in shas)
        is_bare = link.vendor is Vendor.NONE and any(
            other.vendor is not Vendor.NONE and other.revision == link.revision for other in links
        )
        if not (is_pull or is_short or is_bare):
            kept.setdefault(replace(link, address="", line=0, end_line=0), link)
    return list(kept.values())


# --- addresses ---

_ADDRESS = re.compile(r"(?<![A-Za-z0-9@])https?://[^\s<>|\"'`\\^{}\[\]]{4,2000}", re.IGNORECASE)
"""Up to what Slack (`<address|text>`), Markdown and quotes put behind it; parentheses are looked at in `_trimmed`."""
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9\-]{0,62})(?:\.[a-z0-9](?:[a-z0-9\-]{0,62})){0,10}(?::\d{1,5})?")
_SLUG = r"[A-Za-z0-9][\w.\-]{0,99}"
_SHA = r"[0-9a-fA-F]{7,64}"
_SENTRY_ID = r"(?:\d{1,20}|[A-Z0-9][A-Z0-9_\-]{0,60}-[0-9A-Z]{1,12})"
_EVENT_ID = r"[0-9a-fA-F]{32}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"

_SENTRY_PATH = re.compile(
    rf"(?:/organizations/(?P<org>{_SLUG})|/(?P<old_org>{_SLUG})/{_SLUG})?/issues/(?P<issue>{_SENTRY_ID})"
    rf"(?:/events/(?P<event>{_EVENT_ID})|/[\w\-/]{{0,100}})?/?"
)
_SENTRY_EVENT_PATH = re.compile(
    rf"/organizations/(?P<org>{_SLUG})/(?:projects/{_SLUG}/|discover/{_SLUG}:)?(?:events/)?(?P<event>{_EVENT_ID})/?"
)
_FORGE_PATH = re.compile(
    rf"/(?P<owner>{_SLUG}(?:/{_SLUG}){{0,6}}?)/(?P<repo>{_SLUG})(?P<lab>/-)?/"
    rf"(?:pull/\d{{1,9}}/(?:commits|changes)/(?P<pulled>{_SHA})"
    r"|(?P<kind>pull|merge_requests|issues)/(?P<number>\d{1,9})(?:/[\w.\-/]{0,200})?"
    rf"|commits?/(?P<sha>{_SHA})|compare/(?P<base>[\w.\-]{{1,100}})\.{{2,3}}(?P<head>[\w.\-]{{1,100}})"
    r"|(?:blob|blame|raw)/(?P<revision>[^/]{1,200})/(?P<path>.{1,500}?))/?"
)
_LINES = re.compile(r"L(?P<line>\d{1,7})(?:C\d{1,5})?(?:-L?(?P<end>\d{1,7}))?")
_SLACK_PATH = re.compile(r"/archives/(?P<channel>[CGD][A-Z0-9]{2,30})/p(?P<seconds>\d{10})(?P<decimals>\d{6})/?")
_SLACK_TS = re.compile(r"\d{10}\.\d{6}")
_SLACK_HOST = re.compile(r"(?:[a-z0-9\-]{1,63}\.){1,2}slack\.com")


def _trimmed(address: str) -> str:
    """Without the signs that end a sentence or a bracket around the address."""
    end, unopened = len(address), address.count(")") - address.count("(")
    while end and (address[end - 1] in ".,;:!?*_~…" or (address[end - 1] == ")" and unopened > 0)):
        end -= 1
        unopened -= address[end] == ")"
    return address[:end]


def _read_address(address: str) -> Link | None:
    try:
        parts = urlsplit(address)
        host = parts.netloc.lower()
        if not _HOST.fullmatch(host) or not address.isprintable():
            return None
    except ValueError:
        return None
    host = host.removesuffix(":443" if parts.scheme.lower() == "https" else ":80")
    host = host.removeprefix("www.")
    link = (
        _read_slack(host, parts.path, parts.query)
        or _read_sentry(host, parts.path)
        or _read_forge(host, parts.path, parts.fragment)
    )
    return replace(link, host=host, address=address) if link else None


def _read_sentry(host: str, path: str) -> Link | None:
    match = _SENTRY_PATH.fullmatch(path) or _SENTRY_EVENT_PATH.fullmatch(path)
    if match is None:
        return None
    said = match.groupdict()
    organization = said.get("org") or said.get("old_org") or ""
    is_hosted = host == "sentry.io" or host.endswith(".sentry.io")
    if not organization and is_hosted and host.count(".") == 2:
        organization = host.split(".", 1)[0]
    # On other hosts `/acme/shop/issues/12` is a forge's, and `/issues/12` may be anybody's.
    if not is_hosted and not said.get("org"):
        return None
    event = said.get("event") or ""
    kind = LinkKind.EVENT if event else LinkKind.ISSUE
    return Link(
        Vendor.SENTRY, kind, organization=organization, issue_id=said.get("issue") or "", event_id=event.replace("-", "").lower()
    )


def _read_forge(host: str, path: str, fragment: str) -> Link | None:
    match = _FORGE_PATH.fullmatch(path)
    if match is None or host == "sentry.io" or host.endswith((".sentry.io", "slack.com")):
        return None
    is_lab = bool(match["lab"]) or match["kind"] == "merge_requests" or host == "gitlab.com"
    if not is_lab and "/" in match["owner"]:
        return None
    vendor = Vendor.GITLAB if is_lab else Vendor.GITHUB
    base = Link(vendor, LinkKind.COMMIT, owner=match["owner"], repo=match["repo"].removesuffix(".git"))
    if match["sha"] or match["pulled"]:
        return replace(base, revision=(match["sha"] or match["pulled"]).lower())
    if match["base"]:
        return replace(base, kind=LinkKind.COMPARISON, base=match["base"].rstrip("."), revision=match["head"])
    if match["number"]:
        kind = LinkKind.ISSUE if match["kind"] == "issues" else LinkKind.PULL_REQUEST
        return replace(base, kind=kind, number=int(match["number"]))
    revision, path = unquote(match["revision"]), unquote(match["path"])
    if not (revision + path).isprintable():
        return None
    lines = _LINES.fullmatch(fragment)
    line = int(lines["line"]) if lines else 0
    end = int(lines["end"] or line) if lines else 0
    return replace(base, kind=LinkKind.FILE, revision=revision, path=path, line=line, end_line=end)


def _read_slack(host: str, path: str, query: str) -> Link | None:
    match = _SLACK_PATH.fullmatch(path)
    if match is None or not _SLACK_HOST.fullmatch(host):
        return None
    ts = f"{match['seconds']}.{match['decimals']}"
    thread = parse_qs(query[:1000], max_num_fields=20).get("thread_ts", [""])[0] if query.count("&") < 20 else ""
    thread = thread if _SLACK_TS.fullmatch(thread) else ts
    return Link(Vendor.SLACK, LinkKind.MESSAGE, channel=match["channel"], ts=ts, thread_ts=thread)


# --- ids without an address ---

_OTHERS = re.compile(
    rf"(?<![\w./@#\-])(?P<owner>[A-Za-z0-9][A-Za-z0-9\-]{{0,38}})/(?P<repo>[\w.\-]{{1,100}}?)"
    rf"(?:(?P<mark>[#!])(?P<number>\d{{1,7}})|@(?P<sha>{_SHA}))(?![\w/])"
)
_NUMBER = re.compile(
    r"(?:\b(?P<word>pull request|merge request|pull|PR|MR|issue|bug|ticket|GH|fix(?:es|ed)?|close[sd]?|resolve[sd]?"
    r"|after|since|by|from|with|see|(?:merg\w{1,4}|deploy\w{0,4}|revert\w{0,4})(?: in| of| to)?)[ :\-]{1,2}|(?P<bracket>\())"
    r"(?P<mark>[#!])?(?P<number>\d{1,7})\b(?!\.\d|[/%:])",
    re.IGNORECASE,
)
_NEEDS_NO_MARK = ("pull request", "merge request", "pull", "pr", "mr", "gh")
_NAMED_COMMIT = re.compile(rf"(?<![\w./#\-=]){_SHA}(?![\w/@]|\.\w|-\w)")
_TELLS_COMMIT = re.compile(
    r"\b(?:commit|sha|rev(?:ision)?|deploy\w{0,8}|releas\w{0,5}|build|image|tag|merg\w{0,4}|revert\w{0,4}|roll\w{0,6}|bisect\w{0,4}|since|after"
    r"|HEAD|version|hash)\W{0,6}(?:\w{1,12}\W{1,3}){0,2}$",
    re.IGNORECASE,
)
_TELLS_SENTRY = re.compile(r"\bsentry\b", re.IGNORECASE)
_SHORT_ID = re.compile(r"(?<![\w/.\-#])[A-Z][A-Z0-9_]{0,40}(?:-[A-Z0-9_]{1,40}){0,4}-(?=[A-Z]{0,10}\d)[0-9A-Z]{1,10}(?![\w/\-])")
_NO_SHORT_ID = re.compile(r"(?:UTF|ISO|SHA|CVE|RFC|HTTPS?|TLS|SSL|AES|RSA|MD|UTC|GMT|CP|WIN|X|SAH)-")
_BARE_EVENT = re.compile(r"(?<![\w\-])[0-9a-f]{32}(?![\w\-])")
_NEAR = 60
"""Characters around an id within which Sentry must be named."""


def _named_in_repositories(text: str) -> Iterator[tuple[int, Link]]:
    """`acme/shop#12`, `acme/shop!12`, `acme/shop@a1b2c3d`: on GitHub, with `!` on GitLab."""
    for match in islice(_OTHERS.finditer(text), MAX_CANDIDATES):
        is_lab = match["mark"] == "!"
        vendor, host = (Vendor.GITLAB, "gitlab.com") if is_lab else (Vendor.GITHUB, "github.com")
        base = Link(vendor, LinkKind.COMMIT, host=host, owner=match["owner"], repo=match["repo"])
        if match["number"]:
            kind = LinkKind.PULL_REQUEST if is_lab else LinkKind.ISSUE
            yield match.start(), replace(base, kind=kind, number=int(match["number"]))
        elif not match["sha"].isdigit():
            yield match.start(), replace(base, revision=match["sha"].lower())


def _named_here(text: str, remote: str) -> Iterator[tuple[int, Link]]:
    """Numbers and commits of the report's own repository."""
    host, _, path = remote.partition("/")
    owner, _, repo = path.rpartition("/")
    if repo:
        vendor = Vendor.GITLAB if "/" in owner or host.startswith("gitlab") else Vendor.GITHUB
        for match in islice(_NUMBER.finditer(text), MAX_CANDIDATES):
            word = (match["word"] or "").lower()
            if not match["mark"] and word not in _NEEDS_NO_MARK:
                continue
            is_pull = word in ("pull request", "merge request", "pull", "pr", "mr") or match["mark"] == "!"
            kind = LinkKind.PULL_REQUEST if is_pull or match["bracket"] else LinkKind.ISSUE
            yield match.start(), Link(vendor, kind, host=host, owner=owner, repo=repo, number=int(match["number"]))
    count = 0
    for match in islice(_NAMED_COMMIT.finditer(text), MAX_CANDIDATES):
        if count < MAX_BARE_COMMITS and _is_commit(match[0], text[max(0, match.start() - _NEAR) : match.start()]):
            count += 1
            yield match.start(), Link(Vendor.NONE, LinkKind.COMMIT, revision=match[0].lower())


def _is_commit(word: str, before: str) -> bool:
    """40 digits are one; fewer are one if the words before say so, and they are neither a number nor a word."""
    if word.isdigit() or word.isalpha():
        return False
    return len(word) == 40 or (len(word) <= 16 and bool(_TELLS_COMMIT.search(before)))


def _sentry_ids(text: str, linked: list[Link]) -> Iterator[tuple[int, Link]]:
    """Short ids and events near the word Sentry. Their organization is that of another link, if there is one."""
    if not _TELLS_SENTRY.search(text):
        return
    of_sentry = next((link for link in linked if link.vendor is Vendor.SENTRY and link.organization), None)
    organization, host = (of_sentry.organization, of_sentry.host) if of_sentry else ("", "")
    base = Link(Vendor.SENTRY, LinkKind.ISSUE, host=host, organization=organization)
    for pattern in (_SHORT_ID, _BARE_EVENT):
        for match in islice(pattern.finditer(text), MAX_CANDIDATES):
            around = text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
            if _NO_SHORT_ID.match(match[0]) or not _TELLS_SENTRY.search(around):
                continue
            is_event = pattern is _BARE_EVENT
            found = replace(base, kind=LinkKind.EVENT, event_id=match[0]) if is_event else replace(base, issue_id=match[0])
            yield match.start(), found
