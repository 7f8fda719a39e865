"""Whether this process can do its work, in words that tell a stranger nothing of use."""

from __future__ import annotations

import logging
import socket
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger(__name__)

OK = "ok"


def check_database() -> str:
    """PostgreSQL answers, and its tables are those that this code expects."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        logger.warning("Not ready, PostgreSQL: %s", error)
        return "does not answer"
    return f"{len(missing)} migrations are missing: run manage.py migrate" if missing else OK


def check_redis() -> str:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except redis.RedisError as error:
        logger.warning("Not ready, Redis/Valkey: %s", error)
        return "does not answer"
    return OK


def check_gateway() -> str:
    """Whether something listens at the gateway's address. Only told: the server works without it, runs wait for it."""
    address = urlsplit(settings.MCP_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        with socket.create_connection((address.hostname or "", port), timeout=1):
            return OK
    except OSError:
        return "does not answer"
