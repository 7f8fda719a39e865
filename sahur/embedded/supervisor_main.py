"""supervisord that does not outlive `manage.py up`. Run as a script, isolated: `python -I supervisor_main.py …`.

Linux sends it SIGTERM when its parent ends, however that ends; it then stops everything in good order. Elsewhere the
next start finds and ends what was left.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from supervisor.supervisord import main

_PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent(parent: int) -> None:
    """Ask the kernel for SIGTERM at the parent's end. Exits if that has come already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("The command that started the supervisor has ended.")


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    main(sys.argv[2:])
