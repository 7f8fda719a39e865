"""Figures about the running system: `python -m tests.benchmarks`. They report; nothing asserts on them."""
