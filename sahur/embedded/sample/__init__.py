"""The sample issue: a small service with a history, a true bug in it, and the report of somebody who met it.

The service is kept as patches (`patches/`), one per commit; `report.md` is the report, with places for what the running
service really answers and logs. Nothing here is known to the code that investigates.
"""

from sahur.embedded.sample.builder import Sample, build

__all__ = ["Sample", "build"]
