"""The console says what takes long and what went wrong, each on a line of its own."""

from __future__ import annotations

import io
from pathlib import Path

from sahur.embedded.console import Console, LogWatch


def test_a_line_names_its_process_and_cannot_steer_the_terminal() -> None:
    stream = io.StringIO()
    Console(stream).say("evil \x1b[2Jtext", "worker")
    assert stream.getvalue() == "  worker | evil [2Jtext\n"


def test_a_quick_step_is_not_mentioned() -> None:
    stream = io.StringIO()
    with Console(stream).step("Blinking"):
        pass
    assert stream.getvalue() == ""


def test_only_new_warnings_and_errors_of_the_logs_are_shown(tmp_path: Path) -> None:
    stream, log = io.StringIO(), tmp_path / "worker.log"
    log.write_text("2026-01-01 ERROR old news\n")
    watch = LogWatch(Console(stream), tmp_path)
    with log.open("a") as file:
        file.write("2026-01-01 INFO all is well\n2026-01-01 WARNING mind the gap\n2026-01-01 ERROR not yet wh")
    watch.look()
    assert stream.getvalue() == "  worker | 2026-01-01 WARNING mind the gap\n"
    with log.open("a") as file:
        file.write("ole\n")
    watch.look()
    assert stream.getvalue().endswith("  worker | 2026-01-01 ERROR not yet whole\n")


def test_a_log_that_was_rotated_is_read_from_its_start(tmp_path: Path) -> None:
    stream, log = io.StringIO(), tmp_path / "web.log"
    log.write_text("x" * 500 + "\n")
    watch = LogWatch(Console(stream), tmp_path)
    log.write_text("2026-01-01 ERROR in the new file\n")
    watch.look()
    assert "in the new file" in stream.getvalue()


def test_noise_stays_in_the_log_and_errors_of_upstreams_do_not(tmp_path: Path) -> None:
    stream, log = io.StringIO(), tmp_path / "mcp.log"
    watch = LogWatch(Console(stream), tmp_path)
    log.write_text(
        "2026-01-01 WARNING django.request [-] Not Found: /favicon.ico\n"
        "2026-01-01 WARNING flower.inspector [-] Inspect method stats failed\n"
        "2026-01-01 ERROR sahur_mcp.proxy.upstreams.remote [-] The upstream tickets does not answer\n"
    )
    watch.look()
    assert stream.getvalue().splitlines() == [
        "     mcp | 2026-01-01 ERROR sahur_mcp.proxy.upstreams.remote [-] The upstream tickets does not answer"
    ]
