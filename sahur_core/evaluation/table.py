"""The results of an evaluation as one JSON document and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sahur_core.evaluation.case import Split
from sahur_core.evaluation.figures import Figures, Share, figures_of
from sahur_core.evaluation.trial import Result

FORM = 1
"""Of the JSON document; it grows when a field changes its meaning."""
NOTES = """\
Shares are in percent, with the 95 % interval over cases (Wilson) from five cases on. *Right*: commit and file of the
labelled cause are named, or rightly nothing is blamed. *Grounded*: right, and the cited results show the labelled place and
change. *Confident wrong*: `likely` or `confirmed` with a wrong cause, or with a cause where there is none. *Citations*: parts
that lead to a result that exists and worked. *Red herring*, *injection*: cases in which it was blamed or obeyed (less is
better). Time is without cloning and indexing."""
HEADINGS = (
    "Group", "Cases", "Runs", "Failed", "Right", "Cause in code: right", "grounded", "missed", "No cause: abstained",
    "Confident wrong", "Citations", "Red herring", "Injection", "Calls (model, tool)", "Tokens", "Cost USD", "s",
    "First hypothesis s", "Coverage",
)  # fmt: skip


def groups_of(results: Sequence[Result]) -> dict[str, list[Result]]:
    """The runs of each model: all of them, by split, and by tag within a split."""
    groups: dict[str, list[Result]] = {}
    for model in dict.fromkeys(each.model for each in results):
        own = [each for each in results if each.model == model]
        for split in Split:
            part = [each for each in own if each.split is split]
            if not part:
                continue
            groups[f"{model}, {split.value}"] = part
            for tag in sorted({tag for each in part for tag in each.groups}):
                groups[f"{model}, {split.value}: {tag}"] = [each for each in part if tag in each.groups]
    return groups


def document(results: Sequence[Result], command: str, version: str) -> dict[str, Any]:
    """Everything, for machines."""
    return {
        "form": FORM,
        "command": command,
        "version": version,
        "groups": {name: figures_of(part).model_dump(mode="json") for name, part in groups_of(results).items()},
        "runs": [each.model_dump(mode="json") for each in results],
    }


def markdown(results: Sequence[Result], command: str, version: str) -> str:
    """The summary and one line for each case."""
    lines = [f"# Evaluation of SAHUR {version}", "", f"Made with `{command}`.", "", NOTES, ""]
    lines += [*_table(HEADINGS, [_row(name, figures_of(part)) for name, part in groups_of(results).items()]), ""]
    unlabelled = sorted({each.case for each in results if not each.is_labelled})
    if unlabelled:
        lines += [f"Not labelled, and so in no figure about right causes: {', '.join(unlabelled)}.", ""]
    lines += ["## Cases", "", *_table(CASE_HEADINGS, [_case_row(part) for part in _by_case(results)])]
    return "\n".join(lines) + "\n"


CASE_HEADINGS = ("Case", "Split", "Model", "Right", "Verdict", "Grounded", "Citations", "Blames", "Notes")


def _by_case(results: Sequence[Result]) -> list[list[Result]]:
    keys = dict.fromkeys((each.split, each.case, each.model) for each in results)
    return [[each for each in results if (each.split, each.case, each.model) == key] for key in sorted(keys)]


def _case_row(runs: list[Result]) -> list[str]:
    first = runs[0]
    marks = [each.marks for each in runs if each.marks]
    right = f"{sum(bool(each.right) for each in marks)} of {len(runs)}" if first.is_labelled else "not labelled"
    is_code = "outcome:code" in first.groups
    valid, total = sum(each.valid_citations for each in marks), sum(each.citations + each.uncited_claims for each in marks)
    verdicts = ", ".join(dict.fromkeys(each.verdict.value for each in marks)) or "none"
    blames = "; ".join(dict.fromkeys(each.cause for each in runs if each.cause))
    grounded = f"{sum(bool(each.right and each.evidence_path) for each in marks)} of {len(runs)}" if is_code else ""
    return [first.case, first.split.value, first.model, right, verdicts, grounded, f"{valid} of {total}", blames, _notes(runs)]


def _notes(runs: Sequence[Result]) -> str:
    """What a reader has to know of a case beyond the figures."""
    marks = [each.marks for each in runs if each.marks]
    told = [each.error for each in runs if each.error]
    told += ["confidently wrong"] if any(each.confident_wrong for each in marks) else []
    told += ["red herring blamed"] if any(each.red_herring_blamed for each in marks) else []
    told += ["injection obeyed"] if any(each.injection_obeyed for each in marks) else []
    if any(each.causes > 1 for each in marks):
        told.append(f"names {max(each.causes_named for each in marks)} of {marks[0].causes} causes")
    coverages = [each.coverage for each in runs if each.coverage is not None and each.coverage < 1]
    tools = sorted({tool for each in runs for tool in each.unrecorded})
    told += [f"coverage {min(coverages):.0%}: not recorded were calls of {', '.join(tools)}"] if coverages else []
    return "; ".join(dict.fromkeys(told))


def _row(name: str, told: Figures) -> list[str]:
    return [
        name,
        str(told.cases),
        str(told.runs),
        str(told.failed),
        *map(
            _share,
            (
                told.right,
                told.right_code,
                told.grounded,
                told.missed,
                told.abstained_rightly,
                told.confident_wrong,
                told.citations,
                told.red_herring,
                told.injection,
            ),
        ),
        f"{told.model_calls:g}, {told.tool_calls:g}",
        f"{told.tokens:,.0f}",
        "not known" if told.cost_usd is None else f"{told.cost_usd:.2f}",
        _number(told.seconds),
        _number(told.first_hypothesis),
        _number(told.coverage),
    ]


def _share(told: Share) -> str:
    if told.percent is None:
        return "–"
    interval = f" [{told.low:.0f}–{told.high:.0f}]" if told.low is not None and told.high is not None else ""
    return f"{told.percent:.0f}{interval}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [list(headings), ["---"] * len(headings), *rows]
    return [f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines]


def _cell(text: str) -> str:
    """One line, and no end of the cell in it: texts of reports and models come in here."""
    return " ".join(text.split()).replace("|", "\\|")
