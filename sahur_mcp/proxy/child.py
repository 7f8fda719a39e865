"""Starts the server of a stdio upstream so that it cannot outlive the gateway: `python child.py COMMAND ARGUMENT…`.

Run as a plain script, with the standard library only. On Linux the kernel kills the child when the gateway dies in
whatever way (prctl(2), PR_SET_PDEATHSIG); elsewhere the end of its standard input has to do.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> int:
    if not arguments:
        sys.stderr.write("usage: child.py COMMAND [ARGUMENT...]\n")
        return 2
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # The gateway died before the kernel knew of the wish.
        return 1
    try:
        os.execvp(arguments[0], arguments)
    except OSError as error:
        sys.stderr.write(f"{arguments[0]}: {error.strerror}\n")
    return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
