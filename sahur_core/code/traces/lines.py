"""The lines of a report as a program printed them: without colors, quoting, escapes and what log pipelines put in front."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

MAX_LINE_CHARS = 4000
MAX_ESCAPED_CHARS = 2_000_000
"""Of one line that holds a whole escaped trace."""
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]{0,30}[A-Za-z]|\][^\x07\x1b\n]{0,200}(?:\x07|\x1b\\)|[()][A-Z0-9])")
_ESCAPED_ANSI = re.compile(r"\\u001[bB]\[[0-9;]{0,30}m|\\(?:x1b|033|e)\[[0-9;]{0,30}m")
_ENTITY = re.compile(r"&(?:lt|gt|quot|amp|nbsp|apos|#\d{1,5}|#x[0-9a-fA-F]{1,4});")
# A line of a log that holds a trace with its line ends escaped once or twice.
_ESCAPED = re.compile(
    r'\\n(?:\\t|\\\\t| |\\n)*(?:File \\|File "|at [\w.$<\\(/]|#\d{1,3} |Traceback|goroutine |from [\w./]|[\w./\-]{1,200}\.(?:go|rb|php|rs):\d'
    r"|\w{1,80}(?:Error|Exception))|most recent call last\):\\"
)
_ESCAPE = re.compile(r"\\+(?:r\\+n|[nrt\"'/\\])")
_ESCAPES = {"n": "\n", "t": "\t", "r": "", '"': '"', "'": "'", "/": "/", "\\": "\\"}
_TIME = (
    r"[\[(]?(?:\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
    r"|\d\d[./]\d\d[./]\d{2,4},? \d\d:\d\d:\d\d(?:[.,]\d{1,9})?|\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d)[\])]?"
)
_LEVEL = r"[\[<(]?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE|trace|debug|info|warn|warning|error|fatal)[\]>)]?"
_MARKED = r"\[[\w./:@\- ]{1,80}\]|\(?\b(?:stdout|stderr)\b\)?(?: [FP](?= ))?"
# Docker, compose, foreman: a name and a bar. Syslog and heroku: a host, a program with its number and a colon.
_SOURCE = re.compile(r"^(?:[\w.\-/]{1,80} {0,20}\| ?|[\w.\-/]{1,80}\[[\w.\-]{1,40}\]: )")
_PREFIX = re.compile(
    rf"^(?:{_TIME}|{_LEVEL}(?=[:\s]*(?:[\[<(]|{_TIME})))"
    rf"(?:[ :|\-]{{0,4}}(?:{_TIME}|{_LEVEL}(?=[\s:|\-\[]|$)|{_MARKED}|(?:[\w.\-]{{1,60}} )?[\w.\-/]{{1,60}}\[[\w.\-]{{1,40}}\]:))*"
    rf"(?: {{0,4}}[:|]|(?: [\w.$\-]{{1,80}})? -(?= )| ---(?= ))? ?"
)
_KUBERNETES = re.compile(
    r"^\[?(?:pod/)?[a-z0-9][a-z0-9.\-]{2,60}-[a-z0-9]{4,10}(?:[ /][a-z0-9][a-z0-9\-]{0,60})?\]? (?=\s|at |File |Traceback|\w+(?:Error|Exception))"
)
_QUOTE = re.compile(r"^(?: {0,3}>(?!>> ) ?){1,9}(?!>> )")
_BULLET = re.compile(r"^[ \t]{0,12}(?:[*+•]|-(?!-)|\d{1,3}[.)])[ \t]+(?=at |File \"|from |#\d|Traceback|[\w./\-]{1,200}:\d)")
_COMMENT = re.compile(r"^(?:#|//|--|;)(?: |$)(?=\s{0,8}(?:at |File \"|from |Traceback))")


@dataclass(frozen=True)
class ReportLines:
    """`clean[i]` is what readers see, `raw[i]` what stood there; an escaped trace in one line becomes several lines."""

    clean: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)


def split_lines(text: str) -> ReportLines:
    """Every line of a text, cleaned. Lines longer than any frame are cut in `clean`, never in `raw`."""
    lines = ReportLines()
    has_colors = "\x1b" in text
    has_entities = "&" in text and bool(_ENTITY.search(text))
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        parts = _unescape(raw) if "\\" in raw else None
        for part in [raw] if parts is None else parts:
            clean = part[:MAX_LINE_CHARS]
            if has_colors and "\x1b" in clean:
                clean = _ANSI.sub("", clean)
            if has_entities and "&" in clean:
                clean = html.unescape(clean).replace("\xa0", " ")
            lines.clean.append(strip_prefix(clean))
            lines.raw.append(raw if parts is None else part)
    return lines


def strip_prefix(line: str) -> str:
    """The line without quote marks, list bullets and what loggers and containers put before it; its indentation stays."""
    if not line or line.isspace():
        return ""
    first = line[0]
    if first in " \t":
        rest = line.lstrip(" \t")
        if rest[0] not in ">*+-•1234567890":
            return line
    elif first == ">" or line[:4].lstrip(" ").startswith(">"):
        line = _QUOTE.sub("", line, count=1)
    if "|" in line[:82] or "]: " in line[:124]:
        line = _SOURCE.sub("", line, count=1)
    start = line[:1]
    if start and (start in "[(<" or start.isalnum()):
        line = _PREFIX.sub("", line, count=1)
        if start != "<" and "-" in line[:64]:
            line = _KUBERNETES.sub("", line, count=1)
    elif line.lstrip(" ")[:1] == ">":
        line = _QUOTE.sub("", line, count=1)
    if line[:13].lstrip(" \t")[:1] in tuple("*+-•1234567890"):
        line = _BULLET.sub("", line, count=1)
    elif line[:1] in ("#", "/", ";", "-"):
        line = _COMMENT.sub("", line, count=1)
    return line


def _unescape(line: str) -> list[str] | None:
    """The lines of a trace whose line ends were written as `\\n`; None if the line holds none."""
    head = line[:MAX_ESCAPED_CHARS]
    if "\\n" not in head or not _ESCAPED.search(head):
        return None
    plain = _ESCAPE.sub(lambda match: _ESCAPES[match[0][-1]], _ESCAPED_ANSI.sub("", head))
    return plain.split("\n")
