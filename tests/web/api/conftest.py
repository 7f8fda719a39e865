"""Clients of the REST door. `TestClient` takes and gives JSON as the page does."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from sahur.accounts.models import MemberRole, Team, User
from tests.web.conftest import make_user


class TestClient(Client):
    """Sends JSON; `sign_in` is `force_login` that can be chained."""

    __test__ = False

    def generic(
        self, method: str, path: str, data: Any = "", content_type: str = "application/json", *args: Any, **kw: Any
    ) -> Any:
        return super().generic(method, path, data, content_type, *args, **kw)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        options = {"data": body, "content_type": "application/json"} if body is not None else {}
        return getattr(self, method)(path, **options, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def sign_in(self, user: User) -> TestClient:
        self.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return self


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    """Each test starts with empty throttles."""
    cache.clear()


@pytest.fixture
def viewer(team: Team) -> User:
    return make_user("vera", team, MemberRole.VIEWER)


@pytest.fixture
def admin(team: Team) -> User:
    return make_user("adam", team, MemberRole.ADMIN)


@pytest.fixture
def anonymous() -> TestClient:
    return TestClient()


@pytest.fixture
def client(responder: User) -> TestClient:
    """Signed in as a responder."""
    return TestClient().sign_in(responder)


@pytest.fixture
def foreigner(stranger: User) -> TestClient:
    """Signed in as the admin of another team."""
    return TestClient().sign_in(stranger)
