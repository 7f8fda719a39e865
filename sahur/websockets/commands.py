"""What can be asked over a socket: one action each, the same as over REST.

A frame is `{"client_id", "command", …}` with the fields of the REST body. Which run or issue is meant follows from the
address of the socket unless the frame names one. `client_id` makes a resend harmless; it is also how the client finds
the `ack` or `error` of its frame.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sahur.accounts.actor import Actor
from sahur.batch import actions
from sahur.issues import models
from sahur_core.errors import InputError
from sahur_core.issues import Decision, Stage
from sahur_core.tools.storable import check_storable

MAX_FRAME_CHARS = 128 * 1024
"""A message has at most 20,000 characters; the rest is room for JSON's escapes and for arguments of an approval."""

MAX_ANSWER_CHARS = 20_000
"""As over REST."""


@dataclass(frozen=True)
class Subject:
    """What the socket is about: a run with its issue, an issue, or neither."""

    run_id: str = ""
    issue_key: str = ""


class Command(BaseModel):
    """Base of all frames to the server; unknown fields are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    client_id: Annotated[str, Field(min_length=1, max_length=100)]


class SendMessage(Command):
    command: Literal["message.send"]
    text: str
    urgent: bool = False
    run_id: str = ""


class MakeUrgent(Command):
    command: Literal["message.make_urgent"]
    message_id: str
    run_id: str = ""


class AnswerInput(Command):
    command: Literal["input.answer"]
    input_request_id: str
    decision: Decision
    answer: Annotated[str, Field(max_length=MAX_ANSWER_CHARS)] = ""
    arguments: dict[str, Any] | None = None
    arguments_hash: Annotated[str, Field(max_length=64)] = ""


class StopRun(Command):
    command: Literal["run.stop"]
    run_id: str = ""


class ResumeRun(Command):
    command: Literal["run.resume"]
    run_id: str = ""


class BranchRun(Command):
    command: Literal["run.branch"]
    message: str
    from_stage: Stage = Stage.GATHER_CONTEXT
    run_id: str = ""


class StartRun(Command):
    command: Literal["run.start"]
    issue_key: str = ""
    model: Annotated[str, Field(max_length=200)] = ""


def send_message(actor: Actor, command: SendMessage, subject: Subject) -> dict[str, Any]:
    run_id = _named(command.run_id or subject.run_id, "run_id")
    message = actions.send_message(actor, run_id, command.text, client_id=command.client_id, is_urgent=command.urgent)
    return {"message_id": str(message.id), "run_id": str(message.run_id), "status": message.status}


def make_urgent(actor: Actor, command: MakeUrgent, subject: Subject) -> dict[str, Any]:
    run_id = _named(command.run_id or subject.run_id, "run_id")
    message = actions.make_message_urgent(actor, run_id, command.message_id)
    return {"message_id": str(message.id), "run_id": str(message.run_id), "status": message.status}


def answer_input(actor: Actor, command: AnswerInput, subject: Subject) -> dict[str, Any]:  # noqa: ARG001 - one signature for all
    request = actions.answer_input(
        actor,
        command.input_request_id,
        command.decision,
        answer=command.answer,
        arguments=command.arguments,
        seen_hash=command.arguments_hash,
    )
    return {"input_request_id": str(request.id), "decision": request.decision}


def stop_run(actor: Actor, command: StopRun, subject: Subject) -> dict[str, Any]:
    run = actions.stop_run(actor, _named(command.run_id or subject.run_id, "run_id"))
    return {"run_id": str(run.id), "status": run.status}


def resume_run(actor: Actor, command: ResumeRun, subject: Subject) -> dict[str, Any]:
    run_id = _named(command.run_id or subject.run_id, "run_id")
    return _begun(actions.resume_run(actor, run_id, client_id=command.client_id))


def branch_run(actor: Actor, command: BranchRun, subject: Subject) -> dict[str, Any]:
    run_id = _named(command.run_id or subject.run_id, "run_id")
    stage = command.from_stage
    return _begun(actions.branch_run(actor, run_id, command.message, from_stage=stage, client_id=command.client_id))


def start_run(actor: Actor, command: StartRun, subject: Subject) -> dict[str, Any]:
    issue_key = _named(command.issue_key or subject.issue_key, "issue_key")
    return _begun(actions.start_run(actor, issue_key, client_id=command.client_id, model=command.model))


def _begun(run: models.Run) -> dict[str, Any]:
    return {"run_id": str(run.id), "number": run.number, "status": run.status}


Handler = Callable[[Actor, Any, Subject], dict[str, Any]]

COMMANDS: dict[str, tuple[type[Command], Handler]] = {
    "message.send": (SendMessage, send_message),
    "message.make_urgent": (MakeUrgent, make_urgent),
    "input.answer": (AnswerInput, answer_input),
    "run.stop": (StopRun, stop_run),
    "run.start": (StartRun, start_run),
    "run.resume": (ResumeRun, resume_run),
    "run.branch": (BranchRun, branch_run),
}


def decode(text: str) -> dict[str, Any]:
    """The frame as a JSON object. Raises `InputError`."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("The frame is not JSON.", next_step="Send one JSON object in each text frame.") from None
    if not isinstance(frame, dict):
        raise InputError("The frame is not a JSON object.", next_step='Send {"client_id": …, "command": …}.')
    return frame


def client_id_of(frame: dict[str, Any]) -> str:
    """To address the answer even of a frame that cannot be used."""
    client_id = frame.get("client_id")
    return client_id[:100] if isinstance(client_id, str) else ""


def perform(actor: Actor, frame: dict[str, Any], subject: Subject) -> dict[str, Any]:
    """Check a frame and call its action; what the `ack` says. Raises `InputError` and what the action raises."""
    for field, value in frame.items():
        # The action says in its own words what is wrong with a binary message.
        if field not in ("text", "message"):
            check_storable(value, field)
    name = frame.get("command")
    model, handler = COMMANDS.get(name, (None, None)) if isinstance(name, str) else (None, None)
    if model is None or handler is None:
        raise InputError("There is no such command.", next_step=f"Use one of: {', '.join(COMMANDS)}.", field="command")
    try:
        command = model.model_validate(frame)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{field}: {first['msg']}.", next_step="Mend this part and send it again.", field=field) from None
    return handler(actor, command, subject)


def _named(value: str, field: str) -> str:
    if not value:
        raise InputError("This socket is not about one run or issue.", next_step=f"Say which one: add {field}.", field=field)
    return value
