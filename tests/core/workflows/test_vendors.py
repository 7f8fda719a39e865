"""The same workflow with both vendors' protocols and their real client libraries."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import sahur_core.workflows
from sahur_core.errors import ModelAnswerInvalid, ModelMisconfigured
from sahur_core.events import NoticeRaised, TextStreamed
from sahur_core.issues import Verdict
from tests.core.llm.vendors import config_for, model_at, serve
from tests.core.workflows.scripted import Detective, offered
from tests.fakes.llm_server import Say

LINE = 13  # of meter/rates.py: the division


@pytest.fixture(params=["openai", "anthropic"])
def vendor(request):
    return request.param


def test_a_model_investigates_to_a_confirmed_answer(vendor, world_of, cases):
    with serve(vendor, Detective(cases("meter"), LINE)) as server:
        world = world_of("meter", config_for(model_at(vendor, server)))
        solution = world.run()
    assert solution.verdict is Verdict.CONFIRMED
    assert solution.suspect_commit.sha == cases("meter").commit
    assert solution.used_llm
    assert solution.usage.model == "scripted-1"
    assert solution.usage.model_calls == len(server.requests)
    assert solution.usage.cost_usd is None
    assert "".join(event.text for event in world.events.of(TextStreamed)).startswith("I ask who changed it.")


def test_a_model_gets_tools_results_and_nothing_about_itself(vendor, world_of, cases):
    with serve(vendor, Detective(cases("meter"), LINE)) as server:
        world_of("meter", config_for(model_at(vendor, server))).run()
    loop = [body for body in server.requests if "code__blame" in offered(body)]
    assert {"code__locate", "record_evidence", "ask_person", "finish"} <= offered(loop[0])
    assert "untrusted source=" in str(loop[0]["messages"])


def test_a_model_that_fails_and_recovers_is_told_as_a_notice(vendor, world_of, cases):
    detective = Detective(cases("meter"), LINE)
    answers = iter([Say(status=503), Say(status=429, headers={"retry-after": "0"})])
    with serve(vendor, lambda body: next(answers, None) or detective(body)) as server:
        world = world_of("meter", config_for(model_at(vendor, server)))
        solution = world.run()
    assert solution.verdict is Verdict.CONFIRMED
    assert len(world.events.of(NoticeRaised)) == 2


def test_a_model_that_answers_nonsense_ends_the_run_with_a_clear_cause(vendor, world_of):
    with serve(vendor, lambda body: Say("The weather is fine.")) as server:
        world = world_of("meter", config_for(model_at(vendor, server)))
        with pytest.raises(ModelAnswerInvalid) as raised:
            world.run()
    assert raised.value.next_step


def test_a_wrong_key_ends_the_run_with_a_clear_cause(vendor, world_of):
    with serve(vendor, []) as server:
        world = world_of("meter", config_for(model_at(vendor, server, api_key="sk-wrong")))
        with pytest.raises(ModelMisconfigured, match="refused the key"):
            world.run()


def test_no_node_tool_or_prompt_knows_which_model_runs():
    folder = Path(sahur_core.workflows.__file__).parent
    sources = {path: path.read_text() for path in folder.rglob("*.py")}
    assert len(sources) > 10
    for path, source in sources.items():
        found = re.findall(
            r"offline|anthropic|openai|claude|gpt|ollama|init_chat_model|config\.(?:fast|deep)", source, re.IGNORECASE
        )
        assert not found, f"{path.name} names {found}"
        modules = {node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)}
        assert not [
            module for module in modules if module and module.startswith("sahur_core.llm") and module != "sahur_core.llm.client"
        ]


def test_the_offline_model_and_a_vendor_get_the_same_conversation(world_of, cases, monkeypatch):
    from sahur_core.llm.offline.model import OfflineModel

    seen = []
    answer = OfflineModel._answer
    monkeypatch.setattr(OfflineModel, "_answer", lambda self, *given: (seen.append(given), answer(self, *given))[1])
    world_of("meter").run()
    with serve("openai", Detective(cases("meter"), LINE)) as server:
        world_of("meter", config_for(model_at("openai", server))).run()
    systems = [given[0][0].text for given in seen]
    assert [body["messages"][0]["content"] for body in server.requests[:2]] == systems[:2]
    tools = [{tool["function"]["name"] for tool in given[1]} for given in seen]
    assert [offered(body) for body in server.requests[:2]] == tools[:2]
