"""Pictures for the documentation: `.venv/bin/python -m tests.fakes.slack.pictures --out docs/images`.

They are of a real run: a system of its own is started beside a local Slack, a story is played in it, and what SAHUR has posted
is drawn (`render`) and taken by the browser of the stories.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests import services
from tests.e2e.slack_stage import CHANNEL, OTHER_CHANNEL, Stage, open_stage, until, words_of
from tests.e2e.stage import ASKS, ENOUGH, TALKS
from tests.e2e.system import ROOT
from tests.fakes.slack import render
from tests.fakes.slack.png import with_palette
from tests.fakes.slack.state import Arguments

OMAR, RITA = "U0OMAR", "U0RITA"
TITLE = "Desk screen crashes when somebody asks for room Kepler"
TRACE = (
    '  File "booking/rooms.py", line 14, in overlaps\n    return self.start < end and start < self.end\n'
    "TypeError: can't compare offset-naive and offset-aware datetimes"
)
REPOSITORY = """
from sahur.accounts.actor import actor_for
from sahur.accounts.models import Team, User
from sahur.batch import actions
admin, team = User.objects.get(username="ada"), Team.objects.get(key="SAH")
actions.add_repository(actor_for(admin), team.pk, PATH, name="booking", allow_local=True)
"""
MAX_BYTES = 120_000
SCALES = (1.5, 1.25, 1.0)


class Album:
    """What is drawn, by the name of its picture."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.pages: dict[str, str] = {}
        self._names = {person.id: person.name for person in stage.slack.users.values()}
        self._names |= {channel.id: channel.name for channel in stage.slack.places.values()}

    def thread(self, name: str, channel: str, *messages: Arguments) -> None:
        bot = self._stage.slack.workspaces["T0FAKE"].bot_id
        drawn = []
        for message in messages:
            is_app = message.get("bot_id") == bot
            author = "SAHUR" if is_app else self._names[message["user"]]
            drawn.append(render.message(message, author, self._names, is_app=is_app))
        self.pages[name] = render.page(name, render.channel(self._names[channel], *drawn))

    def modal(self, name: str, view: Arguments, entered: dict[str, str]) -> None:
        self.pages[name] = render.page(name, render.modal(view, self._names, entered))


def play(stage: Stage) -> Album:
    """The story, and a picture at each of its moments."""
    album, slack, acting = Album(stage), stage.slack, stage.slack.acting
    added = stage.system.manage("shell", "-v", "0", "-c", f"PATH = {str(stage.bug.path)!r}\n{REPOSITORY}")
    assert added.returncode == 0, added.stderr
    acting.commands("/sahur", TITLE, channel=OTHER_CHANNEL)
    view = until(acting.opened_view, "the form", stage.told)
    entered = {"body": TRACE, "severity": "High: many are affected", "repository": "booking"}
    album.modal("slack-form", view.body, entered)
    acting.closes(view)
    root = acting.says(CHANNEL, TITLE, user=OMAR)
    log = slack.add_file("desk.log", stage.bug.body.encode())
    acting.says(CHANNEL, f"repo: booking\n{TALKS}. {ASKS}.", thread=root.ts).wait()
    acting.mentions(CHANNEL, "", thread=root.ts, files=(log,)).wait()
    card = stage.wait_for_post(root.ts, "card")
    stage.wait_for_words(card, "Investigating")
    reply = acting.says(CHANNEL, "It began after the deploy on Friday", thread=root.ts, user=OMAR)
    stage.wait_for_words(card, "Hypothesis")
    call = {**slack.message(CHANNEL, root.ts), "text": TITLE}
    asked = {"user": RITA, "ts": reply.ts, "text": f"<@{slack.workspaces['T0FAKE'].bot_user_id}> what is this?"}
    until(lambda: "reactions" in slack.message(CHANNEL, reply.ts), "a mark under the reply", stage.told)
    album.thread(
        "slack-card", CHANNEL, call, asked, dict(slack.message(CHANNEL, card["ts"])), dict(slack.message(CHANNEL, reply.ts))
    )
    acting.says(CHANNEL, ENOUGH, thread=root.ts, user=OMAR)
    until(lambda: any("Which release" in words_of(each) for each in stage.posts(root.ts)), "the question", stage.told)
    question = next(each for each in stage.posts(root.ts) if "Which release" in words_of(each))
    stage.wait_for_words(card, "Waiting for an answer")
    album.thread("slack-question", CHANNEL, dict(slack.message(CHANNEL, card["ts"])), dict(question))
    offer(stage, album)
    acting.presses(CHANNEL, question["ts"], "Answer…", user=OMAR)
    form = until(lambda: acting.opened_view(OMAR), "the form", stage.told)
    acting.submits(form, {"answer": "Release 41"})
    stage.wait_for_post(root.ts, "answer")
    stage.wait_for_effects()
    album.thread("slack-answer", CHANNEL, *[each for each in stage.posts(root.ts) if each["ts"] > question["ts"]])
    return album


