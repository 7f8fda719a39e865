"""What the stack traces of a report say: our frames, what they call, who made the values they use, who raised."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.index import CodeIndex
from sahur_core.code.locate.clues import Clues
from sahur_core.code.locate.origins import Origin, called_on, find_origins, missing_value, search_source
from sahur_core.code.locate.suspects import Board, Function
from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.errors import InputError, NotFound, RepositoryTimeout

FRAME_WEIGHTS = (0.65, 0.40, 0.30, 0.25, 0.20)
SURFACED_SHARE, WRAPPER_SHARE = 0.5, 0.25
"""What a frame counts whose error came from the system, and one that only raised again what had been raised."""
CALLED_WEIGHTS = (0.40, 0.30, 0.20)
ORIGIN_WEIGHTS = (0.50, 0.40, 0.30)
SETTER_SHARE = 0.7
"""What a function counts that sets a value from somebody else's result."""
RAISES_WEIGHT = 0.35
TOLD_WEIGHT = 0.35
MAX_TOLD = 3
"""Lines that wrote a text of the report whose values are followed."""
NAMED_VALUE_BONUS = 0.1
"""Added where the report's own words name the value."""
MAX_TRACES = 6
MAX_LINES = 4
"""Lines of the stack whose values are followed."""
MAX_RAISERS = 5


@dataclass(frozen=True)
class Place:
    """A frame that is in our code. `depth` is 0 for the innermost of its trace, `number` is the frame's as printed."""

    frame: Frame
    path: str
    depth: int
    number: int
    function: Function | None
    message: str
    """Of the exception that ended the trace."""
    has_surfaced: bool
    """The error came from the system, or from an earlier trace of the chain."""
    is_wrapper: bool
    """The frame raised because of an earlier exception of the chain."""

    @property
    def line_in_words(self) -> str:
        return "the failing line" if self.depth == 0 and not self.has_surfaced else f"line {self.frame.line} of {self.path}"


def accuse_stacks(repository: Repository, index: CodeIndex, board: Board, clues: Clues) -> list[Place]:
    """Put what the traces say on the board; our frames of all traces, innermost first in each."""
    places = [place for trace in clues.traces[:MAX_TRACES] for place in _places(board, index, trace, clues)]
    board.messengers.update(place.function for place in places if place.function and place.depth == 0 and place.is_wrapper)
    for place in places:
        if place.function:
            share = WRAPPER_SHARE if place.is_wrapper else SURFACED_SHARE if place.has_surfaced else 1.0
            weight = FRAME_WEIGHTS[min(place.depth, len(FRAME_WEIGHTS) - 1)] * share
            where = "the innermost frame of ours" if place.depth == 0 else f"frame {place.number}"
            board.accuse(place.function, "frame", weight, f"{where} in the stack trace, line {place.frame.line}")
    on_stack = {place.function for place in places}
    inner = [place for place in places if place.depth < len(ORIGIN_WEIGHTS)]
    lines = list({(place.path, place.frame.line): place for place in reversed(inner)}.values())[::-1][:MAX_LINES]
    with ThreadPoolExecutor(max_workers=MAX_LINES) as pool:
        found = list(pool.map(lambda place: _read_line(repository, index, place), lines))
    for place, (code, origins) in zip(lines, found, strict=True):
        _accuse_called(index, board, place, code, on_stack)
        _accuse_origins(board, clues, place, origins, on_stack)
    _accuse_raisers(repository, index, board, clues)
    return places


def accuse_told_values(repository: Repository, index: CodeIndex, board: Board, clues: Clues) -> None:
    """The report repeats what the program wrote: who made the values that were written?"""
    for text in [text for text in clues.texts if "{}" in text.template][:MAX_TOLD]:
        writer = board.function_at(text.path, text.line)
        if writer is None or writer in board.messengers:
            continue
        try:
            code = "".join(repository.read(index.commit, text.path, text.line, text.line).lines)
            origins = find_origins(repository, index, code)
        except (NotFound, InputError):
            continue  # a search that takes too long names nobody
        for origin in origins:
            function = Function(origin.symbol.path, origin.symbol.name, origin.symbol.start, origin.symbol.end)
            if function != writer and origin.symbol.kind != "variable" and origin.is_maker:
                board.accuse(
                    function, "told", TOLD_WEIGHT, f"makes `{origin.value}`, told in “{text.template}”, which the report repeats"
                )


