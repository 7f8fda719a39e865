"""What a report links to is read beside all else, told as steps, weighed, and cited; what cannot be read is told."""

from __future__ import annotations

import asyncio
import json

import pytest

from sahur_core.config import InvestigateConfig
from sahur_core.events import NoticeRaised, StepStarted, ToolCallFinished
from sahur_core.issues import Stage, ToolResultStatus, Verdict
from sahur_core.protocols import ToolOutcome, ToolSpec
from sahur_core.workflows.investigate import initial_state
from sahur_core.workflows.investigate.nodes import linked
from tests.fakes.vendor_upstreams import GITHUB_SCHEMAS, SENTRY_SCHEMAS, SLACK_SCHEMAS

SENTRY = "https://acme.sentry.io/issues/PRESS-7/"
PULL = "https://github.com/acme/meter/pull/12"
SLACK = "https://acme.slack.com/archives/C0123AB/p1700000000000100"
READ_SENTRY, READ_PULL = "sentry__get_sentry_resource", "github__pull_request_read"


def answering(text, status=ToolResultStatus.OK):
    return lambda _: ToolOutcome(status=status, text=text)


def offer(world, **answers):
    """The vendors' tools; what each answers, by its name in `upstream__tool`."""
    for upstream, schemas in (("sentry", SENTRY_SCHEMAS), ("github", GITHUB_SCHEMAS), ("slack", SLACK_SCHEMAS)):
        for tool, schema in schemas.items():
            name = f"{upstream}__{tool}"
            spec = ToolSpec(name=name, description="", input_schema=schema, read_only="send" not in tool)
            world.tools.extra[name] = (spec, answers.get(name, answering("nothing special")))
    return world


def in_sentry(body):
    """The traceback of a report as Sentry's server shows it."""
    lines = body[body.index('  File "') :].splitlines()
    raised = lines[-1]
    shown = "\n".join(lines[:-1])
    return f"# Issue PRESS-7\n\n### Error\n\n```\n{raised}\n```\n\n**Full Stacktrace:**\n────────\n```\n{shown}\n```\n"


def steps_of(world):
    return [event.title for event in world.events.of(StepStarted)]


@pytest.fixture
def pressed(world_of, cases):
    """The agent that dies, reported without its traceback: that is in Sentry only."""
    shown = in_sentry(cases("meter").body)
    return offer(world_of("meter", body=f"It dies again and again, see {SENTRY}."), **{READ_SENTRY: answering(shown)})


def test_a_linked_trace_leads_to_the_cause_and_is_cited(pressed, cases):
    solution = pressed.run()
    case = cases("meter")
    assert solution.suspect_commit.sha == case.commit
    assert [place.path for place in solution.locations] == [case.file]
    assert solution.verdict is not Verdict.INCONCLUSIVE
    cited = {number for claim in solution.claims for number in claim.evidence}
    assert READ_SENTRY in {fact.tool for fact in pressed.store.evidence() if fact.number in cited}


def test_without_the_linked_trace_there_is_less_to_go_by(world_of):
    world = world_of("meter", body=f"It dies again and again, see {SENTRY}.")
    world.run(Stage.GATHER_CONTEXT)
    assert steps_of(world).count("Ranking again with what is linked") == 0
    [notice] = world.events.of(NoticeRaised)
    assert "Sentry issue PRESS-7: no tool server here stands for sentry.io" in notice.message
    assert any("could not be read" in str(message.body) for message in world.store.messages.values())


def test_linked_things_are_steps_before_the_ranking_is_made_again(pressed):
    pressed.run(Stage.GATHER_CONTEXT)
    told = steps_of(pressed)
    assert "Reading the linked Sentry issue PRESS-7" in told
    assert told[-1] == "Ranking again with what is linked"
    positions = [event.position for event in pressed.events.of(StepStarted)]
    assert len(positions) == len(set(positions))
    assert pressed.state["position"] >= max(positions)


def test_the_conversation_holds_each_linked_result_once(pressed):
    pressed.run(Stage.GATHER_CONTEXT)
    [read] = pressed.state["linked"]
    answers = [
        row for row in pressed.store.messages.values() if row.body.get("data", row.body).get("tool_call_id") == read["call_id"]
    ]
    assert len(answers) == 1
    assert pressed.tools.calls[READ_SENTRY] == 1


def test_a_report_with_a_trace_of_its_own_is_ranked_once(world_of, cases):
    case = cases("meter")
    world = offer(world_of("meter", body=f"{case.body}\n{SENTRY}"))
    world.run(Stage.GATHER_CONTEXT)
    assert (world.tools.calls[READ_SENTRY], world.tools.calls["code__locate"]) == (1, 1)


def test_the_commit_that_a_linked_pull_request_became_is_weighed(world_of, cases):
    case = cases("stock")
    pull = {"number": 12, "state": "closed", "merged": True, "merge_commit_sha": case.commit}
    files = [{"filename": case.file, "status": "modified"}]
    world = offer(world_of("stock", body=f"Reports lose items since {PULL}"))
    name = READ_PULL
    spec, _ = world.tools.extra[name]
    world.tools.extra[name] = (spec, lambda given: answering(json.dumps(pull if given["method"] == "get" else files))(given))
    world.run()
    shown = [call.arguments["commit"] for call in world.store.tool_calls() if call.tool == "code__show"]
    assert case.commit in shown
    ranked = [call.arguments["report"] for call in world.store.tool_calls() if call.tool == "code__locate"]
    assert case.file in ranked[-1]
    assert case.commit in ranked[-1]


