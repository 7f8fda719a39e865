"""What people may decide on a request, and who may: the one place of both rules.

The shape is that of LangGraph's human-in-the-loop interrupts (`HumanInterruptConfig` and `HumanResponse` of agent-inbox,
https://github.com/langchain-ai/agent-inbox): accept, edit, respond, ignore. Ours, by kind of request:

| LangGraph                    | decision  | question              | approval                      | budget                    |
|------------------------------|-----------|-----------------------|-------------------------------|---------------------------|
| `allow_accept`, `accept`     | `approve` |                       | the call is made as shown     | the limit moves as stated |
| `allow_edit`, `edit`         | `edit`    |                       | it is made with new arguments | another amount            |
| `allow_respond`, `response`  | `respond` | the answer            | not now, and why: for the model |                         |
| `allow_ignore`, `ignore`     | `reject`  | its default holds now | the call is not made          | the run concludes now     |

A `join` is never asked by a model: `approve` joins the issue that is being investigated already, `reject` does not.

Nobody deciding in time has the effect that the request's `default` states. Who may decide follows from the risk of the
tool, as we derive it (`risk.py`); no model and no upstream can lower it.
"""

from __future__ import annotations

from typing import Literal

from sahur_core.issues import Decision, InputKind, InputRequest
from sahur_core.tools.risk import Risk

LANGGRAPH_WORDS: dict[str, Decision] = {
    "accept": Decision.APPROVE,
    "edit": Decision.EDIT,
    "response": Decision.RESPOND,
    "ignore": Decision.REJECT,
}
"""`HumanResponse.type` in our words. The REST door takes either."""

_FITTING: dict[InputKind, tuple[Decision, ...]] = {
    InputKind.QUESTION: (Decision.RESPOND, Decision.REJECT),
    InputKind.APPROVAL: (Decision.APPROVE, Decision.EDIT, Decision.RESPOND, Decision.REJECT),
    InputKind.BUDGET: (Decision.APPROVE, Decision.EDIT, Decision.REJECT),
    InputKind.JOIN: (Decision.APPROVE, Decision.REJECT),
}


def allowed_for(kind: InputKind, *, can_edit: bool = True) -> list[Decision]:
    """The decisions that fit a kind of request; `can_edit` is False where there is nothing to edit."""
    return [decision for decision in _FITTING[kind] if can_edit or decision is not Decision.EDIT]


def allowed_on(request: InputRequest) -> list[Decision]:
    """What people may decide on this request: what it says, or what fits its kind."""
    return list(request.allowed_decisions) or allowed_for(request.kind)


def decision_named(word: str) -> Decision:
    """The decision behind our word or LangGraph's. Raises `ValueError` for any other."""
    return LANGGRAPH_WORDS.get(word) or Decision(word)


def answerable_by(risk: Risk) -> Literal["responder", "admin"]:
    """The least role that may decide on a call: what destroys something is for admins."""
    return "admin" if risk is Risk.DESTROY else "responder"
