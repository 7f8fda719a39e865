"""Java, Kotlin, Scala, Groovy: frames name class and file, from which the path in the source tree follows."""

from __future__ import annotations

import re

from sahur_core.code.traces.formats.reading import MAX_HEAD_LINES, Found, exception_of, is_gap, outermost_first, shortened
from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.lines import ReportLines

_FRAME = re.compile(
    r"^\s{0,40}(?:at )(?P<loader>(?:[\w.\-@ ]{0,80}/){0,2})(?P<call>[\w$.<>\-]{1,400}|[\w$.]{1,300}\.[^()/:]{1,150})"
    r"\((?P<place>[\w$\-.]{1,120}\.(?:java|kts?|scala|groovy|clj)(?::-?\d{1,7})?|Unknown Source|Native Method|<generated>"
    r"|SourceFile(?::\d{1,7})?)\)"
    r"(?:\s{0,3}~?\[[^\]\n]{0,200}\])?\s*$"
)
_MORE = re.compile(r"^\s{0,40}\.\.\. \d{1,6} (?:more|common frames omitted|frames? \w+)")
_LINK = re.compile(r"^\s{0,40}(?P<word>Caused by|Suppressed|Wrapped by):\s")
_CIRCULAR = re.compile(r"^\s{0,40}\[?CIRCULAR REFERENCE")
_THREAD = re.compile(r'^Exception in thread "[^"\n]{0,300}" (?P<rest>.*)$')
_TYPE = re.compile(r"^(?P<type>(?:[a-z_][\w$]{0,60}\.){1,12}[A-Z][\w$]{0,100})(?:: ?(?P<message>.*))?$")
_LAMBDA = re.compile(r"^(?:lambda\$|\$anonfun\$|access\$)(?P<name>[A-Za-z_]\w{0,99})(?:\$\d+)*")
_SUFFIX = re.compile(r"\$(?:\d+|default|suspendImpl|lambda|original|extension)(?:\$\d+)*$")


def read_jvm(lines: ReportLines, start: int, floor: int) -> Found | None:
    if not _FRAME.match(lines.clean[start]):
        return None
    kind, message = _head(lines, start, floor)
    blocks: list[tuple[str, str, str, list[Frame]]] = [("", kind, message, [])]
    hidden: list[int] = []
    number, last = start, start
    while number < len(lines.clean) and number - last <= MAX_HEAD_LINES:
        line = lines.clean[number]
        match = _FRAME.match(line)
        link = None if match else _LINK.match(line)
        if match:
            frame = _frame(match)
            if frame:
                blocks[-1][3].append(frame)
            hidden.append(number)
            last = number
        elif _MORE.match(line) or _CIRCULAR.match(line):
            hidden.append(number)
            last = number
        elif link:
            kind, message = _named(line[link.end() :]) or ("", "")
            blocks.append((link["word"], kind, message, []))
            last = number
        elif not (blocks[-1][0] and not blocks[-1][3]) and not is_gap(lines, number, _FRAME.match):
            break  # only a cause's message goes on over several lines before its first frame
        number += 1
    return Found(_in_order(blocks), last + 1, hidden)


def _in_order(blocks: list[tuple[str, str, str, list[Frame]]]) -> list[StackTrace]:
    """The root cause first. `Wrapped by` is printed below its cause, `Caused by` above it; what was suppressed is last."""
    chain: list[StackTrace] = []
    suppressed: list[StackTrace] = []
    is_inside_suppressed = False
    for word, kind, message, frames in blocks:
        trace = StackTrace(outermost_first(frames), kind, message, "jvm")
        is_inside_suppressed = word == "Suppressed"
        if not frames:
            continue
        if is_inside_suppressed:
            suppressed.append(trace)
        elif word == "Wrapped by":
            chain.append(trace)
        else:
            chain.insert(0, trace)
    return chain + suppressed


def _frame(match: re.Match[str]) -> Frame | None:
    call, place = match["call"], match["place"]
    owner, _, method = call.rpartition(".")
    file, _, line = place.partition(":")
    simple = owner.rsplit(".", 1)[-1].split("$", 1)[0]
    if place == "Native Method":
        return None
    if file in ("Unknown Source", "<generated>", "SourceFile"):
        if not simple or "$$" in call or simple.startswith("$"):
            return None
        file = f"{simple.removesuffix('Kt')}.kt" if simple.endswith("Kt") and len(simple) > 2 else f"{simple}.java"
    number = int(line) if line.isdigit() else 0
    packages = owner.split(".")[:-1]
    return Frame("/".join([*packages, file]), number, _bare(method, simple), qualified=call)


def _bare(method: str, class_name: str) -> str:
    """The method as it stands in the source."""
    if method == "<init>":
        return class_name
    if method.startswith("<"):
        return ""
    inner = _LAMBDA.match(method)
    name = inner["name"] if inner else _SUFFIX.sub("", method)
    if name.endswith("$") or name in ("new", "static"):
        return ""
    return name.split("-", 1)[0] if "-" in name and " " not in name else name


def _head(lines: ReportLines, start: int, floor: int) -> tuple[str, str]:
    for number in range(start - 1, max(floor, start - 1 - MAX_HEAD_LINES) - 1, -1):
        named = _named(lines.clean[number])
        if named:
            return named
    return "", ""


def _named(line: str) -> tuple[str, str] | None:
    text = line.strip()
    thread = _THREAD.match(text)
    if thread:
        text = thread["rest"]
    match = _TYPE.match(text)
    if match:
        return match["type"], shortened(match["message"])
    named = exception_of(text)
    if named:
        return named
    # A logger's words may stand before the type: `Request failed: java.io.IOException: closed`.
    for mark in (": ", " - ", " "):
        for at in _places(text, mark):
            match = _TYPE.match(text[at:])
            if match and match["type"].endswith(("Exception", "Error")):
                return match["type"], shortened(match["message"])
    return None


def _places(text: str, mark: str) -> list[int]:
    """Up to eight places right behind a mark."""
    found: list[int] = []
    at = text.find(mark)
    while at >= 0 and len(found) < 8:
        found.append(at + len(mark))
        at = text.find(mark, at + 1)
    return found
