"""What a person may ask of SAHUR. Doors call these and nothing below; each checks the role and may be asked twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole, Team
from sahur.batch import chain, fork_points, model_settings, offers
from sahur.issues import cases, models, selectors
from sahur.issues.fingerprints import fingerprints_of
from sahur.issues.redaction import clean_text, without_secrets
from sahur.issues.services import checkouts, forks, inputs, joining, messages, redactions, report_context, reports, runs
from sahur.issues.services.slack_threads import Place
from sahur_core.code.git.repository import check_revision
from sahur_core.code.git.source import check_source
from sahur_core.errors import Conflict, InputError, ReportError
from sahur_core.evaluation.case import Case
from sahur_core.issues import Decision, ForkKind, InputKind, IssueOutcome, IssueStatus, MessageStatus, Severity, Source, Stage
from sahur_core.tools.storable import is_storable
from sahur_core.trace import current_trace_id

MAX_MESSAGE_CHARS = 20_000
MAX_CLIENT_ID_CHARS = 100


@dataclass(frozen=True)
class Submission:
    """A report as a door got it. `repository` is the name of one of the team's, an address, or a path."""

    title: str
    body: str
    source: Source
    team_id: int
    repository: str = ""
    revision: str = ""
    place: Place | None = None
    """The thread in Slack that it was reported in."""
    severity: Severity | None = None
    awaits_context: report_context.Awaited | None = None
    """A rest that is read before the run starts (`sahur.batch.report_context` starts it then)."""
    delivery: reports.Delivery | None = None
    allow_local: bool = False
    """True only for the command line: any local path may be read."""


@dataclass(frozen=True)
class Submitted:
    issue: models.Issue
    run: models.Run
    is_new: bool


@dataclass(frozen=True)
class Said:
    """`run` is the one that has the message to read."""

    message: models.Message
    run: models.Run
    is_new: bool


def submit_issue(actor: Actor, submission: Submission) -> Submitted:
    """File a report and start its first run. A repeated delivery gives what the first one made.

    Raises `InputError`, `ReportError` and `RepositoryRefused` among them, before anything is stored, so the sender still has
    what was typed.
    """
    actor.require(submission.team_id, MemberRole.RESPONDER)
    if submission.delivery and (known := reports.find_delivery(submission.delivery)):
        return Submitted(known, known.runs.select_related("issue").order_by("number")[0], is_new=False)
    given = reports.check_report(submission.title, submission.body, settings.MAX_REPORT_CHARS)
    (title, body), secrets = without_secrets(given)
    team = Team.objects.get(pk=submission.team_id)
    repository = _find_repository(team, submission.repository, allow_local=submission.allow_local)
    new = reports.NewIssue(
        title=title[: reports.MAX_TITLE_CHARS],
        body=body,
        source=submission.source,
        reporter_name=actor.name,
        reporter_id=actor.user_id,
        place=submission.place,
        severity=submission.severity.value if submission.severity else "",
        # Taken here: while the issue is stored, all other reports of the team wait.
        fingerprints=tuple(fingerprints_of(title, body)),
        repository=repository,
        revision=check_revision(submission.revision),
    )
    try:
        with transaction.atomic():
            issue = reports.open_issue(team, new, submission.delivery)
            run = _start(issue, actor, is_held=True)
            report_context.expect(run, submission.awaits_context)
            if offers.may_start(run) and submission.awaits_context is None:
                chain.send_after_commit(run)
            redactions.tell(run, secrets, "the report", key="report")
    except IntegrityError:
        # The same delivery was stored at the same moment, through another process.
        known = reports.find_delivery(submission.delivery) if submission.delivery else None
        if known is None:
            raise
        return Submitted(known, known.runs.select_related("issue").order_by("number")[0], is_new=False)
    return Submitted(issue, run, is_new=True)


