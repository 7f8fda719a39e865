"""A model vendor that plays the scenario that a report asks for with the words `scenario <name> <mark>`.

Reports without these words, and calls whose form is demanded, are answered by the offline rules. The mark tells the
conversations of different runs apart.
"""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.fakes.llm_server import Say
from tests.fakes.rules_over_openai import answer_by_rules

HOURS = 3 * 3600.0
WRITE = "tracker__create_ticket"
READ_SLOWLY = "tracker__get_slow"
_SCENARIO = re.compile(r"scenario (\w+) (\w+)")
_DECIDED = re.compile(r"decided on |approved the call of |Nobody answered ")


class Vendor:
    """The script of an `OpenAIServer`. `asked_at` keeps when each mark's calls came."""

    def __init__(self) -> None:
        self.asked_at: dict[str, list[float]] = defaultdict(list)
        self.told: dict[str, str] = {}
        """What the last call of each mark was told, as JSON."""

    def say(self, body: dict[str, Any]) -> Say:
        told = json.dumps(body["messages"])
        found = _SCENARIO.search(told)
        if found is None:
            return answer_by_rules(body)
        name, mark = found.groups()
        self.asked_at[mark].append(time.monotonic())
        self.told[mark] = told
        return SCENARIOS[name](Turn(body, told, mark, len(self.asked_at[mark])))


class Turn:
    """One call of the model, as a scenario sees it. `number` counts the run's calls from 1."""

    def __init__(self, body: dict[str, Any], told: str, mark: str, number: int) -> None:
        self.body, self.told, self.mark, self.number = body, told, mark, number
        self.is_form_demanded = isinstance(body.get("tool_choice"), dict)

    def by_rules(self) -> Say:
        return answer_by_rules(self.body)


Scenario = Callable[[Turn], Say]


def mark_of(scenario: str) -> tuple[str, str]:
    """A new mark, and the words that ask for the scenario."""
    mark = uuid4().hex[:12]
    return mark, f"scenario {scenario} {mark}"


def _in_loop(play: Scenario) -> Scenario:
    """Play only where the model may choose; the first reading and the answer are by the rules."""
    return lambda turn: turn.by_rules() if turn.is_form_demanded else play(turn)


def _ask(turn: Turn) -> Say:
    if _DECIDED.search(turn.told):
        return Say("That settles it.", [("finish", {"reason": "The region is known."})])
    if "Which region?" in turn.told:
        return Say("I wait for the answer.")
    return Say("Somebody must know.", [("ask_person", {"question": "Which region?", "default": "all of them"})])


def _write(turn: Turn) -> Say:
    if _DECIDED.search(turn.told):
        return Say("That is all.", [("finish", {"reason": "The ticket was decided on."})])
    if WRITE in turn.told:
        return Say("I wait for the approval.")
    return Say("The team should know.", [(WRITE, {"text": turn.mark})])


def _write_slowly(turn: Turn) -> Say:
    """Thinks for seconds before it waits, so that the approval comes while a worker owns the run."""
    said = _write(turn)
    return Say(said.text, said.calls, delay=6.0) if said.text == "I wait for the approval." else said


def _hang_with_facts(turn: Turn) -> Say:
    return Say("Too late.", delay=HOURS) if "Recorded as [" in turn.told else turn.by_rules()


def _call_slow_tool(turn: Turn) -> Say:
    return turn.by_rules() if READ_SLOWLY in turn.told else Say("I look there.", [(READ_SLOWLY, {})])


def _first(*says: Say) -> Scenario:
    """These first, whatever is asked; then by the rules."""
    return lambda turn: says[turn.number - 1] if turn.number <= len(says) else turn.by_rules()


def _always(say: Say) -> Scenario:
    return lambda _: say


SCENARIOS: dict[str, Scenario] = {
    "asks": _in_loop(_ask),
    "writes": _in_loop(_write),
    "writes_slowly": _in_loop(_write_slowly),
    "hangs": _always(Say("Too late.", delay=HOURS)),
    "hangs_with_facts": _in_loop(_hang_with_facts),
    "hangs_once": _first(Say("Too late.", delay=HOURS)),
    "streams": _in_loop(_always(Say("word " * 50_000, pause=0.05))),
    "slow_tool": _in_loop(_call_slow_tool),
    "limited": _first(Say(status=429, headers={"Retry-After": "1"})),
    "patient": _always(Say(status=429, headers={"Retry-After": "120"})),
    "broken": _first(*[Say(status=500)] * 3),
    "cut": _first(*[Say("This breaks off in the middle of what it says.", breaks_off=True)] * 2),
    "garbled": _first(Say(raw='data: {"choices": [{"delta\n\n'), Say(raw="<html>Bad gateway</html>")),
    "limited_forever": _always(Say(status=429, headers={"Retry-After": "0"})),
    "broken_forever": _always(Say(status=500)),
    "cut_forever": _always(Say("This breaks off in the middle of what it says.", breaks_off=True)),
    "garbled_forever": _always(Say(raw='data: {"choices": [{"delta\n\n')),
}
