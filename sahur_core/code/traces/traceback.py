"""Stack frames in a report, and the files of the repository they mean.

Python tracebacks are read whole (frames, the line of code, the exception); of Node, Java and Go traces only the frames
and the first line. Pasted text is often quoted, indented or prefixed by a logger: frames are found anywhere in a line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

MAX_FRAMES = 200
MAX_LINE_CHARS = 4000
_PYTHON = re.compile(r'File "(?P<path>[^"\n]{1,500})", line (?P<line>\d{1,7})(?:, in (?P<function>[^\n]{1,200}))?')
_NODE = re.compile(
    r"^\W{0,20}at (?:(?P<function>[\w$.<> \[\]]{1,200}) \()?(?:file://)?(?P<path>[^\s():]{1,500}):(?P<line>\d{1,7}):\d+\)?\s*$"
)
_JAVA = re.compile(
    r"^\W{0,20}at (?P<function>[\w.$<>/]{1,300})\((?P<path>[\w$]+\.(?:java|kt|scala|groovy)):(?P<line>\d{1,7})\)\s*$"
)
_GO = re.compile(r"^\W{0,20}(?P<path>[^\s:]{1,500}\.go):(?P<line>\d{1,7})(?: \+0x[0-9a-f]+)?\s*$")
_START = re.compile(r"Traceback \(most recent call last\)|goroutine \d+ \[")
_EXCEPTION = re.compile(
    r"^\W{0,10}(?:Uncaught )?(?P<type>(?:[A-Za-z_]\w{0,99}\.){0,9}[A-Z]\w{0,99}|(?:[a-z_]\w{0,99}\.){1,9}[a-z]\w{0,99})"
    r"(?:: (?P<message>.{0,1000}))?\s*$"
)
_STANDARD = re.compile(
    r"/lib(?:64)?/python\d[\d.]*/(?!site-packages/|dist-packages/)|^<|^node:|/node_modules/|/usr/local/go/src/"
)
_INSTALLED = re.compile(r"^.*/(?:site|dist)-packages/")
_NODE_OR_JAVA_HEAD = re.compile(
    r"^\W{0,10}(?:Exception in thread \S+ |Caused by: )?(?P<type>[\w.$]*(?:Error|Exception))(?:: (?P<message>.*))?$"
)
_ENVIRONMENT_NAMES = """
    OSError IOError TimeoutError ConnectionError ConnectionRefusedError ConnectionResetError BrokenPipeError PermissionError
    gaierror timeout SSLError URLError ReadTimeout ConnectTimeout MemoryError