def start_run(actor: Actor, issue_key: str, *, client_id: str = "", model: str = "", repository: str = "") -> models.Run:
    """Investigate an issue once more, with another model maybe. The same `client_id` gives the same run.

    `repository` is for an issue that was reported without one: from now on it has this one.
    Raises `InputError` for a model that is not among the choices, `Conflict` if the issue has another repository.
    """
    issue = selectors.get_issue(actor, issue_key)
    actor.require(issue.team_id, MemberRole.RESPONDER)
    model = model_settings.check_wanted(model)
    named = _find_repository(issue.team, repository, allow_local=False)
    with transaction.atomic():
        joining.separate(issue, actor.name)
        issue.repository = reports.set_repository(issue.id, named, actor.name)
        known = issue.runs.select_related("issue").filter(client_id=client_id).first() if client_id else None
        if known and (known.fork_kind or known.wanted_model != model):
            raise Conflict(forks.TAKEN, next_step="Send it again with a new client_id.")
        return known or _start(issue, actor, client_id, model)


def send_message(
    actor: Actor,
    run_id: UUID | str,
    text: str,
    *,
    client_id: str = "",
    is_urgent: bool = False,
    slack: Mapping[str, str] | None = None,
) -> models.Message:
    """Say something to a run; the model has it before its next call. An ended run keeps it for the next one.

    For an urgent one the model call under way is given up within a second, and made anew with the message. `slack` says
    where it was said (`Message.slack`).
    """
    run = selectors.get_run(actor, run_id)
    actor.require(run.issue.team_id, MemberRole.RESPONDER)
    cleaned, secrets = without_secrets(check_text(text))
    with transaction.atomic():
        message = messages.say(
            run,
            cleaned,
            author_name=actor.name,
            author_id=actor.user_id,
            client_id=client_id,
            is_urgent=is_urgent,
            slack=slack,
        )
        detail = {"run": str(run.id), "urgent": is_urgent}
        audit.record(actor, "message.sent", run.issue.key, team_id=run.issue.team_id, detail=detail)
        redactions.tell(run, secrets, f"the message of {actor.name}", key=f"message:{message.id}")
        _wake(run)
    return message


def make_message_urgent(actor: Actor, run_id: UUID | str, message_id: UUID | str) -> models.Message:
    """Have a queued message used now, as if it had been sent so. Once the model has it, nothing changes."""
    message = selectors.get_message(actor, run_id, message_id)
    issue = message.run.issue
    actor.require(issue.team_id, MemberRole.RESPONDER)
    with transaction.atomic():
        changed = messages.make_urgent(message, actor.name)
        detail = {"run": str(message.run_id), "message": str(message.id)}
        audit.record(actor, "message.made_urgent", issue.key, team_id=issue.team_id, detail=detail)
    return changed


def say_to_issue(actor: Actor, issue_key: str, text: str, delivery: reports.Delivery) -> Said:
    """Say something about an issue: to its live run; an ended one keeps it for a further run, which starts at once.

    A repeated delivery gives what the first one made, whatever has become of the run meanwhile.
    """
    issue = selectors.get_issue(actor, issue_key)
    actor.require(issue.team_id, MemberRole.RESPONDER)
    known = reports.find_delivery(delivery)
    client_id = f"{delivery.source}:{delivery.external_id}"[-MAX_CLIENT_ID_CHARS:]
    with transaction.atomic():
        is_new = known is None and reports.note_delivery(issue, delivery)
        if not is_new:
            said = models.Message.objects.select_related("run__issue").filter(run__issue=issue, client_id=client_id)
            return Said(said.earliest("created_at"), issue.runs.order_by("-number")[0], is_new=False)
        latest = selectors.latest_runs([issue])[issue.id]
        message = send_message(actor, latest.id, text, client_id=client_id)
        run = latest
        if message.status == MessageStatus.CARRIED_OVER:
            run = start_run(actor, issue.key, client_id=client_id)
    return Said(message, run, is_new=True)


