"""What the readers of a thread may see of an issue: nothing that comes from a private place that is not theirs.

Facts stay: the verdict, places in the code, commits, evidence of tools that have not read there, by its place. No words of the
model are told: who reads along may also speak to the run, and could have it say what is hidden in other letters. The page,
where only the team gets in, has all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sahur.issues import models, sources
from sahur.issues.quotes import Quotes
from sahur.issues.sources import ECHOES, Eyes, Reader, Sources
from sahur_core.events import RunCanceled
from sahur_core.issues import Evidence, Hypothesis, Solution, SuspectCommit, Verdict

SUMMARIES = {
    Verdict.CONFIRMED: "The cause was found.",
    Verdict.LIKELY: "A likely cause was found.",
    Verdict.INCONCLUSIVE: "The evidence does not show one cause.",
}
"""In place of the model's own words."""
ON_PAGE = "The whole answer is on the page, for the members of the team."
LEFT_OUT = f"Part of this comes from a private conversation. {ON_PAGE}"
REPORT_HIDDEN = f"It was reported in a private conversation. {ON_PAGE}"
SEARCH_HIDDEN = (
    "Part of this is left out here: it may come from a search of Slack of which is not known which channels it has read, and "
    f"they may be private. {ON_PAGE}"
)
NEXT_STEP = "Read the whole answer on the page."


@dataclass(frozen=True)
class Sight:
    """What one thread is shown of a run. `is_whole`: all of it, just as it is."""

    is_whole: bool
    shows_report: bool = True
    cited: frozenset[int] = frozenset()
    """Numbers of the evidence that may be cited."""
    why: str = LEFT_OUT
    """For people: why not all of it is shown."""
    quotes: Quotes = field(default_factory=lambda: Quotes(list, list))

    def title(self, issue: models.Issue) -> str:
        """Empty where the report is none of the readers' business."""
        return issue.title if self.shows_report else ""

    def says(self, text: str, instead: str = "") -> str:
        """Words of the model: only to who sees all that it has seen."""
        return text if self.is_whole else instead

    def evidence(self, rows: Sequence[Evidence]) -> list[Evidence]:
        """What may be cited; the model's statement gives way to the place that it is about."""
        shown = [row for row in rows if self.is_whole or row.number in self.cited]
        return [row.model_copy(update={"statement": self.says(row.statement, _place_of(row))}) for row in shown]

    def hypothesis(self, held: Hypothesis) -> Hypothesis | None:
        return held if self.is_whole else None

    def canceled(self, told: RunCanceled) -> RunCanceled:
        if self.is_whole:
            return told
        return told.model_copy(update={"facts": [], "hypotheses": [], "would_look_at": ""})

    def solution(self, whole: Solution) -> Solution:
        """The same answer with what may be told here."""
        if self.is_whole:
            return whole
        return whole.model_copy(
            update={
                "summary": f"{SUMMARIES[whole.verdict]} {self.why}",
                "root_cause": "",
                "claims": [],
                "locations": [place for place in whole.locations if not self.quotes.are_in(f"{place.path} {place.function}")],
                "suspect_commit": self._suspect(whole.suspect_commit),
                "unresolved": [],
                "would_decide": [],
                "next_step": NEXT_STEP,
                "proposed_fix": "",
                "patch": None,
            }
        )

    def _suspect(self, commit: SuspectCommit | None) -> SuspectCommit | None:
        """Its words are those of who made it."""
        if commit is None or not self.quotes.are_in(commit.summary):
            return commit
        return commit.model_copy(update={"summary": ""})


WHOLE = Sight(is_whole=True)


def look(run: models.Run, eyes: Eyes, found: Sources) -> Sight:
    """`found` are the sources of this run, and `eyes` know its channels."""
    shows_report = eyes.see_said(found.report, found.rooms)
    hidden = [each.text for each in found.told if not eyes.see_said(each, found.rooms)]
    hidden += [] if shows_report else [found.report.text]
    unseen = [call for call, places in found.calls if not all(eyes.see(place) for place in places)]
    if not hidden and not unseen:
        return WHOLE
    unseen_ids = {call.id for call in unseen}
    unknown = all(sources.UNKNOWN in places for call, places in found.calls if call.id in unseen_ids)
    # What repeats the report, or the results of other calls, says no less than they do.
    unseen += [call for call, _ in found.calls if call.id not in unseen_ids and _repeats(call, bool(hidden), bool(unseen_ids))]
    unseen_ids = {call.id for call in unseen}
    seen = [call for call, _ in found.calls if call.id not in unseen_ids]
    shown = [each.text for each in found.told if eyes.see_said(each, found.rooms)]
    shown += [found.report.text] if shows_report else []
    cited = _citable(run, seen, unseen)
    return Sight(
        is_whole=False,
        shows_report=shows_report,
        cited=cited,
        why=_why(shows_report, bool(hidden), unknown),
        quotes=Quotes(lambda: [*hidden, *_texts(unseen)], lambda: [*shown, *_texts(seen)]),
    )


def _why(shows_report: bool, hides_words: bool, is_unknown: bool) -> str:
    if not shows_report:
        return REPORT_HIDDEN
    return SEARCH_HIDDEN if is_unknown and not hides_words else LEFT_OUT


def _citable(run: models.Run, seen: list[models.ToolCall], unseen: list[models.ToolCall]) -> frozenset[int]:
    """Numbers of the evidence that rests on nothing unseen. Of Slack's tools the call must be known, too."""
    hidden, known = ({str(call.receipt_id) for call in calls if call.receipt_id} for calls in (unseen, seen))
    proven = models.Evidence.objects.filter(run=run).values_list("number", "receipt_id", "tool")
    return frozenset(
        number
        for number, receipt, tool in proven
        if str(receipt) not in hidden and (str(receipt) in known or not sources.is_of_slack(tool, {}))
    )


def _texts(calls: list[models.ToolCall]) -> list[str]:
    rows = models.ToolCall.objects.filter(id__in=[call.id for call in calls])
    return list(rows.values_list("text", flat=True))


def _repeats(call: models.ToolCall, hides_words: bool, hides_calls: bool) -> bool:
    return (hides_words and call.tool in ECHOES) or (hides_calls and call.tool.startswith("receipts__"))


def reader_of(thread: models.SlackThread) -> Reader:
    return Reader(thread.workspace_id, thread.channel_id)


def title_for(issue: models.Issue, reader: Reader) -> str:
    """The title of any issue, where this reader may see it by what is known now; else empty."""
    report = sources.report_of(issue)
    eyes = sources.eyes_of(reader, {report.place}, issue.team_id)
    return issue.title if eyes.see_said(report, set()) else ""


def _place_of(row: Evidence) -> str:
    where = f"{row.path}:{row.line}" if row.path and row.line else row.path
    return where or (f"commit {row.commit[:12]}" if row.commit else f"A result of {row.tool}")
