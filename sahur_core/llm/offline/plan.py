"""Which call comes next."""

from __future__ import annotations

from typing import Any

from sahur_core.llm.offline.dossier import Dossier


def next_move(dossier: Dossier, tools: frozenset[str]) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    return "Nothing that I can check decides.", [("finish", {"reason": "nothing decides"})]
