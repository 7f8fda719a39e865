"""The table of tools that our own servers share."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict

from sahur_core.errors import InputError, NotFound
from sahur_core.tools.wire import META_STATUS
from sahur_mcp.servers.tool_table import OwnTool, ToolTable, answer


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    word: str


class Found(BaseModel):
    words: list[str]


TABLE = ToolTable("shelf", [OwnTool("find", "Find words.", Asked, Found), OwnTool("say", "Say a word.", Asked)])


def test_what_is_listed_has_the_schemas_of_the_models() -> None:
    find, say = TABLE.listed()
    assert (find.name, say.name) == ("find", "say")
    assert find.input_schema["required"] == ["word"]
    assert find.output_schema is not None
    assert find.output_schema["required"] == ["words"]
    assert say.output_schema is None
    assert find.annotations is not None
    assert find.annotations.read_only_hint


def test_arguments_are_checked_against_the_tool() -> None:
    assert TABLE.parse("find", {"word": "a"}).word == "a"
    with pytest.raises(NotFound, match="The server shelf has no tool 'lose'"):
        TABLE.parse("lose", {})
    with pytest.raises(InputError, match="Wrong arguments") as error:
        TABLE.parse("find", {"word": "a", "wird": "secret"})
    assert "secret" not in str(error.value)


def test_an_answer_has_text_structure_and_status() -> None:
    result = answer("a", structured=Found(words=["a"]), is_empty=False, meta={"more": "x"})
    assert result.structured_content == {"words": ["a"]}
    assert result.meta == {META_STATUS: "ok", "more": "x"}
    assert (answer("", is_empty=True).meta or {})[META_STATUS] == "no_data"
