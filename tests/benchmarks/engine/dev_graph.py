"""The graph as `langgraph dev` loads it: events go out as its custom stream."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TypedDict

sys.path.insert(0, str(Path(__file__).parent))

from graph import build  # type: ignore[import-not-found]


class State(TypedDict):
    finished_stage: str


graph = build(
    State, lambda text, runtime: runtime.stream_writer({"kind": "notice.raised", "level": "info", "message": text})
).compile()
