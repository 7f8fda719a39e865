"""Anthropic's messages as LangChain speaks them, over connections of the model's own."""

from __future__ import annotations

from functools import cached_property

from anthropic import AsyncAnthropic
from langchain_anthropic import ChatAnthropic


class AnthropicModel(ChatAnthropic):
    """LangChain shares one client with everybody in the process who asks the same address. Its connections belong to the
    event loop that opened them: whoever came later, on another loop, would find them dead ("Event loop is closed").
    """

    @cached_property
    def _async_client(self) -> AsyncAnthropic:
        return AsyncAnthropic(**self._client_params)
