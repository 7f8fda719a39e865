#!/usr/bin/env python3
"""Django's command line. Runs in `.venv` if there is one, so that nobody has to activate it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
STANDALONE = ("locate", "evaluate_locate", "evaluate")
"""Commands that read repositories and nothing of what SAHUR stores, and start fast because of it."""


def enter_virtual_environment() -> None:
    """Re-execute in `.venv`, unless this Python is inside it or can import Django anyway."""
    python = HERE / ".venv" / "bin" / "python"
    if python.exists() and Path(sys.prefix).resolve() != (HERE / ".venv").resolve():
        os.execv(python, [str(python), *sys.argv])
    try:
        import django  # noqa: F401
    except ImportError:
        sys.exit("SAHUR is not installed yet: run `make run` first.")


def main() -> None:
    enter_virtual_environment()
    is_standalone = sys.argv[1:2] != [] and sys.argv[1] in STANDALONE
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sahur.embedded.standalone" if is_standalone else "sahur.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        # Read once here: a value that cannot be used ends in a sentence, not in a traceback.
        import sahur.settings  # noqa: F401
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