def answer_input(
    actor: Actor,
    input_request_id: UUID | str,
    decision: Decision,
    *,
    answer: str = "",
    arguments: dict[str, Any] | None = None,
    seen_hash: str = "",
) -> models.InputRequest:
    """Answer a question, decide an approval or a budget. The first answer wins; a later one raises `Conflict`.

    `seen_hash` is the `arguments_hash` of what the person was shown: a decision about anything else is refused.
    """
    request = selectors.get_input_request(actor, input_request_id)
    team_id = request.run.issue.team_id
    actor.require(team_id, MemberRole.RESPONDER)
    answer, secrets = without_secrets(answer)
    _refuse_secrets(arguments)
    with transaction.atomic():
        answered = inputs.answer(request, inputs.Answer(decision, answer, arguments, seen_hash), actor)
        detail = {"input_request": str(request.id), "decision": decision.value, "arguments_hash": answered.arguments_hash}
        audit.record(actor, "input.answered", request.run.issue.key, team_id=team_id, detail=detail)
        redactions.tell(request.run, secrets, f"the answer of {actor.name}", key=f"input:{request.id}")
        if answered.kind == InputKind.JOIN:
            offers.decided(answered)
        _wake(request.run)
    return answered


def stop_run(actor: Actor, run_id: UUID | str) -> models.Run:
    """Stop a run: at once if nobody works on it, else within two seconds. Asking again changes nothing."""
    run = selectors.get_run(actor, run_id)
    actor.require(run.issue.team_id, MemberRole.RESPONDER)
    with transaction.atomic():
        stopped = runs.request_stop(run.id, actor.name)
        audit.record(actor, "run.stop_requested", run.issue.key, team_id=run.issue.team_id, detail={"run": str(run.id)})
    return stopped


def resume_run(actor: Actor, run_id: UUID | str, *, client_id: str = "") -> models.Run:
    """Go on from where a stopped or failed run was, as a further run. Asking again gives the same one.

    Raises `Conflict` for a run that is at work, waits, or has succeeded.
    """
    source = selectors.get_run(actor, run_id)
    actor.require(source.issue.team_id, MemberRole.RESPONDER)
    with transaction.atomic():
        joining.separate(source.issue, actor.name)
        run, is_new = forks.resume(fork_points.of_resume(source), _asked(actor, client_id))
        if is_new:
            _launch_fork(actor, source, run)
    return run


def branch_run(actor: Actor, run_id: UUID | str, text: str, *, from_stage: Stage, client_id: str = "") -> models.Run:
    """Try another line from the end of a stage, as a further run that hears `text` first. The run itself stays as it is.

    The same `client_id` gives the same run. Raises `Conflict` if the stage is not over yet.
    """
    source = selectors.get_run(actor, run_id)
    actor.require(source.issue.team_id, MemberRole.RESPONDER)
    cleaned, secrets = without_secrets(check_text(text))
    with transaction.atomic():
        joining.separate(source.issue, actor.name)
        run, is_new = forks.branch(fork_points.of_branch(source, from_stage), _asked(actor, client_id), cleaned)
        redactions.tell(run, secrets, f"the message of {actor.name}", key="branch")
        if is_new:
            _launch_fork(actor, source, run)
    return run


def close_issue(actor: Actor, issue_key: str, resolution: str, outcome: IssueOutcome | None = None) -> models.Issue:
    """Close an issue with how it was resolved in words, and maybe in fields that an evaluation can hold answers against."""
    if outcome is not None:
        said = without_secrets({"files": outcome.files, "functions": outcome.functions})[0]
        outcome = outcome.model_copy(update=said)
    return _set_status(actor, issue_key, IssueStatus.CLOSED, resolution, outcome)


def export_case(actor: Actor, issue_key: str) -> Case:
    """The issue as a case for `manage.py evaluate`: what was reported, what the tools answered, how it ended. Redacted."""
    issue = selectors.get_issue(actor, issue_key)
    actor.require(issue.team_id, MemberRole.RESPONDER)
    case = cases.case_of(issue)
    audit.record(actor, "case.exported", issue.key, team_id=issue.team_id, detail={"outcome": case.label.outcome.value})
    return case


def reopen_issue(actor: Actor, issue_key: str) -> models.Issue:
    return _set_status(actor, issue_key, IssueStatus.OPEN, "")


def add_repository(actor: Actor, team_id: int, source: str, *, name: str = "", allow_local: bool = False) -> models.Repository:
    """Let a team's runs read a repository. Raises `RepositoryRefused` for an address that policy does not allow."""
    actor.require(team_id, MemberRole.ADMIN)
    team = Team.objects.get(pk=team_id)
    with transaction.atomic():
        repository = reports.add_repository(team, _checked(source, allow_local=allow_local), name)
        checkouts.refresh(repository)
        audit.record(actor, "repository.added", repository.name, team_id=team_id, detail={"source": repository.source})
    return repository


