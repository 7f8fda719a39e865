"""LangGraph's own development server: everything in its memory, one process. Not the production server."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

from tests.benchmarks.engine.graph import EVENTS
from tests.benchmarks.engine.measuring import Times
from tests.e2e.system import answers
from tests.services import free_port
from tests.waiting import wait_for


class LangGraphDev:
    name = "langgraph dev (in memory)"

    def __init__(self, program: str, folder: Path) -> None:
        self._port = free_port()
        self._clients = threading.local()
        config = folder / "langgraph.json"
        source = Path(__file__).with_name("dev_graph.py")
        config.write_text(json.dumps({"dependencies": ["."], "graphs": {"benchmark": f"{source}:graph"}}))
        command = [program, "dev", "--no-browser", "--no-reload", "--config", str(config), "--port", str(self._port)]
        with (folder / "langgraph.log").open("ab") as log:
            self._server = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, "LANGSMITH_TRACING": "false"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(lambda: answers(f"http://127.0.0.1:{self._port}/ok"), 60, f"langgraph dev to answer; log: {folder}")

    @property
    def pid(self) -> int:
        return self._server.pid

    def run_once(self, client: int) -> Times:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        body = json.dumps({"assistant_id": "benchmark", "input": {"finished_stage": ""}, "stream_mode": ["custom"]})
        moments = []
        started = time.perf_counter()
        connection.request("POST", "/runs/stream", body, {"Content-Type": "application/json"})
        with connection.getresponse() as response:
            for line in response:
                if line.startswith(b"data:") and b"notice.raised" in line:
                    moments.append(time.perf_counter() - started)
        done = time.perf_counter() - started
        connection.close()
        assert len(moments) == sum(EVENTS.values()), f"{len(moments)} events"
        return Times(moments[0], done)

    def close(self) -> None:
        self._server.terminate()
        try:
            self._server.wait(15)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait(10)


def find_program(given: str) -> str | None:
    """The `langgraph` command, where it is installed (`pip install "langgraph-cli[inmem]"`)."""
    return shutil.which(given or "langgraph")
