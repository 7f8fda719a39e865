"""What a model is told of the report first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sahur_core.issues import Report, Severity, Source
from sahur_core.workflows.investigate.prompts import opening


@pytest.mark.parametrize(("severity", "is_said"), [(Severity.CRITICAL, True), (None, False)])
def test_the_model_reads_how_bad_its_reporter_says_that_it_is(severity, is_said):
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    report = Report(issue_key="SAH-1", title="x", body="y", source=Source.SLACK, severity=severity, reported_at=moment)
    assert ("Severity, as its reporter says: critical." in opening(report, None, "")) is is_said
