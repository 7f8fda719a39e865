"""A pytest plugin: real PostgreSQL and Valkey for the whole session, on a private socket and a random port.

Loaded with `-p tests.services` (pyproject.toml), because pytest-django reads the settings, and with them the
environment, before any conftest.py. `pytest_addoption` is the hook that comes earlier still.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sahur.embedded.services import postgres
from sahur.embedded.services.postgres import Postgres
from sahur.embedded.services.valkey import Valkey


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pytest_addoption(parser: pytest.Parser) -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        # Each worker has its own Valkey database, as pytest-django gives it its own PostgreSQL database.
        base = os.environ["SAHUR_TEST_REDIS_URL"]
        os.environ["REDIS_URL"] = f"{base}/{1 + int(worker.removeprefix('gw'))}"
    elif "SAHUR_TEST_REDIS_URL" not in os.environ:
        start()


def start() -> None:
    """Start both and point the environment at them; `atexit` ends them and removes their folder."""
    folder = Path(tempfile.mkdtemp(prefix="sahur-test-"))
    cluster = Postgres(folder / "data", folder / "run", durable=False)
    valkey = Valkey(folder / "valkey", free_port(), durable=False)
    postgres_process = cluster.start(folder / "postgres.log")
    valkey_process = valkey.start(folder / "valkey.log")
    cluster.create_database()

    def stop() -> None:
        valkey_process.terminate()
        valkey_process.wait(10)
        postgres.stop(postgres_process)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    # A round that is canceled leaves nothing behind either.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    os.environ.update(
        DATABASE_URL=cluster.url(),
        REDIS_URL=valkey.url(0),
        SAHUR_TEST_REDIS_URL=valkey.url(0).rsplit("/", 1)[0],
        SAHUR_SECRET_KEY="only-for-tests",
        SAHUR_TOKEN_PRIVATE_KEY=private,
        SAHUR_TOKEN_PUBLIC_KEY=public,
        SAHUR_INTERNAL_TOKEN="internal-token-only-for-tests",
        SAHUR_REPOSITORY_DIR=str(folder / "repositories"),
        SAHUR_PUBLIC_URL="http://testserver",
        SAHUR_ALLOWED_HOSTS="testserver,127.0.0.1,localhost",
    )
