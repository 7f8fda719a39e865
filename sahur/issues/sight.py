"""What the readers of a thread may see of an issue: nothing that comes from a private place that is not theirs.

Facts stay: the verdict, places in the code and commits that the code server has shown, evidence of tools that have not read
there, by its place. No words of the model are told: who reads along may also speak to the run, and could have it say what is
hidden in other letters, and be it as the path of a file. The page, where only the team gets in, has all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sahur.issues import models, sources
from sahur.issues.code_places import CodePlaces
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
    places: CodePlaces = field(default_factory=lambda: CodePlaces([]))
    """Of the calls that the readers may know of."""

    def title(self, issue: models.Issue) -> str:
        """Empty where the report is none of the readers' business."""
        return issue.title if self.shows_report else ""

    def says(self, text: str, instead: str = "") -> str:
        """Words of the model: only to who sees all that it has seen."""
        return text if self.is_whole else instead

    def evidence(self, rows: Sequence[Evidence]) -> list[Evidence]:
        """What may be cited; the model's statement gives way to the place that it is about."""
        shown = [row for row in rows if self.is_whole or row.number in self.cited]
        return [row.model_copy(update={"statement": self.says(row.statement, self._place_of(row))}) for row in shown]

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
                "locations": [shown for told in whole.locations if (shown := self.places.location(told)) is not None],
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
        return commit if commit is not None and commit.sha in self.places.commits else None

    def _place_of(self, row: Evidence) -> str:
        if row.path in self.places.paths:
            return f"{row.path}:{row.line}" if row.line else row.path
        is_known = any(row.commit and sha.startswith(row.commit) for sha in self.places.commits)
        return f"commit {row.commit[:12]}" if is_known else f"A result of {row.tool}"


WHOLE = Sight(is_whole=True)


def look(run: models.Run, eyes: Eyes, found: Sources) -> Sight:
    """`found` are the sources of this run, and `eyes` know its channels."""
    shows_report = eyes.see_said(found.report, found.rooms)
    hides_words = not shows_report or not all(eyes.see_said(each, found.rooms) for each in found.told)
    unseen = [call for call, places in found.calls if not all(eyes.see(place) for place in places)]
    if not hides_words and not unseen:
        return WHOLE
    unseen_ids = {call.id for call in unseen}
    unknown = all(sources.UNKNOWN in places for call, places in found.calls if call.id in unseen_ids)
    # What repeats the report, or the results of other calls, says no less than they do.
    unseen += [call for call, _ in found.calls if call.id not in unseen_ids and _repeats(call, hides_words, bool(unseen_ids))]
    unseen_ids = {call.id for call in unseen}
    seen = [call for call, _ in found.calls if call.id not in unseen_ids]
    cited = _citable(run, seen, unseen)
    return Sight(
        is_whole=False,
        shows_report=shows_report,
        cited=cited,
        why=_why(shows_report, hides_words, unknown),
        places=CodePlaces(seen),
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


def _repeats(call: models.ToolCall, hides_words: bool, hides_calls: bool) -> bool:
    return (hides_words and call.tool in ECHOES) or (hides_calls and call.tool.startswith("receipts__"))


def reader_of(thread: models.SlackThread) -> Reader:
    return Reader(thread.workspace_id, thread.channel_id)


def title_for(issue: models.Issue, reader: Reader) -> str:
    """The title of any issue, where this reader may see it by what is known now; else empty."""
    report = sources.report_of(issue)
    eyes = sources.eyes_of(reader, {report.place}, issue.team_id)
    return issue.title if eyes.see_said(report, set()) else ""
