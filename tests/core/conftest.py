"""What all tests of the core share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID


@pytest.fixture(scope="session")
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with one authority that has signed nothing."""
    key, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "only for tests")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=2))
    path: Path = tmp_path_factory.mktemp("authorities") / "authorities.pem"
    path.write_bytes(made.sign(key, None).public_bytes(Encoding.PEM))
    return path


@pytest.fixture(autouse=True)
def quick_clients(one_authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each client of a vendor reads all authorities of the web, twice, and none of the servers here speaks TLS."""
    monkeypatch.setenv("SSL_CERT_FILE", str(one_authority))
