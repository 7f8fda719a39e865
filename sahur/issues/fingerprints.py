"""What two reports of one problem have in common however they are worded: the error and where it was raised, the same thing
that both point to.

A fingerprint is a string `kind:value` without anything that differs between two occurrences: numbers and ids, hosts, folders,
lines. Only strong ones are reason enough to offer that a report joins another one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from urllib.parse import urlsplit

from sahur.issues.report_marks import clipped, without_numbers
from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.parse import parse_traces
from sahur_core.linked.links import Link, LinkKind, Vendor, read_links

MAX_FINGERPRINTS = 16
MAX_CHARS = 200
"""As the column of `Issue.fingerprints`."""
TOP_FRAMES = 3
MAX_MESSAGE_CHARS = 400


class Kind(StrEnum):
    SENTRY = "sentry"
    ALERT = "alert"
    LINK = "link"
    """An issue, a pull request or a message that both reports point to."""
    ERROR = "error"
    """Type, message and the innermost calls of the program's own code."""
    SAID = "said"
    """Type and message of an error without a place in the program's own code: too many things say the same."""
    CODE = "code"
    """A commit, file or comparison: many problems are looked for at the same place."""


STRONG = frozenset({Kind.SENTRY, Kind.ALERT, Kind.LINK, Kind.ERROR})
_HOST = re.compile(
    r"(?<=://)[^\s/\"'<>]+|(?<=@)[\w.-]+\.\w+|\b[\w-]+(?:\.[\w-]+)+(?=:\d)"
    r"|\b(?:[a-z0-9-]+\.)+(?:internal|local|lan|corp|svc|cluster|com|net|org|io|cloud|dev)\b(?![.(\w])"
)
_MIXED = re.compile(r"\b(?=\w*\d\w*[a-z]\w*\d|\w*[a-z]\d+[a-z])[a-z0-9]{5,}\b", re.IGNORECASE)
"""Names that machines gave, such as the end of a pod's."""
_ADDRESS = re.compile(r"https?://[^\s<>|\"'`\\^{}\[\]]{4,2000}", re.IGNORECASE)
_ALERTS: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (name, re.compile(host), re.compile(path))
    for name, host, path in (
        ("pagerduty", r"[a-z0-9-]+(?:\.eu)?\.pagerduty\.com", r"/incidents/(?P<id>[A-Za-z0-9]{5,40})(?:/.*)?"),
        ("datadog", r"(?:[a-z0-9-]+\.)*(?:datadoghq\.(?:com|eu)|ddog-gov\.com)", r"/monitors/(?P<id>\d{1,20})(?:/.*)?"),
        ("opsgenie", r"(?:[a-z0-9-]+\.)*(?:opsgenie\.com|atlassian\.net)", r"(?:/.*)?/alert/detail/(?P<id>[\w-]{8,80})(?:/.*)?"),
        ("grafana", r"[a-z0-9.-]+(?::\d+)?", r"(?:/.*)?/alerting/(?:grafana/)?(?P<id>[\w-]{1,60})/(?:view|edit)/?"),
    )
)
"""Host and path of the alerts that others send, whose id stays the same for all posts about one of them."""


def fingerprints_of(title: str, body: str) -> list[str]:
    """Of a report, the strong ones first. Linear in its length, of which beginning and end are read."""
    text = f"{title}\n{clipped(body)}"
    found = [*_of_links(read_links(text)), *_of_alerts(text), *_of_traces(parse_traces(text))]
    strong = [each for each in found if is_strong(each)]
    return list(dict.fromkeys([*strong, *found]))[:MAX_FINGERPRINTS]


def is_strong(fingerprint: str) -> bool:
    """Whether two reports that share it are so probably about one problem that it is worth asking."""
    return fingerprint.partition(":")[0] in STRONG


def strong(fingerprints: Iterable[str]) -> list[str]:
    return [each for each in fingerprints if is_strong(each)]


