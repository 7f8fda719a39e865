"""What the run engine costs: `python -m tests.benchmarks.engine [--rounds N] [--json FILE]`. It reports; nothing asserts."""
