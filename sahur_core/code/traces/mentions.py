"""What a report names beside stack traces: paths, commits, pull requests, versions, moments, and since when it is broken."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Literal

from sahur_core.code.traces.moments import Moment, clauses, read_moments

StatementKind = Literal["works_until", "broken_since", "regression"]

LEAD = timedelta(days=7)
"""What is broken since a day was most likely made in the week before it: code is merged first and deployed later."""
MAX_TEXT_CHARS = 60_000
"""Of a text; what is longer is a log, and people write at its beginning."""
MAX_STATEMENTS = 40
_VERSION_TEXT = (
    r"v?\d{1,4}"
    r"(?:\.(?:\d{1,5}|x)){1,3}(?:[-.]?(?:rc|alpha|beta|a|b|dev|post|pre|final|ga|lts|snapshot)[-.]?\d{0,5})?(?:\+[\w.]{1,20})?"
)
_VERSION = re.compile(
    rf"(?<![\w.\-/:@=+$€£])(?P<word>versions?:? |release |v\.? ?|==? ?)?(?P<version>{_VERSION_TEXT}|(?<=version )\d{{1,3}}"
    rf"|(?<=release )\d{{1,3}}|v\d{{1,3}})"
    r"(?![\w/:@%]|\.\d|-\d| ?(?:%|s\b|ms|sec|min|hours?|days?|weeks?|times|x\b|[KMGT]i?B|GHz|MHz|px|em|EUR|USD))",
    re.IGNORECASE,
)
_OTHER_PRODUCT = re.compile(
    r"\b(?P<product>python|cpython|pypy|java|jdk|jre|openjdk"
    r"|node(?:\.?js)?|npm|yarn|ruby|php|go(?:lang)?|rust(?:c)?|dotnet|\.net|gcc|clang|cmake|ubuntu|debian|fedora|centos"
    r"|windows|macos|os x|ios|android|linux|kernel|docker|kubernetes|k8s"
    r"|postgres(?:ql)?|mysql|mariadb|sqlite|redis|valkey|mongodb|nginx|apache"
    r"|chrome|firefox|safari|edge|numpy|scipy|pandas|matplotlib|django|flask|pytest|pip|setuptools|conda|cuda|tensorflow"
    r"|pytorch|typescript|react|vue"
    r"|angular|webpack|sphinx|docutils|jinja2?|sqlalchemy|requests|urllib3|openssl|glibc|http)(?: version|:)?[ =/]{0,3}$",
    re.IGNORECASE,
)
_MOVED = re.compile(
    rf"\b(?P<word>upgrad\w*|updat\w*|bump\w*"
    rf"|mov(?:e[ds]?|ing)|migrat\w*|switch\w*|went|chang\w*|regress\w*|difference|downgrad\w*|roll\w* back)\b"
    rf"(?P<what>[^.\n]{{0,40}}?) (?:from|between) (?P<old_word>[\w ]{{0,20}}?)(?P<old>{_VERSION_TEXT}) (?:to|and|->"
    rf"|→) (?:[\w ]{{0,20}}?)(?P<new>{_VERSION_TEXT})",
    re.IGNORECASE,
)
_ARROW = re.compile(rf"(?<![\w.])(?P<old>{_VERSION_TEXT}) ?(?:->|→|=>) ?(?P<new>{_VERSION_TEXT})(?![\w])")
_BROKEN = re.compile(
    r"\b(?:since|starting (?:with|from|in|at)|started|starts|began|begins|beginning|as of|broke|broken|breaks|breaking"
    r"|regress\w*|introduced|first (?:seen|noticed|appear\w*|happen\w*|error|occur\w*|alert|report\w*)"
    r"|stopped|no longer|after (?:the )?(?:last "
    r"|latest )?(?:upgrad\w*|updat\w*|deploy\w*|releas\w*|roll\w*|migrat\w*|merg\w*|switch\w*|moving|install\w*|bump\w*)"
    r"|ever since|suddenly|all of a sudden"
    r"|fail\w*|crash\w*|errors?|wrong|does(?:n't| not) work|do(?:n't| not) work|not working|bug)\b",
    re.IGNORECASE,
)
_BEGAN = re.compile(
    r"\b(?:since|starting|started|starts|began|begins|as of|broke|breaks|regress\w*|introduced|first|stopped|after|appear\w*"
    r"|new in|from)\b",
    re.IGNORECASE,
)
_WORKED = re.compile(
    r"\b(?:work(?:s|ed|ing)?|(?:was|were|is|are|ran|runs|been|all"
    r"|just) (?:fine|ok(?:ay)?|good|correct|green|stable|healthy)|fine|good|correctly|used to|succeed\w*|pass(?:es|ed)"
    r"|no(?:t an?| a)? (?:problem|issue|error)s?|not (?:a|an) (?:problem|issue)"
    r"|not (?:present|happen\w*|occur\w*|affected|reproduc\w*)|(?:does|did)(?:n't"
    r"| not) (?:happen|occur|fail|crash|appear)|unaffected|last (?:known )?good|expected behaviou?r)\b",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\b(?:since|after|as of|starting|started|from)\b", re.IGNORECASE)
_BACK = re.compile(r"\b(?:downgrad\w*|revert\w*|roll\w* back|going back|went back|back to|pinn\w*|pin)\b", re.IGNORECASE)
_NOT_WORKED = re.compile(
    r"\b(?:(?:not|n't|never|no longer|stopped|hardly|doesnt|cannot|can't"
    r"|un)[ -]?(?:\w+ ){0,2}(?:work\w*|fine|correctly|ok)|work\w* around)\b",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"\b(?:until|till|til|up to|prior to|before|through)\b", re.IGNORECASE)
_NO_TROUBLE = re.compile(
    r"\b(?:deprecat\w*|(?:was|been|got|is|are) fixed|fixed in|available since|supported since|added in|new in version"
    r"|versionadded|requir\w*|at least|or (?:later|newer|higher)|copyright|user since|customer since|using (?:it|this) since"
    r"|released)\b",
    re.IGNORECASE,
)
_REGRESSION = re.compile(
    r"\b(?:regress(?:ion|ed|es)|used to (?:work|be)|no longer works?|stopped working|worked (?:before|fine|until)"
    r"|broke(?:n)? (?:after|since|by)|suddenly|all of a sudden)\b",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^\s{0,3}(?:```|~~~)")
_MARKUP = re.compile(r"<!--[^<>]{0,2000}-->|</?[a-z][^<>\n]{0,300}>|\bhttps?://\S{1,1000}")


@dataclass(frozen=True)
class Statement:
    """One clause that tells when it worked or since when it does not; without moment and version only that it is new."""

    kind: StatementKind
    said: str
    moment: Moment | None = None
    version: str = ""
    is_first: bool = True
    """Of a version: the first that is broken. Else only one that is (an older one may be too)."""


@dataclass(frozen=True)
class Window:
    """When the cause came into the code, as far as a report tells. Everything is None or empty if it tells nothing.

    `after` and `before` are aware moments (UTC if the report names no zone): the cause is later than the one and not later
    than the other. Versions are as written, without a leading v. `said` are the report's own words.
    """

    after: datetime | None = None
    before: datetime | None = None
    good_version: str | None = None
    bad_version: str | None = None
    said: str = ""


def read_window(text: str, reported_at: datetime | None, project: str = "") -> Window:
    """The window that a report tells. Relative times need `reported_at` (UTC if it is naive); without it they are left out.

    Versions of well-known other products ("upgraded to Python 3.12") are left out; `project` is the name of this one.
    """
    statements = read_statements(text, reported_at, project)
    good, bad = _versions_of(statements)
    worked = [entry.moment for entry in statements if entry.kind == "works_until" and entry.moment]
    began = [entry.moment for entry in statements if entry.kind == "broken_since" and entry.moment]
    before = min((moment.start if moment.is_span else moment.end for moment in began), default=None)
    after = max((moment.start for moment in worked if before is None or moment.start <= before), default=None)
    if after is None and began:
        after = min(moment.start for moment in began) - LEAD
    elif before is None and after is not None:
        before = _aware(reported_at)
    used = [entry for entry in statements if entry.moment or entry.version in (good, bad)]
    is_told = bool(after or before or good or bad)
    return Window(after, before, good, bad, "; ".join(dict.fromkeys(entry.said for entry in used)) if is_told else "")


def _versions_of(statements: list[Statement]) -> tuple[str | None, str | None]:
    """The last version that worked and the first that did not. One that merely fails says something beside one that works."""
    worked = [entry.version for entry in statements if entry.kind == "works_until" and entry.version]
    broken = [entry for entry in statements if entry.kind == "broken_since" and entry.version and entry.version not in worked]
    firsts = [entry.version for entry in broken if entry.is_first] or [entry.version for entry in broken if worked]
    bad = min(firsts, key=_numbers, default=None)
    older = [version for version in worked if bad is None or _numbers(version) < _numbers(bad)]
    return max(older or worked, key=_numbers, default=None), bad


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d{1,9}", version))


def read_statements(text: str, reported_at: datetime | None, project: str = "") -> list[Statement]:
    """What a report says of when it worked and since when it does not, in its order. Blocks of code are left out."""
    prose = _prose(text[:MAX_TEXT_CHARS])
    moments = deque(read_moments(prose, reported_at))
    found: list[Statement] = []
    for place, clause in clauses(prose):
        if len(found) >= MAX_STATEMENTS:
            break
        if not clause.strip():
            continue
        while moments and moments[0].place < place:
            moments.popleft()
        inside = [moment for moment in islice(moments, 8) if moment.place < place + len(clause)]
        found += _statements(place, clause[:1000], inside, project)
    return found


def _statements(place: int, clause: str, moments: list[Moment], project: str) -> Iterator[Statement]:
    said = " ".join(clause.split())[:200]
    moved = _MOVED.search(clause) or _ARROW.search(clause)
    if moved:
        if _is_other(clause[: moved.start("old")], project) or _is_other(f"{moved.groupdict().get('what') or ''} ", project):
            return
        old, new = _bare(moved["old"]), _bare(moved["new"])
        # Who went back says it the other way round.
        yield Statement("works_until", said, version=min(old, new, key=_numbers))
        yield Statement("broken_since", said, version=max(old, new, key=_numbers))
        return
    if _NO_TROUBLE.search(clause):
        return
    has_worked = bool(_WORKED.search(clause)) and not _NOT_WORKED.search(clause)
    is_back = bool(_BACK.search(clause))
    has_broken = bool(_BROKEN.search(clause))
    for start, version in _versions(clause, project):
        if not is_back and _began_later(clause, start):
            yield Statement("broken_since", said, version=version)
        elif is_back or (has_worked and not re.search(r"\b(?:since|broke)\b", clause, re.IGNORECASE)):
            yield Statement("works_until", said, version=version)
        elif has_broken or re.search(r"\b(?:since|as of|after)\b", clause, re.IGNORECASE):
            yield Statement("broken_since", said, version=version, is_first=_is_first(clause, start))
    for moment in moments:
        ahead = clause[: max(0, moment.place - place)]
        told = clause
        is_later = _began_later(clause, len(ahead) + len(moment.said))
        if is_later:
            # What stands before the comma is said of another time.
            ahead, told = ahead[ahead.rfind(",") + 1 :], clause[clause.rfind(",", 0, len(ahead) + 1) :]
        kind = _kind_of(ahead, told, moment, has_worked and not is_later)
        if kind:
            yield Statement(kind, said, moment=moment)
    if _REGRESSION.search(clause):
        yield Statement("regression", said)


def _began_later(clause: str, start: int) -> bool:
    """Whether a version or moment stands behind a comma and "after" or the like, and before the comma it says what worked."""
    comma = clause.rfind(",", 0, start)
    return (
        comma > 0
        and bool(_AFTER.search(clause[comma:start]))
        and bool(_WORKED.search(clause[:comma]))
        and not _WORKED.search(clause[comma:])
    )


def _is_first(clause: str, start: int) -> bool:
    """Whether the words before a version say that it began there."""
    return bool(_BEGAN.search(clause[max(0, start - 45) : start]) or re.search(r"\b(?:started|starts|began)\b", clause))


def _kind_of(ahead: str, clause: str, moment: Moment, has_worked: bool) -> StatementKind | None:
    """What a clause says of a moment in it: words right before the moment count most."""
    near = f"{ahead[-45:]} {moment.said}"
    if _UNTIL.search(near) and (has_worked or not _BEGAN.search(clause)):
        return "works_until" if not re.search(r"\bbefore\b", near, re.IGNORECASE) else "broken_since"
    if moment.is_span or re.search(r"\b(?:since|after|started|starting|began|as of|first|from)\b", near, re.IGNORECASE):
        is_trouble = not has_worked or bool(re.search(r"\bsince\b", near, re.IGNORECASE))
        return "broken_since" if is_trouble and (_BROKEN.search(clause) or not moment.is_span) else None
    if has_worked:
        return "works_until"
    return "broken_since" if _BEGAN.search(clause) and _BROKEN.search(clause) else None


def named_versions(text: str, project: str = "") -> list[str]:
    """Versions of this project that a text names, each once: without a leading v, and without those of other products."""
    return list(dict.fromkeys(version for _, version in _versions(text[:MAX_TEXT_CHARS], project)))


def _versions(text: str, project: str) -> Iterator[tuple[int, str]]:
    for match in _VERSION.finditer(text):
        if not _is_other(text[: match.start()], project):
            yield match.start(), _bare(match["version"])


def _is_other(ahead: str, project: str) -> bool:
    """Whether the words before a version name a well-known product that is not this one."""
    match = _OTHER_PRODUCT.search(ahead[-40:])
    return bool(match and match["product"].lower() != project.rsplit("/", 1)[-1].lower())


def _bare(version: str) -> str:
    return version.strip().lstrip("vV").strip(". ")


def _prose(text: str) -> str:
    """The text without blocks of code, tags, addresses and marks around words."""
    kept: list[str] = []
    is_code = False
    for line in _MARKUP.sub(" ", text).split("\n"):
        if _FENCE.match(line):
            is_code = not is_code
            kept.append("")
        else:
            kept.append("" if is_code or line.startswith(("    ", "\t", ">>>")) else line)
    return "\n".join(kept).replace("`", "").replace("**", "")


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
