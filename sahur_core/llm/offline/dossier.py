"""What the messages say, as facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.messages import BaseMessage, HumanMessage

from sahur_core.context.framing import framed_parts
from sahur_core.context.history import plain_text


@dataclass
class Dossier:
    report: str = ""


def read_dossier(messages: Sequence[BaseMessage]) -> Dossier:
    texts = [text for message in messages if isinstance(message, HumanMessage) for _, text in framed_parts(plain_text(message))]
    return Dossier(report="\n".join(texts[:2]))
