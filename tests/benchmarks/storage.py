"""What a long run leaves in PostgreSQL: bytes of checkpoints and of events for a run with 50 tool calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.follow import all_events, file_issue, kinds, wait_until_ended
from tests.e2e.system import make_system
from tests.fakes.llm_server import KEY, Say
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.repositories import build

TOOL_CALLS = 50
SIZES = """
select (select coalesce(sum(pg_column_size(c.*)), 0) from checkpoints c where thread_id = %(run)s)
     + (select coalesce(sum(pg_column_size(b.*)), 0) from checkpoint_blobs b where thread_id = %(run)s)
     + (select coalesce(sum(pg_column_size(w.*)), 0) from checkpoint_writes w where thread_id = %(run)s),
       (select count(*) from checkpoints where thread_id = %(run)s),
       (select coalesce(sum(pg_column_size(e.*)), 0) from issues_event e where run_id = %(run)s::uuid),
       (select count(*) from issues_event where run_id = %(run)s::uuid),
       (select coalesce(sum(pg_column_size(m.*)), 0) from issues_message m where run_id = %(run)s::uuid)
"""


def measure(folder: Path) -> dict[str, object]:
    """A model that reads line after line, over the real protocol, and then gives up."""
    folder = folder / "storage"
    folder.mkdir()
    with OpenAIServer(read_on) as server:
        model = {"SAHUR_MODEL": f"openai:{server.model}", "SAHUR_MODEL_BASE_URL": server.base_url, "SAHUR_MODEL_API_KEY": KEY}
        system = make_system(folder, SAHUR_MAX_STEPS=str(TOOL_CALLS + 10), **model)
        system.start()
        try:
            system.wait_until_ready()
            bug = build("booking", folder)
            with system.client() as client:
                run = file_issue(client, bug.title, bug.body, str(bug.path))["run"]["id"]
                ended = wait_until_ended(client, run, 180)
                calls = kinds(all_events(client, run)).count("tool_call.finished")
            row = system.query(SIZES.replace("%(run)s", f"'{run}'"))[0]
        finally:
            system.stop()
    names = ("checkpoint_bytes", "checkpoints", "event_bytes", "events", "transcript_bytes")
    return {"long_run": {"status": ended["status"], "tool_calls": calls, **dict(zip(names, map(int, row), strict=True))}}


def read_on(body: dict[str, Any]) -> Say:
    """One more read, as long as there were fewer than 50; whatever is demanded is filled in as briefly as its schema allows."""
    demanded = body.get("tool_choice")
    tools = {tool["function"]["name"]: tool["function"]["parameters"] for tool in body.get("tools") or []}
    if isinstance(demanded, dict):
        name = demanded["function"]["name"]
        return Say(calls=[(name, fill(tools[name], tools[name]))])
    done = sum(message["role"] == "tool" for message in body["messages"])
    if "code__read" in tools and done < TOOL_CALLS:
        return Say("I read on.", [("code__read", {"path": "booking/feed.py", "start": done + 1, "end": done + 40})])
    if "finish" in tools:
        return Say("That is all.", [("finish", fill(tools["finish"], tools["finish"]))])
    return Say("There is nothing to add.")


def fill(schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """The shortest value that the schema takes."""
    if "$ref" in schema:
        return fill(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if "anyOf" in schema:
        return fill(schema["anyOf"][-1], root)
    if "enum" in schema:
        return "inconclusive" if "inconclusive" in schema["enum"] else schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {name: fill(schema["properties"][name], root) for name in schema.get("required", [])}
    return {"array": [], "integer": 1, "number": 1, "boolean": False, "null": None}.get(str(kind), "unknown")
