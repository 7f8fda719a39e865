"""The main job in a real Chromium: `frontend/e2e`, against the whole system and a model that takes its time."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.system import ROOT, System, make_system
from tests.fakes.llm_server import KEY
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.repositories import BugCase, build
from tests.fakes.rules_over_openai import answer_by_rules

FRONTEND = ROOT / "frontend"
THINKING_SECONDS = 0.8
NEW_PERSON = """
from sahur.accounts.models import MemberRole, Team
from sahur.accounts.services import create_user, set_membership
user, password = create_user("bo", by="test")
set_membership(user, Team.objects.get(key="SAH"), MemberRole.RESPONDER, by="test")
print(password)
"""

pytestmark = pytest.mark.timeout(400)


@dataclass
class Stage:
    """What the story needs to be told."""

    system: System
    bug: BugCase
    password: str


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    if not (FRONTEND / "out" / "index.html").exists():
        pytest.fail("the pages are not built: run `make build`")
    with OpenAIServer(partial(answer_by_rules, delay=THINKING_SECONDS)) as model:
        named = {"SAHUR_MODEL": f"openai:{model.model}", "SAHUR_MODEL_BASE_URL": model.origin + "/v1", "SAHUR_MODEL_API_KEY": KEY}
        system = make_system(tmp_path, **named)
        system.start()
        try:
            system.wait_until_ready()
            made = system.manage("shell", "-v", "0", "-c", NEW_PERSON)
            assert made.returncode == 0, made.stderr
            yield Stage(system, build("booking", tmp_path), made.stdout.strip().splitlines()[-1])
        finally:
            system.stop()


def test_the_browser_story(stage: Stage, tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    report.write_text(stage.bug.body)
    environment = {
        **os.environ,
        "SAHUR_URL": stage.system.url,
        "SAHUR_USER": "bo",
        "SAHUR_PASSWORD": stage.password,
        "SAHUR_REPOSITORY": str(stage.bug.path),
        "SAHUR_REPORT": str(report),
    }
    done = subprocess.run(
        [str(shutil.which("npm")), "run", "--silent", "browser"],
        cwd=FRONTEND, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
