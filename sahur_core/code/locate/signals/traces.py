"""The frames of the report's stack traces, mapped to files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sahur_core.code.locate.case import Case
from sahur_core.code.locate.signals import Explain, Signal


def trace_signals(case: Case) -> Iterator[Signal]:
    """Which files are on the stack, how often, and how near to where it failed."""
    names = ("any", "last", "near")
    values = {name: case.empty() for name in names}
    frames: dict[int, list[str]] = defaultdict(list)
    for trace in case.report.traces:
        paths = case.index.path_map.find_all(trace.frames)
        inner = [
            (depth, *place)
            for depth, (frame, path) in enumerate(zip(reversed(trace.frames), reversed(paths), strict=True))
            for place in _places(case, path, frame.line)
        ]
        for rank, (depth, place, line) in enumerate(inner):
            values["any"][place] = 1.0
            values["near"][place] = max(values["near"][place], 1 / (1 + depth))
            if rank == 0:
                values["last"][place] = 1.0
            where = "the innermost frame of ours" if rank == 0 else f"frame {len(trace.frames) - depth}"
            frames[place].append(f"{where} in the stack trace, line {line}")
    for name in names:
        yield Signal(f"frame_{name}", values[name], lambda place: frames[place][0] if place in frames else "", "stack")


def suspicion_signals(case: Case) -> Iterator[Signal]:
    """How suspect a file's functions are by what was found on the stack, around it and in names and texts."""
    for name, suspicions in (("stack", case.on_stack), ("spelled", case.spelled)):
        values = case.empty()
        reasons: dict[int, str] = {}
        for path, (value, told) in suspicions.items():
            place = int(case.place_of_file[case.index.file_of_path[path]])
            if place >= 0:
                values[place], reasons[place] = value, told[0] if told else ""
        yield Signal(f"suspect_{name}", values, _told(reasons), "stack" if name == "stack" else "spelled")


def _told(reasons: dict[int, str]) -> Explain:
    return lambda place: reasons.get(place, "")


def _places(case: Case, path: str, line: int) -> list[tuple[int, int]]:
    """A file of the repository as its number in the case, if it is ranked."""
    file = case.index.file_of_path.get(path, -1) if path else -1
    place = int(case.place_of_file[file]) if file >= 0 else -1
    return [(place, line)] if place >= 0 else []
