"""Becomes a command that the kernel kills when the benchmark dies, in whatever way: `python tied.py COMMAND ARGUMENT…`.

prctl(2), PR_SET_PDEATHSIG; on other systems only an orderly end of the benchmark ends the command.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the benchmark is gone")
    os.execvp(sys.argv[1], sys.argv[1:])
