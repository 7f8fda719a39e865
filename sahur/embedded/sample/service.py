"""Runs the sample's service, sends it the request of the report and keeps what it answers and logs."""

from __future__ import annotations

import http.client
import json
import os
import queue
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sahur_core.errors import RepositoryError

START_SECONDS = 30.0
ANSWER_SECONDS = 10.0
_LISTENING = re.compile(r"listening on port (\d+)")
_RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ ")


@dataclass(frozen=True)
class Observed:
    """What somebody in front of the running service sees."""

    request: str
    answer: str
    log: str


def observe(repository: Path, request: dict[str, Any]) -> Observed:
    """Start the service on a free port, send the order, stop the service. Raises `RepositoryError` if it does not run."""
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "shop", "--port", "0"],
        cwd=repository,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    lines: queue.Queue[str] = queue.Queue()
    seen: list[str] = []
    try:
        if process.stderr is None:
            raise RepositoryError("The sample service was started without its log.")
        reader = threading.Thread(target=_read_lines, args=(process.stderr, lines), daemon=True)
        reader.start()
        port = _wait_for_port(lines, seen)
        body = json.dumps(request)
        status, answer = _post(port, "/orders", body)
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)
    reader.join(timeout=START_SECONDS)
    seen += [lines.get_nowait() for _ in range(lines.qsize())]
    process.stderr.close()
    return Observed(body, f"{status} {answer}", _error_record(seen))


def _read_lines(stream: IO[str], lines: queue.Queue[str]) -> None:
    for line in stream:
        lines.put(line.rstrip("\n"))


def _wait_for_port(lines: queue.Queue[str], seen: list[str]) -> int:
    while True:
        try:
            seen.append(lines.get(timeout=START_SECONDS))
        except queue.Empty:
            raise RepositoryError(
                f"The sample service did not start: {' '.join(seen[-3:])}",
                next_step="Remove the sample's folder and start again.",
            ) from None
        if match := _LISTENING.search(seen[-1]):
            return int(match[1])


def _post(port: int, path: str, body: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8")
    except (OSError, http.client.HTTPException) as error:
        raise RepositoryError(
            f"The sample service did not answer: {error}", next_step="Remove the sample's folder and start again."
        ) from error
    finally:
        connection.close()


def _error_record(lines: list[str]) -> str:
    """The record of the log that holds the traceback: its first line and what follows until the next record."""
    start = next((number for number, line in enumerate(lines) if " ERROR " in line), None)
    if start is None:
        raise RepositoryError("The sample service logged no error.", next_step="Remove the sample's folder and start again.")
    end = next((number for number in range(start + 1, len(lines)) if _RECORD.match(lines[number])), len(lines))
    return "\n".join(lines[start:end])
