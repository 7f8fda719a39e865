"""The stages after the loop: the answer, its verification against the ledger, and the end."""

from __future__ import annotations

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langgraph.runtime import Runtime

from sahur_core.context.history import to_row
from sahur_core.errors import Conflict
from sahur_core.evidence.verdict import lowest
from sahur_core.issues import Stage, Usage, Verdict
from sahur_core.workflows.investigate import prompts
from sahur_core.workflows.investigate.answer import Answer, Review
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.conversation import conversation
from sahur_core.workflows.investigate.drafting import draft_of
from sahur_core.workflows.investigate.owners import owner_hints, places_to_ask
from sahur_core.workflows.investigate.solution import Found, without_refuted
from sahur_core.workflows.investigate.state import State, Update, has_budget
from sahur_core.workflows.investigate.steps import ask_for, spent, step


def analyze(state: State) -> Update:  # noqa: ARG001 (LangGraph's name)
    """The last node of the loop's stage."""
    return {"finished_stage": Stage.ANALYZE.value, "pending": [], "next": ""}


def conclude(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Ask the model for its answer, in the form that the ledger can check."""
    ctx = runtime.context
    position = state["position"] + 1
    with step(ctx, position, "Writing the answer") as current:
        request = HumanMessage(f"{prompts.evidence_list(ctx.store.evidence())}\n\n{prompts.CONCLUDE}")
        messages = conversation(ctx, state, prompts.INVESTIGATE, [request])
        # The engine sends the run back to the model, as it does with a message that comes a moment later.
        answer, completion = ask_for(ctx, current, "deep", messages, Answer, interruptible=has_budget(state, ctx.config))
        current.summary = answer.summary
    # Stored as text: a call of `Answer` would have to be answered by a tool message if the run goes on from here.
    said = ctx.store.add_transcript([to_row(AIMessage(answer.model_dump_json()))])
    return {"transcript": said, "answer": said[0], "position": position, **spent(state, completion)}


def propose_solution(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Check the answer against the ledger, let it be verified, and save what is left of it."""
    ctx = runtime.context
    position = state["position"] + 1
    draft = draft_of(ctx, state)
    checked = draft.check()
    verdict = draft.judge(checked.kept)
    update: Update = {"usage": state["usage"], "used_llm": state["used_llm"]}
    with step(ctx, position, "Verifying the answer against its evidence") as current:
        if checked.kept:
            request = prompts.for_review(checked.kept, ctx.store.evidence(), verdict.value, draft.answer.root_cause)
            asked = [SystemMessage(prompts.VERIFY), HumanMessage(request)]
            review, completion = ask_for(ctx, current, "fast", asked, Review, interruptible=has_budget(state, ctx.config))
            update = spent(state, completion)
            # The run is named after the model that wrote the answer, not the one that checked it.
            update["usage"]["model"] = state["usage"]["model"]
            checked = without_refuted(checked, review)
            verdict = lowest(verdict, Verdict(review.verdict), draft.judge(checked.kept))
        current.summary = verdict.value
    found = Found(owners=owner_hints(places_to_ask(draft), draft.ledger))
    solution = draft.solution(checked, verdict, Usage(**update["usage"]), used_llm=update["used_llm"], found=found)
    ctx.store.save_solution(solution)
    return {"finished_stage": Stage.PROPOSE_SOLUTION.value, "position": position, **update}


def publish(state: State, runtime: Runtime[InvestigationContext]) -> Update:  # noqa: ARG001
    """The end of the workflow: the saved solution is final. Sending it outside is the engine's work."""
    if runtime.context.store.solution() is None:
        raise Conflict("The run has no solution to publish.", next_step="Start the run again.")
    return {"finished_stage": Stage.PUBLISH.value}
