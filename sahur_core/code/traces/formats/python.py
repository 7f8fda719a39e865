"""Python: plain, quoted, IPython and rich tracebacks, chains, exception groups, `SyntaxError` blocks and faulthandler."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sahur_core.code.traces.formats.reading import Found, innermost, shortened, slashed
from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.lines import ReportLines

FRAME = re.compile(r'File "(?P<path>[^"\n]{1,500})", line (?P<line>\d{1,7})(?:,? in (?P<function>[^\n]{1,200}))?')
_IPYTHON_FILE = re.compile(
    r"^\W{0,4}File (?P<path>[^\s\"][^\n\"]{0,400}?\.\w{1,5}):(?P<line>\d{1,7})(?:, in (?P<function>[^\n]{1,300}))?\s*$"
)
_CELL = re.compile(
    r"^\W{0,4}(?P<path>(?:Cell |Input )In ?\[\d{1,5}\])(?:, line (?P<line>\d{1,7}))?(?:, in (?P<function>[^\n]{1,200}))?\s*$"
)
_IPYTHON_OLD = re.compile(
    r"^(?P<path>(?:~|/|\.|[A-Za-z]:|<ipython-input-|[\w\-]{1,100}/)[^\n]{0,400}?(?:\.\w{1,5}|>)) in "
    r"(?P<function><[\w ]{1,30}>(?:\(\))?|[\w.]{1,200}\([^\n]{0,400})\s*$"
)
_ARROW = re.compile(r"^\s{0,8}-{1,10}> ?(?P<line>\d{1,7}) ?(?P<code>.{0,400})$")
_CONTEXT = re.compile(r"^\s{0,8}\d{1,7}(?: .{0,400})?$")
_RICH = re.compile(
    r"^[│|]\s(?P<path>[^\s│][^│\n]{0,400}?\.\w{1,5}|<[\w \-]{1,80}>):(?P<line>\d{1,7}) in "
    r"(?P<function>[^\s│]{1,200})\s{0,300}[│|]?\s*$"
)
_RICH_CODE = re.compile(r"^[│|]\s{1,3}(?P<mark>❱)?\s{0,8}\d{1,7} │ ?(?P<code>.{0,400}?)\s{0,300}[│|]?\s*$")
_RICH_BOX = re.compile(r"^[╭╰│|├└┌]")
_START = re.compile(r"Traceback \(most recent call last\)")
_COLAB = re.compile(r"^\[(?P<path>[^\]\n]{1,400})\]\(https?://[^)\n]{0,300}\)(?= in |:)")
_GROUP_MARGIN = re.compile(r"^(?P<depth>\s{0,60})(?:\| ?|\+-\+-{3,}|\+-{4,}|\+ )")
_NEXT_IN_GROUP = re.compile(r"^\s{0,60}\+(?:-\+)?-{4,}(?: (?P<number>\d{1,4}) -{4,}|\s*$)")
_LINKS = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another",
)
_EXCEPTION = re.compile(
    r"^(?:Uncaught )?(?P<type>(?:[A-Za-z_]\w{0,99}\.){0,9}[A-Z]\w{0,99}|(?:[a-z_]\w{0,99}\.){1,9}[a-z]\w{0,99}|timeout|error)"
    r"(?:: ?(?P<message>.{0,1000}))?\s*$"
)
_TYPICAL = re.compile(r"(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Group|Failure|DoesNotExist|Refused|NotFound)$")
_FATAL = re.compile(r"Fatal Python error: (?P<message>.{1,300})$|^(?P<timeout>Timeout \([\d:.]{1,20}\)!)")
_REPEATED = re.compile(r"^\s*\[Previous line repeated \d+ more times?\]|^\s*\.\.\.\s*(?:<\d+ lines>\.\.\.)?\s*$")
_PARAMETER = re.compile(r"^\s{0,20}(?:\.\.\.|…)")
_MAX_GAP = 5
"""Lines between two frames that are neither frame nor code: elisions, values of variables."""


@dataclass
class _Part:
    """One exception of a chain or group while it is gathered. `depth` is the column of a group's bar, 0 outside."""

    depth: int = 0
    frames: list[Frame] = field(default_factory=list)
    exception: str = ""
    message: str = ""

    @property
    def is_ended(self) -> bool:
        return bool(self.exception)

    def trace(self) -> StackTrace:
        return StackTrace(innermost(self.frames), self.exception, shortened(self.message), "python")


def starts_python(line: str) -> bool:
    """Whether a traceback may begin here."""
    return 'File "' in line or "Traceback (" in line or "(most recent call " in line or _is_other_frame(line)


def read_python(lines: ReportLines, start: int, floor: int) -> Found | None:
    if "(most recent call first)" in lines.clean[start]:
        return _read_faulthandler(lines, start, floor)
    return _Gathering(lines, start).read()


