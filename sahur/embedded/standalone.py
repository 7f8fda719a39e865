"""Settings of the commands that read a repository and nothing of SAHUR's own: no models, database, queue or web server.

Such a command is asked hundreds of times in a row, so it starts without what it does not use. `manage.py` picks these.
"""

from __future__ import annotations

from sahur.settings import *  # noqa: F403

INSTALLED_APPS = ["sahur.embedded"]
