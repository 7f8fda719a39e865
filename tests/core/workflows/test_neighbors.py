"""A change is told of the function it is in, also where another one begins a few lines further on or ends right above."""

from __future__ import annotations

import os
import subprocess

import pytest

from sahur_core.config import InvestigateConfig
from sahur_core.issues import ClaimKind, Verdict
from tests.core.workflows.world import World
from tests.fakes.repositories import BugCase

PARSE = """def parse_guests(raw):
    text = raw
    if not raw:
        text = "1"
    return int(text.strip())
"""
GUARDED = """def price_per_guest(total, raw):
    guests = parse_guests(raw)
    if not guests:
        return 0
    return total / guests
"""


def commit(path, text, summary, day):
    (path / "app").mkdir(parents=True, exist_ok=True)
    (path / "app" / "booking.py").write_text(text)
    date = f"2026-03-{day:02}T10:00:00+00:00"
    names = {f"GIT_{who}_{what}": "Ada" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {**os.environ, **names, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", summary]):
        subprocess.run(["git", *arguments], cwd=path, env=env, check=True)
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=path, env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def changed_parse(text):
    return text.replace('    if not raw:\n        text = "1"\n', "")


def changed_price(text):
    return text.replace("    if not guests:\n        return 0\n", "")


RAISED = {
    "parse_guests": ("return int(text.strip())", "AttributeError: 'NoneType' object has no attribute 'strip'"),
    "price_per_guest": ("return total / guests", "ZeroDivisionError: division by zero"),
}


@pytest.mark.parametrize("order", ["parse first", "price first"])
@pytest.mark.parametrize(("function", "change"), [("parse_guests", changed_parse), ("price_per_guest", changed_price)])
def test_a_change_is_told_of_the_function_it_is_in(loop, prepared, tmp_path, order, function, change):
    parts = [PARSE, GUARDED] if order == "parse first" else [GUARDED, PARSE]
    text, path = "\n\n".join(parts), tmp_path / "service"
    commit(path, "NAME = 1\n", "Start", 1)
    commit(path, text, "Read guests and prices", 2)
    sha = commit(path, change(text), "Simplify", 3)
    lines = change(text).splitlines()
    code, raised = RAISED[function]
    frames = "".join(
        f'  File "/srv/app/booking.py", line {lines.index("    " + said) + 1}, in {name}\n    {said}\n'
        for name, said in [("price_per_guest", "guests = parse_guests(raw)"), (function, code)]
    )
    body = f"Traceback (most recent call last):\n{frames}{raised}\n"
    case = BugCase("service", path, "Prices fail", body, "app/booking.py", function, sha)
    world = World.for_case(case, loop, prepared, InvestigateConfig(gateway_wait_seconds=0))
    solution = world.run()
    neighbor = ({"parse_guests", "price_per_guest"} - {function}).pop()
    told = [claim.statement for claim in solution.claims]
    assert solution.verdict in (Verdict.CONFIRMED, Verdict.LIKELY)
    assert solution.suspect_commit.sha == sha
    assert solution.locations[0].function == function
    start = next(number for number, line in enumerate(lines, 1) if line.startswith(f"def {function}("))
    assert start <= solution.locations[0].line <= start + 4
    assert any(f"changes {function} in app/booking.py" in text for text in told)
    assert not any(f"changes {neighbor}" in text or f"The change in {neighbor}" in text for text in told)
    assert "`" not in solution.proposed_fix


@pytest.mark.parametrize("order", ["parse first", "price first"])
def test_where_it_fails_is_not_where_it_was_changed(loop, prepared, tmp_path, order):
    """Only the neighbor is on the traceback, and it is in sight of the changed lines."""
    parse = "def parse_guests(raw):\n    if not raw:\n        return 1\n    return len(raw)\n"
    price = "def price_per_guest(total, raw):\n    return total / parse_guests(raw)\n"
    text = "\n\n".join([parse, price] if order == "parse first" else [price, parse])
    broken, path = text.replace("    if not raw:\n        return 1\n", ""), tmp_path / "service"
    commit(path, text, "Read guests and prices", 2)
    sha = commit(path, broken, "Simplify", 3)
    line = broken.splitlines().index("    return total / parse_guests(raw)") + 1
    body = (
        f'Traceback (most recent call last):\n  File "/srv/app/booking.py", line {line}, in price_per_guest\n'
        "    return total / parse_guests(raw)\nZeroDivisionError: division by zero\n"
    )
    case = BugCase("service", path, "Prices fail", body, "app/booking.py", "parse_guests", sha)
    world = World.for_case(case, loop, prepared, InvestigateConfig(gateway_wait_seconds=0))
    solution = world.run()
    told = [claim.statement for claim in solution.claims if claim.kind is not ClaimKind.RULED_OUT]
    assert solution.suspect_commit.sha == sha
    assert solution.locations[0].function == "parse_guests"
    assert broken.splitlines()[solution.locations[0].line - 1] != "def price_per_guest(total, raw):"
    assert not any("changes price_per_guest" in text or "change in price_per_guest" in text for text in told)
