"""Every case, several times, with every model: each run is scored, and one that fails counts as a failed run."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import Field

from sahur_core.code.prepare import prepare
from sahur_core.config import InvestigateConfig
from sahur_core.errors import InputError, SahurError
from sahur_core.evaluation.bench import Bench
from sahur_core.evaluation.case import Case, PastIssue, Split
from sahur_core.evaluation.memory import LoopThread, MemoryStore
from sahur_core.evaluation.recipe import Built, Recipe, build
from sahur_core.evaluation.replay import ReplayToolBox
from sahur_core.evaluation.score import Found, Marks, mark
from sahur_core.events import HypothesisStated
from sahur_core.issues import Record, Report, RepositoryRef, Source, Usage
from sahur_core.llm.client import ModelClient
from sahur_core.protocols import ToolBox, ToolSpec, Waiter

log = logging.getLogger(__name__)

_NAMESPACE = uuid.UUID("1c1a4be8-7f0f-5c53-9f6c-6f6f6c1b8c11")
_LINE = re.compile(r"\{\{([^:{}\n]+)::([^\n]+?)\}\}")
RECORDED_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""Of a case that does not say when it was reported and has no repository to tell from."""

ToolFactory = Callable[[Path, Sequence[str], Sequence[PastIssue]], ToolBox]
"""Our own servers over `<folder>/<repository id>`, held to these repositories, with these past issues."""
Progress = Callable[[str], object]


class Result(Record):
    """One run of one case."""

    case: str
    split: Split
    groups: list[str]
    model: str
    number: int
    error: str = Field(default="", description="Why there is no answer; empty for a run that came to one")
    marks: Marks | None = None
    cause: str = Field(default="", description="Whom the answer blames: commit and first place")
    usage: Usage = Usage()
    used_llm: bool = False
    tool_calls: int = 0
    seconds: float = Field(default=0.0, description="Of the run, without making and indexing the repository")
    first_hypothesis: float | None = Field(default=None, description="Seconds until the run told its first hypothesis")
    coverage: float | None = Field(default=None, description="Part of the calls that a replay could answer; None: no replay")
    unrecorded: list[str] = []

    @property
    def is_labelled(self) -> bool:
        return "outcome:unlabelled" not in self.groups


@dataclass
class Setting:
    """What a case is run in: its report, its tools, and the shas behind the messages that its label names."""

    report: Report
    tools: ToolBox
    shas: dict[str, str] = field(default_factory=dict)


class Workshop:
    """Makes the repositories of recipes, each once, and the setting of each run."""

    def __init__(self, folder: Path, recipes: Mapping[str, Recipe], make_tools: ToolFactory, waiter: Waiter) -> None:
        self._folder = folder
        self._recipes = recipes
        self._make_tools = make_tools
        self._waiter = waiter
        self._built: dict[str, Built] = {}
        self._prepared: set[tuple[str, str]] = set()

    def setting(self, case: Case) -> Setting:
        """Raises `InputError` and `RepositoryError` for a case that cannot be set up."""
        if case.recording is not None:
            own = self._waiter.wait_for(_listed(self._make_tools(self._folder, (), ())))
            recording = case.recording
            return Setting(_report(case, recording.repository, RECORDED_AT), ReplayToolBox(recording, own))
        if not case.repository:
            return Setting(_report(case, None, RECORDED_AT), self._make_tools(self._folder, (), case.past_issues))
        built, repository = self._repository(case)
        body = _with_line_numbers(case, built.files[repository.commit])
        moment = built.committed_at[repository.commit] + timedelta(days=1)
        report = _report(case.model_copy(update={"body": body}), repository, moment)
        return Setting(report, self._make_tools(self._folder, (repository.id,), case.past_issues), built.commits)

    def _repository(self, case: Case) -> tuple[Built, RepositoryRef]:
        name = case.repository
        key = str(uuid.uuid5(_NAMESPACE, name))
        folder = self._folder / key
        if name not in self._built:
            folder.mkdir(parents=True, exist_ok=True)
            self._built[name] = build(self._recipes[name], folder / "git")
        built = self._built[name]
        commit = built.commits[case.at] if case.at else built.head
        if (name, commit) not in self._prepared:
            prepare("", folder, commit, lambda _: None)
            self._prepared.add((name, commit))
        return built, RepositoryRef(id=key, name=name, commit=commit)


