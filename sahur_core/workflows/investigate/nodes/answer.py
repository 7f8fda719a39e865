"""The stages after the loop: the answer, its verification against the ledger, and the end."""

from __future__ import annotations

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langgraph.runtime import Runtime

from sahur_core.context.history import to_messages, to_row
from sahur_core.errors import Conflict, ModelError
from sahur_core.evidence.verdict import lowest
from sahur_core.issues import Claim, Stage, Usage, Verdict
from sahur_core.workflows.investigate import ledger_answer, prompts
from sahur_core.workflows.investigate.answer import Answer, Review
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.conversation import conversation
from sahur_core.workflows.investigate.drafting import draft_of, patch_of
from sahur_core.workflows.investigate.limits import stopping_rung
from sahur_core.workflows.investigate.nodes.linked import unread
from sahur_core.workflows.investigate.owners import owner_hints, places_to_ask
from sahur_core.workflows.investigate.solution import Draft, Found, without_refuted
from sahur_core.workflows.investigate.state import State, Update, has_budget
from sahur_core.workflows.investigate.steps import Step, ask_for, spent, step


def analyze(state: State) -> Update:  # noqa: ARG001 (LangGraph's name)
    """The last node of the loop's stage."""
    return {"finished_stage": Stage.ANALYZE.value, "pending": [], "next": ""}


def conclude(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Ask the model for its answer, in the form that the ledger can check."""
    ctx = runtime.context
    position = state["position"] + 1
    with step(ctx, position, "Writing the answer") as current:
        if stopped := stopping_rung(ctx):
            return ledger_answer.keep_or_make(ctx, state, position, stopped)
        request = HumanMessage(f"{prompts.evidence_list(ctx.store.evidence())}\n\n{prompts.CONCLUDE}")
        messages = conversation(ctx, state, prompts.INVESTIGATE, [request])
        # The engine sends the run back to the model, as it does with a message that comes a moment later.
        try:
            answer, completion = ask_for(ctx, current, "deep", messages, Answer, interruptible=has_budget(state, ctx.config))
        except ModelError as error:
            if not ledger_answer.can_replace(ctx):
                raise
            ledger_answer.tell_lost(ctx, error)
            return ledger_answer.keep_or_make(ctx, state, position, error)
        current.summary = answer.summary
    # Stored as text: a call of `Answer` would have to be answered by a tool message if the run goes on from here.
    said = ctx.store.add_transcript([to_row(AIMessage(answer.model_dump_json()))])
    return {"transcript": said, "answer": said[0], "answer_source": "", "position": position, **spent(state, completion)}


def propose_solution(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Check the answer against the ledger, let it be verified, and save what is left of it."""
    ctx = runtime.context
    position = state["position"] + 1
    draft = draft_of(ctx, state)
    checked = draft.check()
    verdict = draft.judge(checked.kept)
    update: Update = {"usage": state["usage"], "used_llm": state["used_llm"]}
    source = state.get("answer_source", "")
    with step(ctx, position, "Verifying the answer against its evidence") as current:
        if checked.kept and (reviewed := review_of(ctx, state, current, draft, checked.kept, verdict)):
            review, update = reviewed
            checked = without_refuted(checked, review)
            verdict = lowest(verdict, Verdict(review.verdict), draft.judge(checked.kept))
        elif checked.kept:
            source, verdict = source or ledger_answer.UNVERIFIED, lowest(verdict, Verdict.LIKELY)
        current.summary = verdict.value
    patch, open_points = patch_of(ctx, state)
    open_points += unread(ctx, state)
    found = Found(owner_hints(places_to_ask(draft), draft.ledger), patch, open_points)
    solution = draft.solution(checked, verdict, Usage(**update["usage"]), used_llm=update["used_llm"], found=found)
    solution = ledger_answer.with_limits(ctx, state, solution, draft.answer, source)
    # The model's words are clean; what was put beside them comes from the report and from tools.
    ctx.store.save_solution(ctx.guard.words(to_messages(ctx.store.transcript(state["transcript"]))).form(solution))
    return {"finished_stage": Stage.PROPOSE_SOLUTION.value, "position": position, **update}


def review_of(
    ctx: InvestigationContext, state: State, current: Step, draft: Draft, claims: list[Claim], verdict: Verdict
) -> tuple[Review, Update] | None:
    """What the fast model objects to, and the channels that asking it moves; None if it cannot be asked."""
    if state.get("answer_source") == ledger_answer.LEDGER or stopping_rung(ctx):
        return None
    request = prompts.for_review(claims, ctx.store.evidence(), verdict.value, draft.answer.root_cause)
    asked = [SystemMessage(prompts.VERIFY), HumanMessage(request)]
    try:
        review, completion = ask_for(ctx, current, "fast", asked, Review, interruptible=has_budget(state, ctx.config))
    except ModelError as error:
        ledger_answer.tell_lost(ctx, error)
        return None
    update = spent(state, completion)
    # The run is named after the model that wrote the answer, not the one that checked it.
    update["usage"]["model"] = state["usage"].get("model", "")
    return review, update


def publish(state: State, runtime: Runtime[InvestigationContext]) -> Update:  # noqa: ARG001
    """The end of the workflow: the saved solution is final. Sending it outside is the engine's work."""
    if runtime.context.store.solution() is None:
        raise Conflict("The run has no solution to publish.", next_step="Start the run again.")
    return {"finished_stage": Stage.PUBLISH.value}
