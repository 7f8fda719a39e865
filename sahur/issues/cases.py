"""An issue as a case for evaluations: what was reported, what the tools answered, and how it ended (docs/evaluation.md)."""

from __future__ import annotations

from uuid import UUID

from sahur.issues import mapping, models
from sahur.issues.redaction import clean_text, without_secrets
from sahur_core.evaluation.case import Case, Cause, Label, Outcome, RecordedCall, Recording, Split
from sahur_core.issues import IssueOutcome, IssueStatus, RepositoryRef, RunStatus, Solution, ToolResultStatus, Verdict

ANSWERED = (ToolResultStatus.OK, ToolResultStatus.NO_DATA, ToolResultStatus.ERROR)
"""Results that a replay can give again; a refusal or an approval is the gateway's, and belongs to its time."""


def case_of(issue: models.Issue) -> Case:
    """The case with everything that the issue's ended runs were answered. Without a word on how it ended it has no label."""
    run, solution = _answered_run(issue)
    return Case(
        name=issue.key.lower(),
        split=Split.OWN,
        tags=["own"],
        source=issue.key,
        notes=clean_text(issue.resolution),
        title=clean_text(issue.title),
        body=clean_text(issue.body),
        reported_at=issue.created_at,
        label=label_of(issue, solution),
        recording=Recording(repository=_repository(issue, run), calls=_calls(issue, run)),
    )


def label_of(issue: models.Issue, solution: Solution | None) -> Label:
    """What people said when they closed it; "the answer was right" makes a label of the answer. Else nobody knows."""
    outcome = IssueOutcome.model_validate(issue.outcome)
    if issue.status != IssueStatus.CLOSED:
        return Label(outcome=Outcome.UNLABELLED)
    if outcome.is_outside:
        return Label(outcome=Outcome.OUTSIDE)
    if outcome.commit or outcome.files:
        cause = Cause(commit=outcome.commit, files=outcome.files, functions=outcome.functions)
        return Label(outcome=Outcome.CODE, causes=[cause])
    if outcome.answer == "right" and solution is not None:
        return _label_of_answer(solution)
    return Label(outcome=Outcome.UNLABELLED)


def _label_of_answer(solution: Solution) -> Label:
    """What an answer that was right says: its commit and first place, or that nobody could know."""
    if solution.verdict is Verdict.INCONCLUSIVE:
        return Label(outcome=Outcome.TOO_LITTLE)
    commit = solution.suspect_commit.sha if solution.suspect_commit else ""
    files = [place.path for place in solution.locations[:1]]
    functions = [place.function for place in solution.locations[:1] if place.function]
    if not commit and not files:
        return Label(outcome=Outcome.UNLABELLED)
    return Label(outcome=Outcome.CODE, causes=[Cause(commit=commit, files=files, functions=functions)])


def _answered_run(issue: models.Issue) -> tuple[models.Run | None, Solution | None]:
    """The latest run that came to an answer with it; else the latest that ended."""
    runs = issue.runs.filter(status__in=[status.value for status in RunStatus if status.is_terminal]).order_by("-number")
    answered = runs.filter(solution__isnull=False).select_related("solution").first()
    if answered is not None:
        return answered, mapping.solution(answered.solution)
    return runs.first(), None


def _repository(issue: models.Issue, run: models.Run | None) -> RepositoryRef | None:
    if issue.repository is None or run is None:
        return None
    return RepositoryRef(id=str(issue.repository.id), name=issue.repository.name, commit=run.commit)


def _calls(issue: models.Issue, run: models.Run | None) -> list[RecordedCall]:
    """Of all ended runs that read the same commit, that of the answer first; without calls that changed something."""
    if run is None:
        return []
    runs = [
        each.id
        for each in issue.runs.filter(commit=run.commit).order_by("-number")
        if RunStatus(each.status).is_terminal and each.id != run.id
    ]
    wanted = [status.value for status in ANSWERED]
    rows = list(models.ToolCall.objects.filter(run__in=[run.id, *runs], status__in=wanted).order_by("created_at", "id"))
    written = _writing_receipts(issue, [row.receipt_id for row in rows if row.receipt_id])
    order = {run_id: position for position, run_id in enumerate([run.id, *runs])}
    rows = sorted((row for row in rows if row.receipt_id not in written), key=lambda row: order[row.run_id])
    return [_call(row) for row in rows]


def _writing_receipts(issue: models.Issue, ids: list[UUID]) -> set[UUID]:
    rows = models.Receipt.objects.filter(id__in=ids, team_id=issue.team_id, is_read=False)
    return set(rows.values_list("id", flat=True))


def _call(row: models.ToolCall) -> RecordedCall:
    made = mapping.tool_call(row)
    return RecordedCall(
        tool=made.tool,
        arguments=without_secrets(made.arguments)[0],
        status=made.status,
        text=clean_text(made.text),
        receipt_id=made.receipt_id,
        duration_ms=made.duration_ms,
    )
