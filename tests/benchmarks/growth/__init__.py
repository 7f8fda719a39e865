"""How cost grows: the same questions to a small and to a large database, in turn (`python -m tests.benchmarks.growth`)."""
