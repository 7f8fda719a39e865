"""What only talks or remembers does not load what thinks: it costs a second and 80 MB in every process."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ["langgraph", "langchain", "langchain_core", "openai", "anthropic", "mcp", "numpy", "bm25s"]
PROGRAM = """
import importlib, json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "sahur.settings"
import django
django.setup()
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("module", ["sahur.asgi", "sahur.urls", "sahur.batch.tasks", "sahur.batch.reaper"])
def test_it_loads_no_model_library(module):
    done = subprocess.run([sys.executable, "-c", PROGRAM, module], capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout)).isdisjoint(HEAVY)


def test_the_check_itself_finds_them():
    done = subprocess.run([sys.executable, "-c", PROGRAM, "sahur.batch.bootstrap"], capture_output=True, text=True, check=True)
    assert {"langgraph", "mcp"} <= set(json.loads(done.stdout))