def blame_stacks(repository: Repository, index: CodeIndex, places: Sequence[Place]) -> dict[str, str]:
    """Who wrote the innermost lines of the stack: sha to a description of the line."""
    wrote: dict[str, str] = {}
    for place in [place for place in places if place.depth == 0]:
        try:
            lines = repository.blame(index.commit, place.path, place.frame.line, place.frame.line)
        except (NotFound, InputError, RepositoryTimeout):
            continue  # the deployed version may have more lines than this one
        for line in lines:
            wrote.setdefault(line.sha, f"line {line.line} of {place.path}, which is in the stack trace")
    return wrote


def _places(board: Board, index: CodeIndex, trace: StackTrace, clues: Clues) -> list[Place]:
    """Our own frames, innermost first; a line that is on the stack several times counts once."""
    first = clues.traces[0]
    is_wrapped = trace is not first and bool(first.message) and first.message in trace.message
    places: list[Place] = []
    seen: set[tuple[str, int]] = set()
    paths = index.path_map.find_all(trace.frames)
    for number, (frame, path) in reversed(list(enumerate(zip(trace.frames, paths, strict=True), 1))):
        if path and (path, frame.line) not in seen:
            seen.add((path, frame.line))
            function = board.function_at(path, frame.line, frame.function)
            places.append(
                Place(frame, path, len(places), number, function, trace.message, trace.is_environmental or is_wrapped, is_wrapped)
            )
    return places


def _read_line(repository: Repository, index: CodeIndex, place: Place) -> tuple[str, list[Origin]]:
    """The code of a frame, as the report shows it or else as it is in the repository, and where its values come from."""
    class_name = place.function.name.rsplit(".", 2)[-2] if place.function and "." in place.function.name else ""
    try:
        code = place.frame.code or "".join(repository.read(index.commit, place.path, place.frame.line, place.frame.line).lines)
        only = missing_value(place.message, code) if place.depth == 0 else ""
        return code.strip(), find_origins(repository, index, code, class_name, only)
    except (NotFound, InputError):
        return place.frame.code, []  # another version of the file, or a search that takes too long


def _accuse_called(index: CodeIndex, board: Board, place: Place, code: str, on_stack: set[Function | None]) -> None:
    for symbol in called_on(code, index):
        function = Function(symbol.path, symbol.name, symbol.start, symbol.end)
        if function not in on_stack:
            board.accuse(function, "called", CALLED_WEIGHTS[place.depth], f"called on {place.line_in_words}: `{code[:120]}`")


def _accuse_origins(board: Board, clues: Clues, place: Place, origins: Sequence[Origin], on_stack: set[Function | None]) -> None:
    said = clues.said_words
    for origin in origins:
        symbol = origin.symbol
        function = Function(symbol.path, symbol.name, symbol.start, symbol.end)
        if symbol.kind == "variable" or function in on_stack:
            continue
        is_named = origin.value.lower() in said
        weight = ORIGIN_WEIGHTS[place.depth] * (1.0 if origin.is_maker else SETTER_SHARE) + (
            NAMED_VALUE_BONUS if is_named else 0.0
        )
        too = " and the report names" if is_named else ""
        verb = "makes" if origin.is_maker else "sets"
        board.accuse(function, "origin", weight, f"{verb} `{origin.value}`, which {place.line_in_words} uses{too}")


def _accuse_raisers(repository: Repository, index: CodeIndex, board: Board, clues: Clues) -> None:
    """Functions that raise a reported exception. One that ends a chain was raised because of an earlier one."""
    for number, trace in enumerate(clues.traces[:MAX_TRACES]):
        exception = trace.exception.rsplit(".", 1)[-1]
        if not exception.isidentifier():
            continue
        try:
            pattern = rf"\b(?:raise|throw)(?: new)? (?:\w+\.)*{exception}\b"
            matches = search_source(repository, index, pattern, [exception])
        except InputError:
            continue  # a search that takes too long names nobody
        for match in matches if len(matches) <= MAX_RAISERS else ():
            function = board.function_at(match.path, match.line)
            weight = RAISES_WEIGHT / len(matches) ** 0.5 * (1.0 if number == 0 else 0.4)
            if function:
                board.accuse(function, "raises", weight, f"raises {exception} in line {match.line}")
