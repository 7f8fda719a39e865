"""The tables of LangGraph, which no migration of Django makes."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from langgraph.checkpoint.postgres import PostgresSaver


@pytest.fixture(scope="session", autouse=True)
def checkpoint_tables(django_db_setup, django_db_blocker) -> None:
    """Whichever test comes first in this process: a run that is taken back asks for its last checkpoint."""
    with django_db_blocker.unblock():
        url = settings.DATABASE_URL.replace("/sahur?", f"/{connection.settings_dict['NAME']}?")
    with psycopg.connect(url, autocommit=True) as own:
        PostgresSaver(own).setup()