def offer(stage: Stage, album: Album) -> None:
    """Somebody else reports the same elsewhere while it is being looked into."""
    again = stage.slack.acting.mentions(
        OTHER_CHANNEL, f"The screen at the desk is down\nrepo: {stage.bug.path}\n{stage.bug.body}"
    )

    def offers() -> list[Arguments]:
        return [each for each in stage.posts(again.ts, "", OTHER_CHANNEL) if "Join it" in str(each.get("blocks"))]

    found = until(offers, "an offer to join", stage.told)
    said = {
        **stage.slack.message(OTHER_CHANNEL, again.ts),
        "text": f"<@{stage.slack.workspaces['T0FAKE'].bot_user_id}> the screen at the desk is down",
    }
    album.thread("slack-join", OTHER_CHANNEL, said, dict(found[0]))


def take(pages: dict[str, str], out: Path) -> None:
    """Each page as a PNG, as sharp as its size allows. AssertionError if one is too large for the documentation."""
    out.mkdir(parents=True, exist_ok=True)
    left = dict(pages)
    for scale in SCALES:
        with tempfile.TemporaryDirectory(prefix="sahur-html-") as folder:
            for name, html in left.items():
                (Path(folder) / f"{name}.html").write_text(html)
            _browse(Path(folder), out, scale)
        for name in left:
            picture = out / f"{name}.png"
            picture.write_bytes(with_palette(picture.read_bytes()))
        left = {name: html for name, html in left.items() if (out / f"{name}.png").stat().st_size > MAX_BYTES}
        if not left:
            break
    for name in pages:
        print(f"{name}.png: {(out / f'{name}.png').stat().st_size // 1000} kB")
    assert not left, f"{', '.join(left)}: more than {MAX_BYTES} bytes"


def _browse(folder: Path, out: Path, scale: float) -> None:
    subprocess.run(
        [str(shutil.which("npx")), "playwright", "test", "-c", "e2e/take-html.config.ts"],
        cwd=ROOT / "frontend",
        env={**os.environ, "SAHUR_HTML": str(folder), "SAHUR_SCREENSHOTS": str(out.resolve()), "SAHUR_SCALE": str(scale)},
        stdin=subprocess.DEVNULL,
        check=True,
        timeout=300,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.slack.pictures", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--html", type=Path, help="keep the pages here, too")
    options = parser.parse_args()
    services.start()
    with tempfile.TemporaryDirectory(prefix="sahur-slack-") as folder, open_stage(Path(folder), has_model=True) as stage:
        stage.model.seconds = 0.3
        album = play(stage)
    if options.html:
        options.html.mkdir(parents=True, exist_ok=True)
        for name, html in album.pages.items():
            (options.html / f"{name}.html").write_text(html)
    take(album.pages, options.out)


if __name__ == "__main__":
    main()
