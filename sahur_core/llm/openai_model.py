"""OpenAI's chat completions as LangChain speaks them, with the refusals that LangChain leaves out of streams."""

from __future__ import annotations

from typing import Any

from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI


class OpenAIModel(ChatOpenAI):
    """A refusal comes as `delta.refusal`, piece by piece, in the place of text
    (https://platform.openai.com/docs/api-reference/chat-streaming); it is kept as `additional_kwargs["refusal"]`,
    where LangChain keeps that of an answer that is not streamed.
    """

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], default_chunk_class: type, base_generation_info: dict[str, Any] | None
    ) -> ChatGenerationChunk | None:
        generation = super()._convert_chunk_to_generation_chunk(chunk, default_chunk_class, base_generation_info)
        if generation is None:
            return None
        for choice in chunk.get("choices") or []:
            refusal = (choice.get("delta") or {}).get("refusal")
            if refusal:
                generation.message.additional_kwargs["refusal"] = str(refusal)
        return generation
