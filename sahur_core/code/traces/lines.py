"""The lines of a report as a program printed them: without colors, quoting, escapes and what log pipelines put in front."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from sahur_core.code.traces.margins import cut_margins

MAX_LINE_CHARS = 4000
MAX_ESCAPED_CHARS = 2_000_000
"""Of one line that holds a whole escaped trace."""
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]{0,30}[A-Za-z]|\][^\x07\x1b\n]{0,200}(?:\x07|\x1b\\)|[()][A-Z0-9])")
_ESCAPED_ANSI = re.compile(r"\\+(?:u001[bB]|x1b|033)\[[0-9;]{0,30}m")
_ENTITY = re.compile(r"&(?:lt|gt|quot|amp|nbsp|apos|#\d{1,5}|#x[0-9a-fA-F]{1,4});")
# A line of a log that holds a trace with its line ends escaped once or more often.
_ESCAPED = re.compile(
    r"(?P<slashes>\\{1,8})n(?:\\{1,8}[nt]| ){0,8}"
    r"(?:File \\{0,8}[\"']|at [\w.$<\\(/]|#\d{1,3} |Traceback|goroutine |from [\w./]"
    r"|[\w./\-]{1,200}\.(?:go|rb|php|rs):\d|\w{1,80}(?:Error|Exception))"
)
_ESCAPE = re.compile(r"\\+(?:r\\+n|[nrt\"'/\\])")
_ESCAPES = {"n": "\n", "t": "\t", "r": "", '"': '"', "'": "'", "/": "/", "\\": "\\"}
_TIME = (
    r"[\[(]?(?:\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
    r"|\d\d[./]\d\d[./]\d{2,4},? \d\d:\d\d:\d\d(?:[.,]\d{1,9})?|\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d)[\])]?"
)
_LEVEL = (
    r"[\[<(]?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE"
    r"|trace|debug|info|warn|warning|error|fatal)[\]>)]?"
)
_MARKED = r"\[[\w./:@\- ]{1,80}\]|\(?\b(?:stdout|stderr)\b\)?(?: [FP](?= ))?"
_PROGRAM = r"(?:[\w.\-]{1,60} )?[\w.\-/]{1,60}\[[\w.\-]{1,40}\]:"
# Docker, compose, foreman: a name and a bar. Syslog and heroku: a host, a program with its number and a colon.
_SOURCE = re.compile(r"^(?:[\w.\-/]{1,80} {0,20}\| ?|(?!error|warning)[\w.\-/]{1,80}\[[\w.\-]{1,40}\]: )")
_PREFIX = re.compile(
    rf"^(?:{_TIME}|{_LEVEL}(?=[:\s]*(?:[\[<(]|{_TIME})))"
    rf"(?:[ :|\-]{{0,4}}(?:{_TIME}|{_LEVEL}(?=[\s:|\-\[]|$)|{_MARKED}|{_PROGRAM}))*"
    rf"(?: {{0,4}}[:|]|(?: [\w.$\-]{{1,80}})? -(?= )| ---(?= ))? ?"
)
_KUBERNETES = re.compile(
    r"^\[?(?:pod/)?[a-z0-9][a-z0-9.\-]{2,60}-[a-z0-9]{4,10}(?:[ /][a-z0-9][a-z0-9\-]{0,60})?\]? "
    r"(?=\s|at |File |Traceback|\w{1,80}(?:Error|Exception))"
)
_QUOTE = re.compile(r"^(?: {0,3}>(?!>> ) ?){1,9}(?!>> )")
_BULLET = re.compile(r"^[ \t]{0,12}(?:[*+•]|-(?!-)|\d{1,3}[.)])[ \t]{1,8}(?=at |File \"|from |#\d|Traceback|[\w./\-]{1,200}:\d)")


@dataclass(frozen=True)
class ReportLines:
    """`clean[i]` is what readers see, `raw[i]` what stood there; an escaped trace in one line becomes several lines."""

    clean: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)


def split_lines(text: str) -> ReportLines:
    """Every line of a text, cleaned. Lines longer than any frame are cut in `clean`, never in `raw`."""
    clean: list[str] = []
    raws: list[str] = []
    has_colors = "\x1b" in text
    has_entities = "&" in text and bool(_ENTITY.search(text))
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        parts = _unescape(raw) if "\\" in raw else None
        for part in [raw] if parts is None else parts:
            line = part[:MAX_LINE_CHARS]
            if has_colors and "\x1b" in line:
                line = _ANSI.sub("", line)
            if has_entities and "&" in line:
                line = html.unescape(line).replace("\xa0", " ")
            clean.append(line)
            raws.append(raw if parts is None else part)
    cut = cut_margins(clean)
    return ReportLines([line if number in cut else strip_prefix(line) for number, line in enumerate(clean)], raws)


def strip_prefix(line: str) -> str:
    """The line without quote marks, list bullets and what loggers and containers put before it; its indentation stays."""
    if not line or line.isspace():
        return ""
    if line[0] in " \t":
        if line.lstrip(" \t")[0] not in ">*+-•1234567890":
            return line
    elif line[0] == ">":
        line = _QUOTE.sub("", line, count=1)
    if "|" in line[:102] or "]: " in line[:124]:
        line = _SOURCE.sub("", line, count=1)
    start = line[:1]
    if start and (start in "[(<" or start.isalnum()):
        line = _PREFIX.sub("", line, count=1)
        if start != "<" and "-" in line[:64]:
            line = _KUBERNETES.sub("", line, count=1)
    elif line[:4].lstrip(" ")[:1] == ">":
        line = _QUOTE.sub("", line, count=1)
    if line[:13].lstrip(" \t")[:1] in tuple("*+-•1234567890"):
        line = _BULLET.sub("", line, count=1)
    return line


def _unescape(line: str) -> list[str] | None:
    """The lines of a trace whose line ends were written as `\\n`; None if the line holds none."""
    head = line[:MAX_ESCAPED_CHARS]
    match = _ESCAPED.search(head) if "\\n" in head else None
    if match is None:
        return None
    # Where a line end has k backslashes, the quotes around the string have k - 1, and those within it have more.
    slashes = len(match["slashes"]) - 1
    quote = re.compile(rf'(?<!\\)\\{{{slashes}}}"')
    if not re.search(rf'File (?<!\\)\\{{{slashes}}}"', head):
        head = quote.sub(r"\\n", head)
    plain = _ESCAPE.sub(lambda found: _ESCAPES[found[0][-1]], _ESCAPED_ANSI.sub("", head))
    lines = plain.split("\n")
    return [lines[0].lstrip("'\""), *lines[1:-1], lines[-1].rstrip("'\"}],; ")]
