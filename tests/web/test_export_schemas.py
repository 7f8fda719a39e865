"""The event models are the only place where an event's shape is written by hand."""

from __future__ import annotations

from typing import get_args

import pytest
from django.core.management import CommandError, call_command

from sahur.issues.management.commands import export_schemas
from sahur_core.events import AnyPayload


def test_generated_files_are_what_the_models_say() -> None:
    call_command("export_schemas", "--check")


def test_check_names_the_file_that_drifted(settings, tmp_path) -> None:
    settings.BASE_DIR = tmp_path
    call_command("export_schemas")
    (tmp_path / "docs/events.md").write_text("something else")
    with pytest.raises(CommandError, match=r"docs/events\.md differ"):
        call_command("export_schemas", "--check")


def test_every_kind_has_a_row_in_the_page() -> None:
    page = export_schemas.event_page()
    for model in get_args(get_args(AnyPayload)[0]):
        assert f"| `{model.model_fields['kind'].default}` |" in page


def test_readers_may_rely_on_every_field() -> None:
    started = export_schemas.event_schema()["$defs"]["StepFinished"]
    assert started["required"] == ["kind", "step_id", "summary"]
