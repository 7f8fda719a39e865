"""Passwords in these tests are hashed quickly: Argon2 takes 100 MiB and, on a busy machine, a second each."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
