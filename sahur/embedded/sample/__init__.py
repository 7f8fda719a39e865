"""The sample issue: a small service with a history, a true bug in it, and the report of somebody who met it."""
