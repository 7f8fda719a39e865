"""A running system whose first model cannot be used: the second answers, at its own address, with its own key and price."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.follow import all_events, file_issue, wait_until_ended
from tests.e2e.system import make_system
from tests.fakes.llm_server import KEY
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.repositories import build
from tests.fakes.rules_over_openai import answer_by_rules

pytestmark = [pytest.mark.timeout(240), pytest.mark.full]
SECOND_KEY = "sk-of-the-second"


def test_the_second_model_answers_with_its_own_key_and_price(tmp_path: Path) -> None:
    bug = build("booking", tmp_path)
    with (
        OpenAIServer(answer_by_rules, model="first-1", key=KEY) as first,
        OpenAIServer(answer_by_rules, model="second-1", key=SECOND_KEY) as second,
    ):
        named = {
            "SAHUR_MODEL": "openai:first-1",
            "SAHUR_MODEL_BASE_URL": first.base_url,
            "SAHUR_MODEL_API_KEY": "sk-no-longer-good",
            "SAHUR_MODEL_FALLBACKS": f"openai:second-1@{second.base_url}",
            "SAHUR_MODEL_KEYS": f"openai=sk-never-sent,{urlsplit(second.base_url).netloc}={SECOND_KEY}",
        }
        system = make_system(tmp_path, **named)
        system.start()
        try:
            system.wait_until_ready()
            columns = "(name, input, output, changed_at)"
            system.query(f"insert into issues_modelprice {columns} values ('second-1', 10, 100, now()) returning name")
            with system.client() as client:
                run = file_issue(client, bug.title, bug.body, str(bug.path))["run"]["id"]
                ended = wait_until_ended(client, run)
                notices = [event["payload"]["message"] for event in all_events(client, run) if "message" in event["payload"]]
        finally:
            system.stop()
    assert ended["status"] == "succeeded", ended["failure"]
    usage = ended["usage"]
    assert usage["model"] == "second-1"
    assert 1 <= len(first.requests) <= 3  # by both workers together: they tell each other
    assert usage["cost_usd"] == pytest.approx((usage["input_tokens"] * 10 + usage["output_tokens"] * 100) / 1_000_000)
    assert any("refused the key for openai:first-1" in notice for notice in notices)
    assert any("openai:second-1 answers in its place" in notice for notice in notices)
    assert not any("sk-" in notice for notice in notices)