class _Gathering:
    """Goes down the lines of one chain of tracebacks."""

    def __init__(self, lines: ReportLines, start: int) -> None:
        self._lines = lines.clean
        self._start = start
        self._parts = [_Part()]
        self._hidden: list[int] = []
        self._column = 0
        """Where the last `File` stood: code is further in, the exception further out."""
        self._is_ipython = False
        self._last = start
        self._awaits_code = False

    def read(self) -> Found | None:
        number = self._start
        while number < len(self._lines):
            if not self._take(number):
                break
            number += 1
        parts = [part for part in self._parts if part.frames]
        if not parts:
            return None
        return Found(_in_order(parts), self._last + 1, self._hidden)

    def _take(self, number: int) -> bool:
        """Whether the line belongs to the chain."""
        line = self._lines[number]
        part = self._parts[-1]
        if self._take_frame(number, line):
            return True
        margin = _GROUP_MARGIN.match(line)
        depth = len(margin["depth"]) + 1 if margin else 0
        if depth and self._parts[0].depth and (separator := _NEXT_IN_GROUP.match(line)):
            return self._separate(number, separator)
        if _START.search(line):
            has_begun = any(earlier.frames for earlier in self._parts)
            if number > self._start and (not has_begun or not (part.is_ended or depth or not part.frames)):
                return False  # another traceback, where the end of this one is missing
            if number > self._start and part.is_ended and not (self._is_inside(depth) or self._is_linked(number)):
                return False
            if part.frames or part.is_ended:
                self._parts.append(_Part())
            self._parts[-1].depth = depth
            return self._hide(number)
        text = line[margin.end() :] if margin else line
        if self._is_boxed(line):
            return self._take_code(number, line)
        if part.is_ended:
            return self._after_end(number, text)
        if part.frames and (ended := self._exception(text)):
            part.exception, part.message = ended
            self._last = number
            self._awaits_code = False
            return True
        return self._take_code(number, text)

    def _take_frame(self, number: int, line: str) -> bool:
        match = FRAME.search(line)
        if line.startswith("[") and "](" in line:
            line = _COLAB.sub(lambda link: link["path"], line, count=1)
        other = None if match else _other_frame(line) or (_IPYTHON_OLD.match(line) if " in " in line else None)
        part = self._parts[-1]
        if match is None and other is None:
            return False
        if part.is_ended:
            if not self._continues(number):
                return False
            self._parts.append(_Part(part.depth))
            part = self._parts[-1]
        if match:
            self._column = match.start()
            part.frames.append(Frame(slashed(match["path"]), int(match["line"]), _function(match["function"])))
        elif other:
            self._is_ipython = self._is_ipython or not line.startswith(("│", "|"))
            self._column = 0
            part.frames.append(
                Frame(
                    slashed(other["path"]),
                    int(other["line"] or 0) if "line" in other.groupdict() else 0,
                    _function(other["function"]),
                )
            )
        self._awaits_code = True
        return self._hide(number)

    def _continues(self, number: int) -> bool:
        """A further traceback without its heading, as the last lines of a log hold it, only behind a link."""
        return self._is_linked(number)

    def _separate(self, number: int, separator: re.Match[str]) -> bool:
        """The line before a member of a group, or behind the last one."""
        if self._parts[-1].frames or self._parts[-1].is_ended:
            self._parts.append(_Part(self._parts[0].depth))
        self._hide(number)
        following = self._lines[number + 1] if number + 1 < len(self._lines) else ""
        return bool(separator["number"]) or bool(_GROUP_MARGIN.match(following))

    def _is_inside(self, depth: int) -> bool:
        """Whether a heading in this column belongs to the group that was opened before."""
        return bool(depth and self._parts[0].depth and depth > self._parts[0].depth)

    def _is_linked(self, number: int) -> bool:
        return any(link in line for line in self._lines[max(self._start, number - 5) : number] for link in _LINKS)

    def _after_end(self, number: int, text: str) -> bool:
        """Behind an exception: empty lines, a link to the next one, or the end."""
        if any(link in text for link in _LINKS):
            self._parts.append(_Part(self._parts[-1].depth))
            self._last = number
            return True
        following = self._lines[number + 1 : number + 4]
        is_linked = any(link in line for line in following for link in _LINKS)
        is_group = self._parts[0].depth > 0
        is_in_group = is_group and bool(_GROUP_MARGIN.match(self._lines[number])) and number - self._last <= _MAX_GAP
        is_group_ahead = is_group and any(_NEXT_IN_GROUP.match(line) for line in following)
        return is_linked or is_in_group or is_group_ahead or (not text.strip() and number - self._last <= 2)

    def _take_code(self, number: int, text: str) -> bool:
        """Code, marks below it, context with line numbers; or one of a few lines that are nothing."""
        part = self._parts[-1]
        arrow = _ARROW.match(text) if "> " in text else None
        rich = _RICH_CODE.match(text) if text[:1] in "│|" and text else None
        if arrow and part.frames:
            frame = part.frames[-1]
            part.frames[-1] = Frame(frame.path, frame.line or int(arrow["line"]), frame.function, arrow["code"].strip())
            self._awaits_code = False
            return self._hide(number)
        if rich and part.frames:
            if rich["mark"]:
                frame = part.frames[-1]
                part.frames[-1] = Frame(frame.path, frame.line, frame.function, rich["code"].strip())
            return self._hide(number)
        if self._is_boxed(text) or (self._is_ipython and _CONTEXT.match(text)):
            return self._hide(number)
        if _is_marks(text) or _REPEATED.match(text):
            return self._hide(number)
        if self._awaits_code and part.frames and text.strip() and not self._is_ipython:
            self._awaits_code = False
            frame = part.frames[-1]
            part.frames[-1] = Frame(frame.path, frame.line, frame.function, text.strip(" \t>|"))
            return self._hide(number)
        is_inner = bool(text.strip()) and len(text) - len(text.lstrip()) > self._column and bool(part.frames)
        if is_inner and not self._is_ipython:
            return self._hide(number)
        # A traceback opens with its heading: its first frame may be a few lines below, elided code between frames too.
        return number - self._last <= (_MAX_GAP if part.frames or number == self._start else 3)

    def _exception(self, text: str) -> tuple[str, str] | None:
        """The line that ends a traceback: further out than its frames, and a type's name at its start."""
        stripped = text.lstrip(" \t")
        indent = len(text) - len(stripped)
        if _is_marks(text) or (indent and indent >= self._column and not self._is_ipython):
            return None
        if indent > 3 and self._column == 0:
            return None
        match = _EXCEPTION.match(stripped.strip("\"'") if stripped.startswith(('"', "'")) else stripped)
        if match is None:
            return None
        is_typical = bool(_TYPICAL.search(match["type"]))
        if self._awaits_code and self._column == 0 and not is_typical and not self._is_ipython:
            return None  # indentation was lost: the line below a frame is its code
        if match["message"] is None and not is_typical and "." not in match["type"] and " " in text.strip():
            return None
        return match["type"], match["message"] or ""

    @staticmethod
    def _is_boxed(text: str) -> bool:
        return bool(_RICH_BOX.match(text)) and not text.startswith("| ")

    def _hide(self, number: int) -> bool:
        self._hidden.append(number)
        self._last = number
        return True


