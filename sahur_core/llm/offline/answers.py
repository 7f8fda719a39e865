"""The forms that are asked for, filled from the dossier."""

from __future__ import annotations

from typing import Any

from sahur_core.llm.offline.dossier import Dossier


def fill(schema: dict[str, Any], dossier: Dossier) -> dict[str, Any]:
    first = dossier.report.splitlines()[0] if dossier.report else "An empty report"
    return (
        {"summary": first, "verdict": "inconclusive", "next_step": "Add a traceback."}
        if "next_step" in schema["properties"]
        else {"summary": first}
    )
