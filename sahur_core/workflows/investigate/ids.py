"""Ids of rows that follow from the id of the call that makes them: a repeated node makes the same row.

A run that goes on from a checkpoint of another one has the ids of its calls, too, so the ids of rows also depend on the
*line*: empty for a run that began at its report, else the id of the run.
"""

from __future__ import annotations

import uuid

_NAMESPACE = uuid.UUID("6f1c8ab0-93b0-5d0f-8d5e-0c7a5b7f2f51")


def evidence_id(line: str, tool_call_id: str) -> str:
    """Of the fact that this call recorded."""
    return _derived(line, tool_call_id)


def input_request_id(line: str, tool_call_id: str) -> str:
    """Of what this call asks of people."""
    return _derived(line, f"input {tool_call_id}")


def _derived(line: str, what: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{line} {what}" if line else what))