def _in_order(parts: list[_Part]) -> list[StackTrace]:
    """As printed, for Python prints causes first; of a group its members come before itself."""
    if any(part.depth for part in parts):
        parts = sorted(parts, key=lambda part: -part.depth)
    return [part.trace() for part in parts]


def _other_frame(line: str) -> re.Match[str] | None:
    """A frame as IPython or rich print it."""
    if line.startswith(("│", "| ")):
        return _RICH.match(line)
    if "In[" in line or "In [" in line:
        return _CELL.match(line)
    if "File " in line[:12]:
        return _IPYTHON_FILE.match(line)
    return None


def _is_other_frame(line: str) -> bool:
    return _other_frame(line) is not None


def _function(name: str | None) -> str:
    """The name without the values of its arguments."""
    bare = (name or "").strip().split("(", 1)[0].rstrip(" :")
    if bare.startswith("<"):
        return "" if bare.startswith("<cell") else bare
    return bare.rsplit(".", 1)[-1]


def _is_marks(line: str) -> bool:
    """The line of `^^^` that Python puts below the code."""
    return ("^" in line or "~" in line) and not line.strip(" \t~^>|│")


def _read_faulthandler(lines: ReportLines, start: int, floor: int) -> Found | None:
    """Frames are printed innermost first; of several threads the first one printed is the current one."""
    frames: list[Frame] = []
    hidden = [start]
    number = start + 1
    is_first = True
    while number < len(lines.clean):
        line = lines.clean[number]
        match = FRAME.search(line)
        if "(most recent call first)" in line:
            is_first = is_first and not frames
        elif match and is_first:
            frames.append(Frame(slashed(match["path"]), int(match["line"]), _function(match["function"])))
        elif match is None and line.strip() and not _PARAMETER.match(line):
            break
        if line.strip():
            hidden.append(number)
        number += 1
    if not frames:
        return Found([], number) if number > start + 1 else None
    kind, message = "", ""
    for line in reversed(lines.clean[max(floor, start - 4) : start]):
        fatal = _FATAL.search(line)
        if fatal:
            kind, message = "Fatal Python error", fatal["message"] or fatal["timeout"]
            break
    return Found([StackTrace(innermost(frames[::-1]), kind, shortened(message), "python")], number, hidden)
