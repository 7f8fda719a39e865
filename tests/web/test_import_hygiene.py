"""What only talks or remembers does not load what thinks: it costs a second and 80 MB in every process."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = {"langgraph", "langchain", "langchain_core", "openai", "anthropic", "mcp", "numpy", "bm25s"}
PROGRAM = """
import importlib, json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "sahur.settings"
import django
django.setup()
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""


def heavy_after(*modules: str) -> set[str]:
    """What of the heavy a fresh process has loaded once it has these."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *modules], capture_output=True, text=True, check=True)
    return HEAVY & set(json.loads(done.stdout))


def test_doors_tasks_and_reaper_load_no_model_library():
    assert heavy_after("sahur.asgi", "sahur.urls", "sahur.batch.tasks", "sahur.batch.reaper") == set()


def test_the_check_itself_finds_them():
    assert {"langgraph", "mcp"} <= heavy_after("sahur.batch.bootstrap")
