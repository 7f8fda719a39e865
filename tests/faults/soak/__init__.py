"""A random killer against a busy system: `make soak MINUTES=10`, or `python -m tests.faults.soak --minutes 10`.

`surroundings` starts everything and `upkeep` starts again what dies; `people` report, talk, answer and stop through
`doors`, and write what was acknowledged to the `ledger`; `killer` picks one of the `faults` at random moments; `runs` and
`promises` check each run and, when all is quiet, the whole database. `record` counts and prints.
"""
