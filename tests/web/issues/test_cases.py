"""An issue as a case: what the tools answered and how it ended, and nothing secret."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from sahur.issues import models
from sahur.issues.cases import case_of
from sahur_core.evaluation.case import Outcome
from sahur_core.issues import IssueOutcome, Solution

pytestmark = pytest.mark.django_db

SHA = "3f2a9c" + "0" * 34


def add_call(run, tool="code__show", *, is_read=True, **changes):
    receipt = models.Receipt.objects.create(
        id=uuid.uuid4(), team=run.issue.team, run=run, caller="x", upstream="code", tool=tool, status="ok", is_read=is_read,
        called_at=timezone.now(),
    )  # fmt: skip
    fields = {"arguments": {"commit": SHA}, "status": "ok", "text": "a diff", "receipt_id": receipt.id, "step_id": "step-1"}
    models.ToolCall.objects.create(id=f"{run.id}/{uuid.uuid4()}", run=run, tool=tool, **{**fields, **changes})
    return receipt


def finish(run, **changes):
    body = {
        "verdict": "likely",
        "summary": "A change took the rate away.",
        "root_cause": "The change.",
        "locations": [{"path": "shop/tax.py", "function": "rate_of"}, {"path": "shop/web.py"}],
        "suspect_commit": {"sha": SHA, "summary": "Read rates"},
        "next_step": "Put it back.",
        **changes,
    }
    solution = Solution.model_validate(body).model_dump(mode="json")
    models.Solution.objects.create(run=run, verdict=body["verdict"], summary=body["summary"], body=solution)
    models.Run.objects.filter(id=run.id).update(status="succeeded", commit="c" * 40)


def close(issue, **outcome):
    told = IssueOutcome(**outcome).model_dump(exclude_defaults=True)
    models.Issue.objects.filter(id=issue.id).update(status="closed", resolution="Rolled back", outcome=told)
    issue.refresh_from_db()


def test_results_are_kept_by_their_receipt_and_writes_are_left_out(run):
    receipt = add_call(run)
    add_call(run, "github__create_issue", is_read=False)
    add_call(run, "code__read", status="denied")
    finish(run)
    case = case_of(run.issue)
    [call] = case.recording.calls
    assert (call.tool, call.text, call.receipt_id) == ("code__show", "a diff", str(receipt.id))
    assert (case.name, case.source, case.split) == ("sah-1", "SAH-1", "own")


def test_an_answer_that_was_right_is_the_label(run):
    finish(run)
    close(run.issue, answer="right")
    label = case_of(run.issue).label
    [cause] = label.causes
    assert (label.outcome, cause.commit, cause.files, cause.functions) == (Outcome.CODE, SHA, ["shop/tax.py"], ["rate_of"])


def test_what_a_person_named_goes_before_the_answer(run):
    finish(run)
    close(run.issue, answer="wrong", commit="abcdef0", files=["shop/db.py"])
    [cause] = case_of(run.issue).label.causes
    assert (cause.commit, cause.files) == ("abcdef0", ["shop/db.py"])


@pytest.mark.parametrize(
    ("outcome", "label"),
    [({}, "unlabelled"), ({"answer": "wrong"}, "unlabelled"), ({"is_outside": True}, "outside")],
)
def test_what_nobody_said_is_no_label(run, outcome, label):
    finish(run)
    close(run.issue, **outcome)
    assert case_of(run.issue).label.outcome == label


def test_an_inconclusive_answer_that_was_right_means_that_nobody_could_know(run):
    finish(run, verdict="inconclusive", suspect_commit=None, locations=[])
    close(run.issue, answer="right")
    assert case_of(run.issue).label.outcome is Outcome.TOO_LITTLE


def test_an_open_issue_has_no_label(run):
    finish(run)
    assert case_of(run.issue).label.outcome is Outcome.UNLABELLED


def test_secrets_do_not_leave(run):
    secret = "AKIA" + "IOSFODNN7EXAMPLE"
    add_call(run, text=f"key = {secret}", arguments={"query": secret})
    models.Issue.objects.filter(id=run.issue_id).update(body=f"It says {secret}", resolution=f"Changed {secret}")
    run.issue.refresh_from_db()
    finish(run)
    assert secret not in case_of(run.issue).model_dump_json()
