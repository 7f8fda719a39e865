"""Where in a run another one may go on: at its last checkpoint, or at the end of one of its stages."""

from __future__ import annotations

from sahur.batch import checkpoints
from sahur.issues import lines, models
from sahur.issues.services import runs
from sahur_core.errors import Conflict
from sahur_core.issues import ForkKind, Stage


def of_resume(source: models.Run) -> runs.ForkPoint:
    """Its last checkpoint. A run that has not laid one of its own yet goes on where it would have gone on itself."""
    checkpoint = checkpoints.head(source.id)
    finished = checkpoints.finished_stage(source.id, checkpoint) if checkpoint else source.fork_stage
    return runs.ForkPoint(source, ForkKind.RESUME, checkpoint or source.fork_checkpoint, finished, Stage(source.stage))


def of_branch(source: models.Run, stage: Stage) -> runs.ForkPoint:
    """The end of this stage, in the run or in the one that it goes on from. Raises `Conflict` if it is not over yet."""
    checkpoint = _stage_ends(source).get(stage)
    if checkpoint:
        return runs.ForkPoint(source, ForkKind.BRANCH, checkpoint, stage.value, Stage.ANALYZE)
    raise Conflict(
        f"The stage {stage} of this run is not over, so nothing can go on from its end.",
        next_step="Wait until it is, or send the run a message.",
    )


def stages_of(source: models.Run) -> list[Stage]:
    """The stages that `of_branch` finds the end of."""
    ends = _stage_ends(source)
    return [stage for stage in Stage if stage in ends]


def _stage_ends(source: models.Run) -> dict[Stage, str]:
    """The checkpoints at the ends of the stages of this line: the run's own before those of the runs that it goes on from."""
    found: dict[Stage, str] = {}
    in_line = list(Stage)
    for run in (source, *lines.origins(source)):
        found = {**{stage: end for stage, end in checkpoints.stage_ends(run.id).items() if stage in in_line}, **found}
        if run.fork_kind == ForkKind.BRANCH:
            # What its origin did after that point belongs to the other line.
            stage = Stage(run.fork_stage)
            if stage in in_line:
                found.setdefault(stage, run.fork_checkpoint)
            # A branch may go on from an earlier stage than the branch it comes from.
            in_line = [each for each in in_line if list(Stage).index(each) < list(Stage).index(stage)]
    return found