def _made(kind: Kind, value: str) -> str:
    """A value that is too long keeps its beginning, which people can read, and is told apart by its hash."""
    text = f"{kind}:{value}"
    if len(text) <= MAX_CHARS:
        return text
    return f"{text[: MAX_CHARS - 17]}~{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _of_links(links: Iterable[Link]) -> Iterator[str]:
    for link in links:
        if link.vendor is Vendor.SENTRY:
            yield _made(Kind.SENTRY, _sentry_id(link))
        elif link.vendor is Vendor.SLACK:
            yield _made(Kind.LINK, f"slack/{link.channel}/{link.thread_ts}")
        elif link.kind in (LinkKind.ISSUE, LinkKind.PULL_REQUEST):
            # `acme/shop#12` may be either.
            yield _made(Kind.LINK, f"{link.host}/{link.owner}/{link.repo}#{link.number}".lower())
        elif link.vendor is not Vendor.NONE:
            what = f"{link.base}...{link.revision}" if link.base else f"{link.revision}/{link.path}"
            yield _made(Kind.CODE, f"{link.host}/{link.owner}/{link.repo}@{what}".lower())


def _sentry_id(link: Link) -> str:
    """Numbers are those of a whole server, short ids (`SHOP-1A`) of an organization."""
    if link.issue_id.isdigit():
        is_hosted = link.host == "sentry.io" or link.host.endswith(".sentry.io")
        return f"{'sentry.io' if is_hosted else link.host}/{link.issue_id}"
    if link.issue_id:
        return f"{link.organization.lower()}/{link.issue_id}"
    return f"event/{link.event_id}"


def _of_alerts(text: str) -> Iterator[str]:
    for match in _ADDRESS.finditer(text):
        try:
            parts = urlsplit(match[0].rstrip(".,;:!?*_~)…"))
        except ValueError:
            continue
        host = parts.netloc.lower()
        for name, hosts, paths in _ALERTS:
            found = paths.fullmatch(parts.path) if hosts.fullmatch(host) else None
            if found:
                yield _made(Kind.ALERT, f"{name}/{host if name == 'grafana' else ''}/{found['id']}")
                break


def _of_traces(traces: Iterable[StackTrace]) -> Iterator[str]:
    """Of each chain of causes what was raised first."""
    for trace in traces:
        if not trace.exception or trace.is_warning or not trace.is_root_cause:
            continue
        said = f"{_bare(trace.exception)}: {steady(trace.message.splitlines()[0] if trace.message else '')}"
        own = [frame for frame in trace.frames if frame.origin == "application" and frame.function]
        if own:
            calls = " < ".join(_call(frame) for frame in list(reversed(own))[:TOP_FRAMES])
            yield _made(Kind.ERROR, f"{said} @ {calls}")
        elif trace.message:
            yield _made(Kind.SAID, said)


def steady(message: str) -> str:
    """A message as it is at each occurrence: without hosts, numbers and ids."""
    return without_numbers(_MIXED.sub("#", _HOST.sub("#", message[:MAX_MESSAGE_CHARS])))


def _bare(name: str) -> str:
    return re.split(r"[.:$\\]+", name.strip(".:$\\"))[-1]


def _call(frame: Frame) -> str:
    """Without folder and line, which differ between machines and releases."""
    return f"{without_numbers(frame.function)} in {frame.path.rsplit('/', 1)[-1].casefold()}"


WORDS = {
    Kind.SENTRY: "the same issue in Sentry",
    Kind.ALERT: "the same alert",
    Kind.LINK: "the same link",
    Kind.ERROR: "the same error at the same place",
}


def words_for(shared: Iterable[str]) -> str:
    """What two reports have in common, for people; empty if it is nothing strong."""
    kinds = [Kind(each.partition(":")[0]) for each in strong(shared)]
    return " and ".join(dict.fromkeys(WORDS[kind] for kind in kinds))
