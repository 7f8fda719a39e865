"""What comes with an answer: owners, a patch that was tried, and an ending that reads well where the cause is open."""

from __future__ import annotations

import pytest

from sahur_core.errors import GatewayUnavailable
from sahur_core.events import ToolCallFinished
from sahur_core.issues import ClaimKind, ToolResultStatus, Verdict
from sahur_core.protocols import ToolOutcome, ToolSpec
from sahur_core.tools.wire import TEST_PATCH
from tests.core.llm.vendors import config_for, model_at, serve
from tests.core.workflows.scripted import Detective, text_of
from tests.fakes.llm_server import Say

LINE = 13


@pytest.fixture
def solve(world_of, cases):
    """Run the bug `meter` with a scripted model that answers with `changes`; `prepare` sets up its world."""

    def run(prepare=None, says=None, **changes):
        detective = Detective(cases("meter"), LINE)
        answered = {"Answer": lambda body: Say(calls=[("Answer", detective.answer(**changes))])}
        detective.says = {**answered, **(says or {})}
        with serve("openai", detective) as server:
            world = world_of("meter", config_for(model_at("openai", server), gateway_wait_seconds=0))
            if prepare:
                prepare(world)
            solution = world.run()
        return solution, world, server

    return run


def patch_for(case, added="    # checked\n", context=None):
    """A patch that adds a line before the one that fails; `context` stands for the unchanged line."""
    lines = (case.path / case.file).read_text().splitlines()
    unchanged = context or lines[LINE - 1]
    return f"--- a/{case.file}\n+++ b/{case.file}\n@@ -{LINE},1 +{LINE},2 @@\n+{added} {unchanged}\n"


def with_sandbox(world):
    """The sandbox server as the gateway lists it, with its answer."""
    spec = ToolSpec(name=TEST_PATCH, description="", input_schema={"type": "object"}, read_only=True, is_own=True)
    result = {"command": "pytest -q", "passed": True, "exit_code": 0, "output": "2 passed"}
    world.tools.extra[TEST_PATCH] = (spec, lambda _: ToolOutcome(status=ToolResultStatus.OK, text="", structured=result))


def test_the_owners_of_the_place_are_those_who_wrote_it(solve, cases):
    solution, world, _ = solve()
    assert [(hint.source, hint.paths) for hint in solution.owners] == [("blame", [cases("meter").file])]
    names = str([call.text for call in world.store.tool_calls()])
    assert all(hint.name in names for hint in solution.owners)
    assert [call.tool for call in world.store.tool_calls()].count("code__owners") == 1
    assert any(event.tool == "code__owners" and event.receipt_id for event in world.events.of(ToolCallFinished))


def test_a_run_ends_well_where_nobody_can_be_asked_for_owners(solve):
    def prepare(world):
        call = world.tools.call

        async def answers(tool, arguments, **named):
            if tool in ("code__owners", "code__check_patch"):
                raise GatewayUnavailable("It is down.")
            return await call(tool, arguments, **named)

        world.tools.call = answers

    solution, _, _ = solve(prepare, patch="--- a/x\n+++ b/x\n@@ @@\n x\n+y\n")
    assert solution.verdict is Verdict.CONFIRMED
    assert solution.patch is None


def test_a_patch_that_applies_is_shown_as_git_tells_it(solve, cases):
    solution, world, _ = solve(patch=patch_for(cases("meter")))
    patch = solution.patch
    assert patch.diff.startswith("diff --git ")
    assert "+    # checked" in patch.diff
    assert patch.paths == [cases("meter").file]
    assert patch.commit == world.store.report().repository.commit
    assert patch.receipt_id in {call.receipt_id for call in world.store.tool_calls() if call.tool == "code__check_patch"}
    assert patch.test_run is None


def test_the_model_may_mend_a_patch_once(solve, cases):
    broken, good = patch_for(cases("meter"), context="no such line"), patch_for(cases("meter"))
    solution, _, server = solve(says={"MendedPatch": lambda body: Say(calls=[("MendedPatch", {"patch": good})])}, patch=broken)
    assert "+    # checked" in solution.patch.diff
    assert any("These lines are not in the file" in text_of(body) for body in server.requests)


def test_a_patch_that_never_applies_is_left_out_and_people_are_told(solve, cases):
    broken = patch_for(cases("meter"), context="no such line")
    again = {"MendedPatch": lambda body: Say(calls=[("MendedPatch", {"patch": broken})])}
    solution, world, _ = solve(says=again, patch=broken)
    assert solution.patch is None
    assert any("does not apply" in text for text in solution.unresolved)
    assert [call.tool for call in world.store.tool_calls()].count("code__check_patch") == 2
    assert solution.verdict is Verdict.CONFIRMED


def test_the_team_s_tests_run_with_the_patch_and_no_model_is_offered_them(solve, cases):
    solution, _, server = solve(with_sandbox, patch=patch_for(cases("meter")))
    assert (solution.patch.test_run.command, solution.patch.test_run.passed) == ("pytest -q", True)
    assert solution.patch.test_run.receipt_id
    assert not any("test_patch" in str(body.get("tools")) for body in server.requests)


def test_a_model_cannot_run_the_tests_by_itself(solve):
    def prepare(world):
        with_sandbox(world)

    asks = {"first": lambda body: Say(calls=[(TEST_PATCH, {"diff": "x"}), ("code__blame", {"path": "meter/rates.py"})])}
    _, world, _ = solve(prepare, says={**asks, "next": lambda body: Say(calls=[("finish", {})])})
    assert world.tools.calls[TEST_PATCH] == 0


def test_an_open_cause_is_told_as_open(solve, cases):
    claims = [
        {"statement": "It fails here.", "evidence": [1], "kind": "symptom"},
        {"statement": "The commit took the check away.", "evidence": [2], "kind": "root_cause"},
    ]
    solution, _, _ = solve(claims=claims, verdict="inconclusive", patch=patch_for(cases("meter")))
    assert solution.verdict is Verdict.INCONCLUSIVE
    assert "took a check away" not in solution.summary
    assert (solution.root_cause, solution.suspect_commit, solution.locations, solution.patch) == ("", None, [], None)
    assert not solution.claims_of(ClaimKind.ROOT_CAUSE)
    assert solution.unresolved[0] == "Possible, but not proven: The commit took the check away. [2]"
    assert any(cases("meter").commit[:10] in text for text in solution.unresolved)
    assert solution.would_decide
    assert solution.owners, "who may know is told most of all where nobody else does"