async def _listed(box: ToolBox) -> list[ToolSpec]:
    return list(await box.list_tools())


def _report(case: Case, repository: RepositoryRef | None, moment: datetime) -> Report:
    return Report(
        issue_key="EVAL-1",
        title=case.title,
        body=case.body,
        source=Source.CLI,
        repository=repository,
        reported_at=case.reported_at or moment,
    )


def _with_line_numbers(case: Case, files: Mapping[str, str]) -> str:
    """The report with the numbers of the lines that it points to."""

    def number(match: re.Match[str]) -> str:
        path, text = match.group(1).strip(), match.group(2).strip()
        lines = [position for position, line in enumerate(files.get(path, "").splitlines(), 1) if text in line]
        if len(lines) != 1:
            raise InputError(f"The case {case.name} points to {text!r}, which stands on {len(lines)} lines of {path}.")
        return str(lines[0])

    return _LINE.sub(number, case.body)


@dataclass
class Trial:
    """What is to be run. `models` are configurations by the name that the table shows."""

    cases: Sequence[Case]
    models: Mapping[str, InvestigateConfig]
    runs: int
    workshop: Workshop
    waiter: LoopThread
    progress: Progress

    def results(self) -> Iterator[Result]:
        """One result for each run, as they end."""
        total = len(self.cases) * len(self.models) * self.runs
        done = 0
        for name, config in self.models.items():
            client = ModelClient(config)
            for case in self.cases:
                for number in range(1, self.runs + 1):
                    done += 1
                    self.progress(f"[{done}/{total}] {case.name}, {name}, run {number}")
                    yield self._run(case, name, number, config, client)

    def _run(self, case: Case, model: str, number: int, config: InvestigateConfig, client: ModelClient) -> Result:
        """One run. Whatever goes wrong in it is the run's failure: the other cases are still of use."""
        blank = Result(case=case.name, split=case.split, groups=case.groups, model=model, number=number)
        try:
            return self._investigate(case, config, client, blank)
        except SahurError as error:
            return blank.model_copy(update={"error": str(error)[:500]})
        except Exception as error:
            log.exception("case %s failed", case.name)
            return blank.model_copy(update={"error": f"SAHUR itself failed: {type(error).__name__}: {error}"[:500]})

    def _investigate(self, case: Case, config: InvestigateConfig, client: ModelClient, blank: Result) -> Result:
        setting = self.workshop.setting(case)
        bench = Bench(MemoryStore(setting.report), setting.tools, config, client, self.waiter)
        started = time.monotonic()
        solution = bench.run_alone()
        seconds = time.monotonic() - started
        first = bench.events.first_moment(HypothesisStated)
        if solution is None:
            return blank.model_copy(update={"error": "The run ended without an answer.", "seconds": seconds})
        store = bench.store
        found = Found(
            solution=solution,
            evidence=store.evidence(),
            calls=store.tool_calls(),
            requests=store.input_requests(),
            asked_tools=store.asked_tools(),
            shas=setting.shas,
        )
        replay = setting.tools if isinstance(setting.tools, ReplayToolBox) else None
        update = {
            "marks": mark(case, found),
            "cause": _blamed(found),
            "usage": solution.usage,
            "used_llm": solution.used_llm,
            "tool_calls": len(found.calls),
            "seconds": round(seconds, 3),
            "first_hypothesis": round(first - started, 3) if first is not None else None,
            "coverage": replay.coverage if replay else None,
            "unrecorded": sorted(set(replay.unrecorded)) if replay else [],
        }
        return blank.model_copy(update=update)


def _blamed(found: Found) -> str:
    suspect, places = found.solution.suspect_commit, found.solution.locations
    parts = [f"{suspect.sha[:10]} {suspect.summary}"] if suspect else []
    parts += [f"{place.path} {place.function}".strip() for place in places[:1]]
    return ", ".join(parts)