"""
_ENVIRONMENT = frozenset(_ENVIRONMENT_NAMES.split())


@dataclass(frozen=True)
class Frame:
    """One call of a stack. `code` is the line of code that the report shows, if it does."""

    path: str
    line: int
    function: str = ""
    code: str = ""


@dataclass(frozen=True)
class StackTrace:
    """Frames with the outermost call first, and the exception that ended them."""

    frames: tuple[Frame, ...]
    exception: str = ""
    message: str = ""

    @property
    def is_environmental(self) -> bool:
        """Raised by the system or network below the code: the frames show where it surfaced, not what is wrong."""
        return self.exception.rsplit(".", 1)[-1] in _ENVIRONMENT


@dataclass
class _Block:
    """Lines of one trace while they are gathered."""

    inner_first: bool
    frames: list[Frame] = field(default_factory=list)
    exception: str = ""
    message: str = ""

    def close(self) -> Iterator[StackTrace]:
        if self.frames:
            frames = self.frames[::-1] if self.inner_first else self.frames
            yield StackTrace(tuple(frames[-MAX_FRAMES:]), self.exception, self.message.strip())


def parse_traces(text: str) -> list[StackTrace]:
    """Every stack trace of a text, in its order (of chained Python exceptions the cause comes first)."""
    return list(_traces(_lines(text)))


def _traces(lines: list[str]) -> Iterator[StackTrace]:
    block = _Block(inner_first=False)
    for number, line in enumerate(lines):
        python = _PYTHON.search(line)
        other = None if python else _NODE.match(line) or _JAVA.match(line) or _GO.match(line)
        if _START.search(line) or (block.frames and (python or other) and bool(other) != block.inner_first):
            yield from block.close()
            block = _Block(inner_first=bool(other))
        if python:
            block.inner_first = False
            function = (python["function"] or "").strip()
            block.frames.append(
                Frame(python["path"].replace("\\", "/"), int(python["line"]), function, _code_after(lines, number))
            )
        elif other:
            if not block.frames:
                block = _with_head(lines, number)
            name = (other.groupdict().get("function") or "").strip()
            block.frames.append(Frame(_java_path(name, other["path"]), int(other["line"]), name.rsplit(".", 1)[-1]))
        elif block.frames and not block.inner_first and (ended := _exception(line)):
            block.exception, block.message = ended
            yield from block.close()
            block = _Block(inner_first=False)
        elif block.frames and block.inner_first and not line.strip():
            yield from block.close()
            block = _Block(inner_first=False)
    yield from block.close()


def _lines(text: str) -> list[str]:
    """The lines of a text, cut where they are longer than any frame."""
    return [line[:MAX_LINE_CHARS] for line in text.replace("\r\n", "\n").split("\n")]


def _exception(line: str) -> tuple[str, str] | None:
    """The line that ends a Python traceback: not indented like code, and a type name at its start."""
    if line.startswith(("    ", "\t")) or _is_marks(line):
        return None
    match = _EXCEPTION.match(line)
    return (match["type"], match["message"] or "") if match else None


def _is_marks(line: str) -> bool:
    """The line of `^^^` that Python puts below the code."""
    return ("^" in line or "~" in line) and not line.strip(" \t~^>|")


def _with_head(lines: list[str], number: int) -> _Block:
    """Node and Java write the exception above the frames."""
    for line in reversed(lines[max(0, number - 4) : number]):
        head = _NODE_OR_JAVA_HEAD.match(line)
        if head:
            return _Block(True, exception=head["type"], message=head["message"] or "")
    return _Block(True)


def _code_after(lines: list[str], number: int) -> str:
    following = lines[number + 1] if number + 1 < len(lines) else ""
    if not following.strip() or _PYTHON.search(following) or _is_marks(following) or _exception(following):
        return ""
    return following.strip(" \t>|")


def _java_path(function: str, name: str) -> str:
    """`com.shop.Order.total` in `Order.java` lies in `com/shop/Order.java`."""
    if not name.endswith((".java", ".kt", ".scala", ".groovy")):
        return name
    packages = function.split("/")[-1].split(".")[:-2]
    return "/".join([*packages, name])


def without_traces(text: str) -> str:
    """The text without frames and the lines of code below them; the lines that name the exception stay."""
    kept: list[str] = []
    is_code = False
    for line in text.replace("\r\n", "\n").split("\n"):
        head = line[:MAX_LINE_CHARS]
        python = bool(_PYTHON.search(head))
        is_frame = python or bool(_NODE.match(head) or _JAVA.match(head) or _GO.match(head))
        is_code = is_code and not _exception(head)
        if not (is_frame or is_code or _START.search(head) or _is_marks(head)):
            kept.append(line)
        is_code = python
    return "\n".join(kept)


class PathMap:
    """Finds the repository's file for a path as deployed (`/srv/app/x/y.py`, `site-packages/x/y.py`) or as pasted."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            self._by_name[path.rsplit("/", 1)[-1]].append(path)

    def find(self, deployed: str) -> str:
        """The file that shares the longest end of the path; empty if none does, or several equally well."""
        if _STANDARD.search(deployed):
            return ""
        installed = _INSTALLED.sub("", deployed)
        parts = [part for part in PurePosixPath(installed).parts if part not in ("/", ".", "..")]
        if not parts:
            return ""
        shared = [(self._shared(parts, path), path) for path in self._by_name.get(parts[-1], [])]
        longest = max((length for length, _ in shared), default=0)
        best = [path for length, path in shared if length == longest]
        if len(best) != 1:
            return ""
        is_whole = longest == min(len(parts), best[0].count("/") + 1)
        needed = len(parts) if installed != deployed else 2
        return best[0] if longest >= needed or (is_whole and installed == deployed) else ""

    def mentioned(self, path: str) -> str:
        """As `find`, for a path in prose: a bare file name counts if only one file has it."""
        same_name = self._by_name.get(path.rsplit("/", 1)[-1], [])
        return self.find(path) or (same_name[0] if len(same_name) == 1 and "/" not in path else "")

    def module(self, dotted: str) -> str:
        """The file of `package.module`, also with names of the module behind it; empty if there is none."""
        parts = dotted.split(".")
        for length in range(len(parts), 1, -1):
            for ending in ("/".join(parts[:length]) + ".py", "/".join([*parts[:length], "__init__.py"])):
                same_name = self._by_name.get(ending.rsplit("/", 1)[-1], [])
                found = [path for path in same_name if path == ending or path.endswith("/" + ending)]
                if len(found) == 1:
                    return found[0]
        return ""

    @staticmethod
    def _shared(parts: list[str], path: str) -> int:
        length = 0
        for ours, theirs in zip(reversed(parts), reversed(path.split("/")), strict=False):
            if ours != theirs:
                break
            length += 1
        return length
