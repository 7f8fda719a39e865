"""What a person may ask: filed once, scoped by team and role, nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from sahur.accounts.actor import Actor, actor_for
from sahur.accounts.models import AuditEntry, MemberRole
from sahur.batch import actions
from sahur.issues import models
from sahur.issues.services import runs
from sahur.issues.services.reports import Delivery
from sahur_core.errors import Conflict, InputError, NotFound, NotPermitted, ReportError
from sahur_core.issues import Decision, InputKind, IssueStatus, RunStatus, Source, Stage

pytestmark = pytest.mark.django_db


def submission(team, **changes):
    values = {"title": "Checkout fails", "body": "KeyError", "source": Source.API, "team_id": team.pk} | changes
    return actions.Submission(**values)


def test_a_report_becomes_an_issue_with_a_queued_run(actor, team):
    filed = actions.submit_issue(actor, submission(team))
    assert (filed.issue.key, filed.issue.reporter_name, filed.run.status) == ("SAH-1", "rita", RunStatus.QUEUED)
    assert AuditEntry.objects.filter(action="run.started", target="SAH-1").exists()


def test_numbers_count_up_within_the_team(actor, team):
    keys = [actions.submit_issue(actor, submission(team)).issue.key for _ in range(3)]
    assert keys == ["SAH-1", "SAH-2", "SAH-3"]


def test_the_same_delivery_is_filed_once(actor, team):
    delivery = Delivery("api:1", "key-1", "hash")
    first = actions.submit_issue(actor, submission(team, delivery=delivery))
    again = actions.submit_issue(actor, submission(team, delivery=delivery))
    assert (first.issue.id, first.run.id, again.is_new) == (again.issue.id, again.run.id, False)


def test_the_same_key_for_another_report_is_a_conflict(actor, team):
    actions.submit_issue(actor, submission(team, delivery=Delivery("api:1", "key-1", "hash")))
    with pytest.raises(Conflict):
        actions.submit_issue(actor, submission(team, delivery=Delivery("api:1", "key-1", "other")))


@pytest.mark.parametrize(
    ("title", "body"),
    [("", " \n "), ("t", "x" * 200_001), ("t", "a\x00b"), ("t", "\x01\x02\x03" * 20), ("t" * 301, "b"), ("\udcff", "b")],
)
def test_an_unusable_report_is_refused_with_what_to_do(actor, team, title, body):
    with pytest.raises(ReportError) as refused:
        actions.submit_issue(actor, submission(team, title=title, body=body))
    assert refused.value.next_step or not title.strip()
    assert not models.Issue.objects.exists()


def test_a_missing_title_is_the_first_line(actor, team):
    assert actions.submit_issue(actor, submission(team, title="", body="It broke\nbadly")).issue.title == "It broke"


@pytest.mark.parametrize("repository", ["file:///etc", "ext::sh -c id", "/etc", "http://169.254.169.254/x", "--upload-pack=id"])
def test_a_repository_that_policy_forbids_is_refused(actor, team, repository):
    with pytest.raises(InputError):
        actions.submit_issue(actor, submission(team, repository=repository))


def test_the_command_line_may_name_any_folder(actor, team, tmp_path):
    filed = actions.submit_issue(actor, submission(team, repository=str(tmp_path), allow_local=True))
    assert filed.issue.repository.source == str(tmp_path)
    assert models.Checkout.objects.get().state == "pending"


@pytest.mark.parametrize("revision", ["--output=x", "a b", "x\n", "v" * 201, "main:a.py", "HEAD@{1}", "refs/heads/-x..y"])
def test_a_revision_that_is_none_is_refused(actor, team, tmp_path, revision):
    with pytest.raises(InputError):
        actions.submit_issue(
            actor, submission(team, repository=str(tmp_path), allow_local=True, revision=revision + "x" * revision.count("\n"))
        )


def test_a_viewer_may_not_report(responder, team):
    viewer = actor_for(responder, at_most=MemberRole.VIEWER)
    with pytest.raises(NotPermitted):
        actions.submit_issue(viewer, submission(team))


def test_another_team_sees_nothing(run, stranger):
    foreign = actor_for(stranger)
    calls = [
        lambda: actions.start_run(foreign, "SAH-1"),
        lambda: actions.send_message(foreign, run.id, "hello"),
        lambda: actions.stop_run(foreign, run.id),
        lambda: actions.close_issue(foreign, "SAH-1", "done"),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call()


def test_the_same_client_id_starts_one_run(actor, run):
    first = actions.start_run(actor, "SAH-1", client_id="c1")
    assert actions.start_run(actor, "SAH-1", client_id="c1").id == first.id
    assert models.Run.objects.count() == 2


def test_a_run_may_be_asked_to_use_another_model(actor, run, settings):
    settings.MODEL_CHOICES = ["openai:gpt-5"]
    asked = actions.start_run(actor, "SAH-1", client_id="c1", model="openai:gpt-5")
    assert actions.start_run(actor, "SAH-1", client_id="c1", model="openai:gpt-5").id == asked.id
    with pytest.raises(Conflict):
        actions.start_run(actor, "SAH-1", client_id="c1")
    with pytest.raises(InputError):
        actions.start_run(actor, "SAH-1", model="openai:gpt-6")
    claim = runs.claim(asked.id, Stage.GATHER_CONTEXT, owner="w", lease_seconds=30, team_limit=9, model="openai:gpt-4.1")
    assert (claim.run.model, claim.run.wanted_model) == ("openai:gpt-5", "openai:gpt-5")


def test_a_further_run_may_name_the_repository_that_the_report_did_not(actor, run, team):
    for name in ("shop", "till"):
        models.Repository.objects.create(team=team, name=name, source=f"https://git.example.org/{name}.git")
    issue = actions.start_run(actor, "SAH-1", repository="shop").issue
    assert models.Issue.objects.get(id=issue.id).repository.name == "shop"
    assert issue.activity.get(kind="issue.repository_set").detail == {"repository": "shop"}
    assert actions.start_run(actor, "SAH-1", repository="shop").number == 3
    with pytest.raises(Conflict, match="about the repository shop"):
        actions.start_run(actor, "SAH-1", repository="till")


def test_a_run_that_goes_on_from_another_one_keeps_its_model(actor, run):
    models.Run.objects.filter(id=run.id).update(status="canceled", wanted_model="openai:gpt-5")
    assert actions.resume_run(actor, run.id).wanted_model == "openai:gpt-5"


def test_an_empty_or_enormous_message_is_refused(actor, run):
    for text in ("  ", "x" * 20_001, "a\x00", "a\ud800"):
        with pytest.raises(ReportError):
            actions.send_message(actor, run.id, text)


def test_a_second_edit_with_other_arguments_is_told_that_it_came_too_late(actor, run):
    later = timezone.now() + timedelta(hours=1)
    asked = models.InputRequest.objects.create(id=uuid4(), run=run, kind=InputKind.APPROVAL, prompt="May I?", expires_at=later)
    for _ in range(2):
        answered = actions.answer_input(actor, asked.id, Decision.EDIT, arguments={"a": 1})
        assert answered.arguments == {"a": 1}
    with pytest.raises(Conflict):
        actions.answer_input(actor, asked.id, Decision.EDIT, arguments={"a": 2})


def test_closing_and_reopening_leave_activity(actor, run):
    assert actions.close_issue(actor, "sah-1", "Rolled back").status == IssueStatus.CLOSED
    actions.close_issue(actor, "SAH-1", "Rolled back")
    assert actions.reopen_issue(actor, "SAH-1").status == IssueStatus.OPEN
    assert [row.kind for row in models.Activity.objects.order_by("number")] == ["issue.opened", "issue.closed", "issue.reopened"]
    assert AuditEntry.objects.filter(action="issue.closed").first().detail == {}, "what people write is not kept for ever"


def test_only_an_admin_adds_repositories(actor, team, responder):
    with pytest.raises(NotPermitted):
        actions.add_repository(actor, team.pk, "https://example.org/a.git")
    admin = Actor(name="Ada", roles={team.pk: MemberRole.ADMIN})
    assert actions.add_repository(admin, team.pk, "https://example.org/a.git").name == "a"
