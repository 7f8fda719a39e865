"""LangChain's chat model around the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolCall
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from sahur_core.config import OFFLINE as OFFLINE
from sahur_core.context.compaction import size_of
from sahur_core.llm.offline.answers import fill
from sahur_core.llm.offline.dossier import read_dossier
from sahur_core.llm.offline.plan import next_move

CHARS_PER_TOKEN = 4
"""The usual rule of thumb; the offline model has no tokens of its own."""


class OfflineModel(BaseChatModel):
    """Rules in the place of a language model. Stateless: the same messages give the same answer."""

    @property
    def _llm_type(self) -> str:
        return OFFLINE

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """As any model: the tools that it may call, and the one that it must call."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], tool_choice=tool_choice, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 (the base class sets the signature)
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        message = self._answer(messages, kwargs.get("tools") or [], kwargs.get("tool_choice"))
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 (the base class sets the signature)
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """The text sentence by sentence, then the calls."""
        message = self._answer(messages, kwargs.get("tools") or [], kwargs.get("tool_choice"))
        for sentence in str(message.text).splitlines(keepends=True):
            yield ChatGenerationChunk(message=AIMessageChunk(content=sentence))
        last = AIMessageChunk(
            content="",
            tool_calls=message.tool_calls,
            usage_metadata=message.usage_metadata,
            response_metadata=message.response_metadata,
            chunk_position="last",
        )
        yield ChatGenerationChunk(message=last)

    def _answer(self, messages: Sequence[BaseMessage], tools: Sequence[dict[str, Any]], tool_choice: str | None) -> AIMessage:
        dossier = read_dossier(messages)
        schemas = {tool["function"]["name"]: tool["function"].get("parameters", {}) for tool in tools}
        if tool_choice in schemas:
            text, calls = "", [(str(tool_choice), fill(schemas[str(tool_choice)], dossier))]
        else:
            text, calls = next_move(dossier, frozenset(schemas))
        asked = sum(size_of(message) for message in messages)
        answer = AIMessage(
            text,
            tool_calls=[ToolCall(name=name, args=args, id=f"call_{number}") for number, (name, args) in enumerate(calls, 1)],
            response_metadata={"model_name": OFFLINE, "is_language_model": False},
        )
        return answer.model_copy(update={"usage_metadata": _usage(asked, size_of(answer))})


def _usage(asked: int, answered: int) -> UsageMetadata:
    tokens_in, tokens_out = asked // CHARS_PER_TOKEN, max(1, answered // CHARS_PER_TOKEN)
    return UsageMetadata(input_tokens=tokens_in, output_tokens=tokens_out, total_tokens=tokens_in + tokens_out)