def _start(
    issue: models.Issue, actor: Actor, client_id: str = "", wanted_model: str = "", *, is_held: bool = False
) -> models.Run:
    run = runs.create_run(
        issue,
        asked_by=actor.name,
        user_id=actor.user_id,
        trace_id=current_trace_id(),
        client_id=client_id,
        wanted_model=wanted_model,
    )
    if issue.repository is not None:
        checkouts.request(issue.repository, issue.revision)
    detail = {"run": str(run.id), **({"model": wanted_model} if wanted_model else {})}
    audit.record(actor, "run.started", issue.key, team_id=issue.team_id, detail=detail)
    if not is_held:
        chain.send_after_commit(run)
    return run


def _asked(actor: Actor, client_id: str) -> runs.Asked:
    return runs.Asked(by=actor.name, user_id=actor.user_id, trace_id=current_trace_id(), client_id=client_id)


def _launch_fork(actor: Actor, source: models.Run, run: models.Run) -> None:
    if run.issue.repository is not None and not run.commit:
        checkouts.request(run.issue.repository, run.issue.revision)
    detail = {"run": str(run.id), "from": str(source.id), "stage": run.fork_stage}
    done = "run.resumed" if run.fork_kind == ForkKind.RESUME else "run.branched"
    audit.record(actor, done, run.issue.key, team_id=run.issue.team_id, detail=detail)
    chain.send_after_commit(run)


def _wake(run: models.Run) -> None:
    if runs.wake(run.id):
        chain.send_after_commit(models.Run.objects.select_related("issue").get(id=run.id))


def _set_status(
    actor: Actor, issue_key: str, status: IssueStatus, resolution: str, outcome: IssueOutcome | None = None
) -> models.Issue:
    issue = selectors.get_issue(actor, issue_key)
    actor.require(issue.team_id, MemberRole.RESPONDER)
    resolution = clean_text(resolution)
    with transaction.atomic():
        if status == IssueStatus.OPEN:
            joining.separate(issue, actor.name)
        changed = reports.set_status(issue, status, actor, resolution, outcome)
        audit.record(actor, f"issue.{status}", issue.key, team_id=issue.team_id)
    return changed


def _find_repository(team: Team, asked: str, *, allow_local: bool) -> models.Repository | None:
    asked = asked.strip()
    if not asked:
        return None
    known = models.Repository.objects.filter(team=team, name=asked).first()
    if known:
        return known
    if "/" not in asked and ":" not in asked and not allow_local:
        raise InputError(
            f"The team has no repository named {asked!r}.",
            next_step="Give its https address, or ask an admin to add it.",
            field="repository",
        )
    return reports.add_repository(team, _checked(asked, allow_local=allow_local))


def _checked(source: str, *, allow_local: bool) -> str:
    return check_source(
        source, allow_local=allow_local, roots=settings.REPOSITORY_ROOTS, private_hosts=settings.REPOSITORY_PRIVATE_HOSTS
    )


def _refuse_secrets(arguments: dict[str, Any] | None) -> None:
    """The call is made with exactly what is stored and shown, so a secret cannot be taken out of it without a word."""
    if arguments is not None and without_secrets(arguments)[1]:
        raise InputError(
            "The arguments hold what looks like a secret. Arguments are stored and shown, so none may be in them.",
            next_step="Take it out. A credential of the tool's server belongs into the gateway's configuration.",
            field="arguments",
        )


def check_text(text: str) -> str:
    """What a person said, fit to be stored. Raises `ReportError`."""
    cleaned = text.replace("\r\n", "\n").strip()
    if not cleaned:
        raise ReportError("The message is empty.", next_step="Write something.", field="text")
    if not is_storable(cleaned):
        raise ReportError("The message looks like binary data, not text.", next_step="Paste it as text.", field="text")
    if len(cleaned) > MAX_MESSAGE_CHARS:
        raise ReportError(f"The message is longer than {MAX_MESSAGE_CHARS:,} characters.", next_step="Shorten it.", field="text")
    return cleaned
