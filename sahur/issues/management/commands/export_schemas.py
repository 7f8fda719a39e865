"""`manage.py export_schemas`: what the event models promise, for TypeScript and for people.

Writes `frontend/schema/events.json` (JSON Schema of `sahur_core.events.Event`, from which the front end's types are
generated) and `docs/events.md`. With `--check` nothing is written; the command fails where a file has drifted.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, get_args

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sahur_core.events import AnyPayload, Event, EventPayload

HEADER = """# Events of a run

Written by `manage.py export_schemas` from `sahur_core/events.py`; edit the models, not this page. An event is stored
with a number (`seq`) that has no gaps in its run, and is sent as `{run_id, first_seq, seq, attempt, at, payload}`;
`payload.kind` is one of the kinds below. A **fact** is stored at most once per run.

A quarter of an hour after the end of a run, neighboring `text.streamed` of one step and attempt are joined: such an event
covers the numbers from `first_seq` to `seq`. A reader that was inside of that range is given the whole event next and puts its
text in the place of the pieces from `first_seq` on. Events are missing only where `first_seq` is above the last number + 1.

| kind | what it says | fields |
|---|---|---|
"""


def event_schema() -> dict[str, Any]:
    """The JSON Schema of a stored event as readers get it: fields with a default are always sent."""
    schema = Event.model_json_schema(mode="serialization")
    for model in [schema, *schema["$defs"].values()]:
        if "properties" in model:
            model["required"] = list(model["properties"])
    return schema


def event_page() -> str:
    """`docs/events.md`: one row per kind, in the order of the models."""
    union = get_args(AnyPayload)[0]
    return HEADER + "".join(_row(model) for model in get_args(union))


def _row(model: type[EventPayload]) -> str:
    kind = model.model_fields["kind"].default
    fields = ", ".join(f"`{name}`" for name in model.model_fields if name != "kind")
    # A model without a docstring of its own inherits its base's, which says nothing about the kind.
    text = " ".join((model.__doc__ or "").split()) if model.__doc__ != EventPayload.__doc__ else ""
    if text.endswith("A fact."):
        text = text.removesuffix("A fact.").strip() + " **Fact.**"
    return f"| `{kind}` | {text.strip()} | {fields} |\n"


class Command(BaseCommand):
    """Write the schemas, or check that they are what the models say."""

    help = "Write frontend/schema/events.json and docs/events.md from the event models."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if a file has drifted")

    def handle(self, *_args: Any, **options: Any) -> None:
        root: Path = settings.BASE_DIR
        wanted = {
            root / "frontend/schema/events.json": json.dumps(event_schema(), indent=2) + "\n",
            root / "docs/events.md": event_page(),
        }
        drifted = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
        if options["check"]:
            if drifted:
                names = ", ".join(str(path.relative_to(root)) for path in drifted)
                raise CommandError(f"{names} differ from sahur_core/events.py. Run `manage.py export_schemas`.")
            return
        for path in drifted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path])
            self.stdout.write(f"wrote {path.relative_to(root)}")
