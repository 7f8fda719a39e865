"""Tries the patch of an answer before anybody sees it: does it apply, and does the team's own test command pass with it?"""

from __future__ import annotations

from typing import Any

from langchain_core.messages import HumanMessage
from langgraph.runtime import Runtime

from sahur_core.errors import ModelError, ToolError
from sahur_core.issues import RepositoryRef, ToolCall, Verdict
from sahur_core.tools.wire import TEST_PATCH
from sahur_core.workflows.investigate import prompts
from sahur_core.workflows.investigate.answer import MendedPatch
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.conversation import conversation
from sahur_core.workflows.investigate.drafting import call_id_for, draft_of
from sahur_core.workflows.investigate.limits import are_calls_spent, stopping_rung
from sahur_core.workflows.investigate.patches import CHECK_TOOL, CHECKS, TEST, applies, result_of
from sahur_core.workflows.investigate.state import State, Update, has_budget
from sahur_core.workflows.investigate.steps import ask_for, call, list_tools, spent, step, summary_of
from sahur_core.workflows.investigate.titles import title_of


def try_patch(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Check the patch, let the model mend it once if it does not apply, and test the one that does."""
    ctx = runtime.context
    draft = draft_of(ctx, state)
    diff, repository = draft.answer.patch.strip(), _repository(ctx)
    # An answer that names no cause shows no patch either, so none is tried.
    is_pointless = not diff or draft.judge(draft.check().kept) is Verdict.INCONCLUSIVE
    if is_pointless or repository is None or CHECK_TOOL not in list_tools(ctx) or are_calls_spent(ctx):
        return {"position": state["position"]}
    update: Update = {"position": state["position"] + 1}
    made = _try(ctx, update["position"], call_id_for(state, CHECKS[0]), CHECK_TOOL, _arguments(repository, diff))
    if made is not None and not applies(made):
        diff, update = _mend(ctx, state, update["position"] + 1, made)
        made = None
        if diff:
            update["position"] += 1
            made = _try(ctx, update["position"], call_id_for(state, CHECKS[1]), CHECK_TOOL, _arguments(repository, diff))
    if made is not None and applies(made) and list_tools(ctx).is_listed(TEST_PATCH):
        update["position"] += 1
        _try(ctx, update["position"], call_id_for(state, TEST), TEST_PATCH, _arguments(repository, diff))
    return update


def _mend(ctx: InvestigationContext, state: State, position: int, failed: ToolCall) -> tuple[str, Update]:
    """The model's second patch; empty if it gives none."""
    problem = str(result_of(failed).get("problem", "")) or failed.text
    if stopping_rung(ctx):
        return "", {"position": position - 1}
    with step(ctx, position, "Mending the patch") as current:
        request = HumanMessage(prompts.patch_failed(draft_of(ctx, state).answer.patch, problem))
        messages = conversation(ctx, state, prompts.INVESTIGATE, [request])
        # The engine sends the run back to the model, as it does with a message that comes a moment later.
        can_go_back = has_budget(state, ctx.config)
        try:
            mended, completion = ask_for(ctx, current, "deep", messages, MendedPatch, interruptible=can_go_back)
        except ModelError as error:
            current.summary = f"The model gave none: {error.message}"
            return "", {"position": position}
        current.summary = "" if mended.patch.strip() else "There is none that applies."
    return mended.patch.strip(), {"position": position, **spent(state, completion)}


def _try(ctx: InvestigationContext, position: int, call_id: str, tool: str, arguments: dict[str, Any]) -> ToolCall | None:
    """One call; None if nobody answered. A patch that cannot be tried is left out, and the answer stays."""
    with step(ctx, position, title_of(tool, arguments)) as current:
        try:
            made = call(ctx, current, call_id, tool, arguments)
        except ToolError as error:
            current.summary = f"It could not be tried: {error.message}"
            return None
        current.summary = summary_of(made) or str(result_of(made).get("problem", ""))[:160]
    return made


def _repository(ctx: InvestigationContext) -> RepositoryRef | None:
    repository = ctx.store.report().repository
    return None if repository is None else ctx.store.prepare_repository() or repository


def _arguments(repository: RepositoryRef, diff: str) -> dict[str, Any]:
    return {"repository": repository.id, "commit": repository.commit, "diff": diff}