def test_what_only_looks_like_a_link_is_not_fetched(world_of):
    body = "https://github.com.evil.org/acme/meter/pull/12 https://github.com@evil.org/a/b/pull/1 https://evilsentry.io/organizations/a/issues/1/"
    world = offer(world_of("meter", body=body))
    world.run(Stage.GATHER_CONTEXT)
    assert not [name for name in world.tools.calls if not name.startswith("code__")]
    [notice] = world.events.of(NoticeRaised)
    assert "pull request acme/meter#12: no tool server here stands for its host" in notice.message
    assert "evil" not in notice.message


def test_a_failed_read_is_told_and_the_run_goes_on(world_of):
    world = offer(world_of("meter", body=f"See {SENTRY}"), **{READ_SENTRY: answering("404 Not Found", ToolResultStatus.ERROR)})
    assert world.run() is not None
    [failed] = [event for event in world.events.of(ToolCallFinished) if event.tool == READ_SENTRY]
    assert (failed.status, failed.excerpt) == (ToolResultStatus.ERROR, "404 Not Found")
    told = "The report links to what was not read. Sentry issue PRESS-7: 404 Not Found"
    assert told in world.store.saved.unresolved


def test_one_that_does_not_answer_keeps_the_run_waiting_for_a_moment_only(world_of, monkeypatch):
    monkeypatch.setattr(linked, "MAX_SECONDS", 0.05)
    world = offer(world_of("meter", body=f"See {SENTRY}"))
    call = world.tools.call

    async def slow(tool, arguments, *, tool_call_id):
        if tool == READ_SENTRY:
            await asyncio.sleep(600)
        return await call(tool, arguments, tool_call_id=tool_call_id)

    world.tools.call = slow
    world.run(Stage.GATHER_CONTEXT)
    [failed] = [event for event in world.events.of(ToolCallFinished) if event.tool == READ_SENTRY]
    assert (failed.status, failed.excerpt) == (ToolResultStatus.ERROR, "It did not answer within 0.05 s.")


def test_long_results_share_what_a_model_is_shown(world_of):
    huge = {
        READ_SENTRY: answering("s" * 90_000),
        "slack__slack_read_thread": answering("m" * 90_000),
        READ_PULL: answering("p" * 90_000),
    }
    world = offer(world_of("meter", body=f"{SENTRY} {SLACK} {PULL} https://github.com/acme/meter/pull/13"), **huge)
    world.run(Stage.GATHER_CONTEXT)
    lengths = [len(call.text) for call in world.store.tool_calls() if not call.tool.startswith("code__")]
    assert len(lengths) == 6
    assert sum(lengths) < linked.MAX_SUM_CHARS + 6 * 200


def ended_beside(world):
    """The tasks of the superstep under way whose results the saver has."""
    saved = world.saver.get_tuple(world.thread)
    return {task for task, _, _ in saved.pending_writes}


def test_after_a_crash_only_what_was_not_read_is_read(world_of):
    """What ended beside the call that was cut off is not made again, and the ids stay as they were planned."""
    world = offer(world_of("meter", body=f"See {SENTRY} and {SLACK}"))
    call, killed = world.tools.call, []

    async def once_killed(tool, arguments, *, tool_call_id):
        if tool == READ_SENTRY and not killed:
            while len(ended_beside(world)) < len(world.graph.get_state(world.thread).next) - 1:
                await asyncio.sleep(0.01)
            killed.append(tool_call_id)
            raise RuntimeError("killed")
        return await call(tool, arguments, tool_call_id=tool_call_id)

    world.tools.call = once_killed
    with pytest.raises(RuntimeError, match="killed"):
        world.stream(initial_state(), Stage.GATHER_CONTEXT)
    world.stream(None, Stage.GATHER_CONTEXT)
    assert (world.tools.calls[READ_SENTRY], world.tools.calls["slack__slack_read_thread"]) == (1, 1)
    assert killed[0] in {made.id for made in world.store.tool_calls() if made.tool == READ_SENTRY}


def test_a_window_of_the_report_bounds_the_history_that_is_read(world_of):
    world = world_of("meter", body="Broken since 2026-03-10, it was fine before.")
    world.run(Stage.GATHER_CONTEXT)
    log = next(call for call in world.store.tool_calls() if call.tool in ("code__log", "code__changes"))
    assert (log.tool, log.arguments["until"]) == ("code__log", "2026-03-10T23:59:59+00:00")
    assert log.arguments["since"] < log.arguments["until"]


def test_versions_of_the_report_are_compared(world_of):
    world = world_of("meter", body="Fine on v4.1, 500s after v4.2", config=InvestigateConfig(gateway_wait_seconds=0))
    world.run(Stage.GATHER_CONTEXT)
    [changes] = [call for call in world.store.tool_calls() if call.tool == "code__changes"]
    assert (changes.arguments["base"], changes.arguments["head"]) == ("4.1", "4.2")
    # This repository knows neither, so that its latest changes are read instead.
    [latest] = [call for call in world.store.tool_calls() if call.tool == "code__log"]
    assert (changes.status, latest.status) == (ToolResultStatus.ERROR, ToolResultStatus.OK)
    positions = [event.position for event in world.events.of(StepStarted)]
    assert len(positions) == len(set(positions))


def test_words_that_hang_on_the_day_of_the_report_are_ranked_by_it(world_of):
    world = world_of("meter", body="It dies since yesterday")
    world.run(Stage.GATHER_CONTEXT)
    [located] = [call for call in world.store.tool_calls() if call.tool == "code__locate"]
    assert located.arguments["reported_at"] == world.store.report().reported_at.isoformat()
