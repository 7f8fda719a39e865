"""Admins add repositories, viewers see them."""

import pytest

from sahur.accounts.models import AuditEntry
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db

REPOSITORIES = "/api/repositories/"
SOURCE = "https://github.com/example/shop.git"


def test_admin_adds_and_viewer_sees(admin, viewer, foreigner):
    added = TestClient().sign_in(admin).send("post", REPOSITORIES, {"source": SOURCE, "name": "shop"})
    assert added.status_code == 201
    assert (added.json()["name"], added.json()["source"], added.json()["team"]) == ("shop", SOURCE, "SAH")
    assert TestClient().sign_in(viewer).get(REPOSITORIES).json() == {"results": [added.json()], "next": None}
    assert foreigner.get(REPOSITORIES).json()["results"] == []
    assert AuditEntry.objects.filter(action="repository.added").count() == 1


def test_responder_may_not_add(client):
    assert client.send("post", REPOSITORIES, {"source": SOURCE}).status_code == 403


@pytest.mark.parametrize(
    "source", ["/etc", "file:///etc", "http://example.org/x", "https://127.0.0.1/x.git", "ext::sh -c id", "-u x"]
)
def test_addresses_that_policy_does_not_allow_are_refused(admin, source):
    answer = TestClient().sign_in(admin).send("post", REPOSITORIES, {"source": source})
    assert (answer.status_code, answer.json()["code"]) == (400, "repository_refused")
    assert answer.json()["next_step"]
