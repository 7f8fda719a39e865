"""What the tests of the run engine share."""

from __future__ import annotations

import pytest
from django.db import connection

from sahur.batch.bootstrap import checkpointer


@pytest.fixture
def own_pool(settings):
    """Checkpoints in the tests' own database: the saver's pool follows the settings' address, which names another one."""
    settings.DATABASE_URL = settings.DATABASE_URL.replace("/sahur?", f"/{connection.settings_dict['NAME']}?")
    checkpointer.cache_clear()
    yield
    checkpointer().pool.close()
    checkpointer.cache_clear()
