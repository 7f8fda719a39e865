"""Repositories with a true bug in their history (recipes of the evaluation), and the reports of the people who met it.

`build(name, directory)` makes one: `booking` (aware and naive times; the cause is not in the traceback), `meter` (a
removed guard; the innermost frame is the cause), `stock` (wrong results, no traceback), `courier` (the traceback shows a
retry wrapper; the cause is how settings are read), `digest` (an outage that no code caused: `file` is empty). The
traceback in a report is the one that the program really prints, with its folder as if deployed under /srv.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sahur_core.evaluation.loading import read_recipes
from sahur_core.evaluation.recipe import BRANCH
from sahur_core.evaluation.recipe import build as build_recipe


@dataclass(frozen=True)
class BugCase:
    """A repository and a report on it; `file`, `function` and `commit` say where the cause is, empty: not in the code."""

    name: str
    path: Path
    title: str
    body: str
    file: str
    function: str
    commit: str


@dataclass(frozen=True)
class _Story:
    title: str
    body: str
    file: str = ""
    function: str = ""
    summary: str = ""
    reproduce: Callable[[Path], str] | None = None


def build(name: str, directory: Path) -> BugCase:
    """Make the repository of a case below `directory` and write its report."""
    story = STORIES[name]
    path = directory / name
    shas = _check_out(name, path)
    output = story.reproduce(path).replace(str(path), f"/srv/{name}") if story.reproduce else ""
    commit = shas[story.summary] if story.summary else ""
    return BugCase(name, path, story.title, story.body.replace("{output}", output.strip()), story.file, story.function, commit)


def _check_out(name: str, path: Path) -> dict[str, str]:
    """The repository of the recipe with its work tree, as a developer has it; its commits by the first line of the message."""
    path.mkdir(parents=True)
    built = build_recipe(read_recipes([])[name], path / ".git")
    for arguments in (["config", "core.bare", "false"], ["reset", "--quiet", "--hard", BRANCH]):
        subprocess.run(["git", *arguments], cwd=path, check=True, capture_output=True)
    return built.commits


def _run(path: Path, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-B", "-m", *arguments], cwd=path, input=stdin, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode != 0, f"the bug did not show: {done.stdout}"
    return done.stderr


def _meet_naive_time(path: Path) -> str:
    feed = path.parent / "feed.txt"
    feed.write_text("Kepler;Review;2026-03-16T09:00:00;2026-03-16T10:00:00\n")
    return _run(path, "booking", str(feed), "Kepler", "2026-03-16T09:30:00Z", "2026-03-16T11:00:00Z")


def _meet_equal_samples(path: Path) -> str:
    return _run(path, "meter", stdin="1.0 10\n2.0 30\n2.0 30\n3.0 55\n")


def _meet_short_timeout(path: Path) -> str:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        return _run(path, "courier", "courier.ini", "P-1001", str(silent.getsockname()[1]))


STORIES = {
    "booking": _Story(
        title="Desk screen crashes when asking for room Kepler",
        body=(
            "Hi, since last week's update the desk screen crashes for some rooms. Kepler on Monday 9:30 to 11:00 for example, "
            "Newton is fine. It was fine before. This is what the log says:\n\n```\n{output}\n```\n"
        ),
        file="booking/feed.py",
        function="parse_moment",
        summary="Read whole-day entries of the feed",
        reproduce=_meet_naive_time,
    ),
    "meter": _Story(
        title="meter agent dies on press 7",
        body="The agent on press 7 stops again and again since we updated it. journalctl has:\n\n{output}\n",
        file="meter/rates.py",
        function="per_second",
        summary="Count a counter that started again from zero",
        reproduce=_meet_equal_samples,
    ),
    "stock": _Story(
        title="Items missing from the stock report",
        body=(
            "The counting team says the stock report loses items: each page shows 49 of them, and number 50 is on no page at "
            "all, page 2 begins with number 51. The total at the bottom is too low, too. No error anywhere. Is the paging wrong? "
            "Two weeks ago the pages were complete."
        ),
        file="stock/paging.py",
        function="page_of",
        summary="Leave room for a total on each page of a list",
    ),
    "courier": _Story(
        title="No labels: GaveUp after 3 attempts",
        body=(
            "We cannot order labels since the release on the 14th. The carrier says their service answers within a second, "
            "as always. We did not touch courier.ini (timeout = 30). Log of one try:\n\n```\n{output}\n```\n"
        ),
        file="courier/settings.py",
        function="parse_duration",
        summary="Accept durations with a unit",
        reproduce=_meet_short_timeout,
    ),
    "digest": _Story(
        title="Weekly mail did not go out this morning",
        body=(
            "Between 06:00 and 07:20 UTC nothing could be sent. The mail host was not reachable from our whole data center: "
            "`Temporary failure in name resolution` for smtp.mailhost.example, on every machine, also with plain `dig`. The "
            "provider's status page reports an outage of its DNS servers in that time. It works again since 07:21 without us "
            "doing anything. Can you find out why?"
        ),
    ),
}
"""Every case by its name."""
