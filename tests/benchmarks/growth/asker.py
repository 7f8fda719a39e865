"""One process per database: reads the name of a question a line, asks it once, prints its milliseconds.

Django knows one database a process, and the two are to be asked in turn.
"""

from __future__ import annotations

import json
import os
import sys
import time

import django

WARM_UP = 3


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sahur.settings")
    django.setup()
    from tests.benchmarks.growth.questions import Questions, counted

    questions = Questions()
    print(json.dumps(list(questions.by_name)), flush=True)
    warm: set[str] = set()
    for line in sys.stdin:
        name, explained = line.strip(), False
        if name == "compaction":
            from tests.benchmarks.growth.joined import joined

            print(json.dumps(joined()), flush=True)
            continue
        if name.startswith("explain "):
            name, explained = name.removeprefix("explain "), True
        ask = questions.by_name[name]
        for _ in range(0 if name in warm else WARM_UP):
            ask()
        warm.add(name)
        if explained:
            from tests.benchmarks.growth.plans import plans

            print(json.dumps(plans(ask)), flush=True)
            continue
        spent: list[float] = []
        began = time.perf_counter()
        with counted(spent, time.perf_counter):
            ask()
        whole = time.perf_counter() - began
        print(json.dumps([whole * 1000, sum(spent) * 1000]), flush=True)


if __name__ == "__main__":
    main()
