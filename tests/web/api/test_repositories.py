"""Admins add repositories, viewers see them."""

import pytest

from sahur.accounts.models import AuditEntry
from sahur.issues import models
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db

REPOSITORIES = "/api/repositories/"
SOURCE = "https://github.com/example/shop.git"
SECRET = "a-token-only-for-tests"


@pytest.fixture
def repository(admin) -> str:
    """Address of a repository that was just added."""
    return f"{REPOSITORIES}{TestClient().sign_in(admin).send('post', REPOSITORIES, {'source': SOURCE}).json()['id']}/"


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


def test_a_repository_tells_how_far_its_index_is(admin, viewer, foreigner):
    added = TestClient().sign_in(admin).send("post", REPOSITORIES, {"source": SOURCE}).json()
    told = TestClient().sign_in(viewer).get(f"{REPOSITORIES}{added['id']}/").json()
    (checkout,) = told["checkouts"]
    assert (checkout["state"], checkout["is_asked_for"], checkout["percent"]) == ("pending", True, None)
    assert (told["poll_seconds"], told["credential"], told["webhook"]) == (300, None, None)
    assert foreigner.get(f"{REPOSITORIES}{added['id']}/").status_code == 404


def test_only_an_admin_sets_the_command_that_runs_in_the_sandbox(admin, viewer, client, repository):
    changed = TestClient().sign_in(admin).send("patch", repository, {"test_command": "pytest -q"})
    assert (changed.status_code, changed.json()["test_command"]) == (200, "pytest -q")
    assert AuditEntry.objects.get(action="repository.changed").detail["test_command"] == "pytest -q"
    for other in (TestClient().sign_in(viewer), client):
        assert other.send("patch", repository, {"test_command": "rm -rf /"}).status_code == 403
    assert models.Repository.objects.get().test_command == "pytest -q"


def test_admin_changes_and_removes(admin, repository):
    client = TestClient().sign_in(admin)
    changed = client.send("patch", repository, {"name": "market", "poll_seconds": 60, "default_branch": "trunk"})
    assert [changed.json()[name] for name in ("name", "poll_seconds", "default_branch")] == ["market", 60, "trunk"]
    assert client.send("patch", repository, {"poll_seconds": 1}).json()["field"] == "poll_seconds"
    assert client.send("patch", repository, {"default_branch": "--upload-pack=x"}).status_code == 400
    assert client.delete(repository).status_code == 204
    assert client.get(repository).status_code == 404
    actions = AuditEntry.objects.order_by("at").values_list("action", flat=True)
    assert list(actions) == ["repository.added", "repository.changed", "repository.removed"]


def test_it_is_indexed_again_on_request(admin, repository):
    client = TestClient().sign_in(admin)
    models.Checkout.objects.update(done=1, state="failed", error="x")
    answer = client.send("post", f"{repository}index/", {"rebuild": True})
    assert (answer.status_code, answer.json()["checkouts"][0]["is_asked_for"]) == (202, True)
    assert models.Checkout.objects.get().is_rebuild


def test_a_credential_is_told_of_and_never_told(admin, repository, caplog):
    client = TestClient().sign_in(admin)
    caplog.set_level("DEBUG")
    answer = client.send("put", f"{repository}credential/", {"username": "sahur", "token": SECRET})
    told = answer.json()["credential"]
    assert (told["kind"], told["set_by"], told["worked_at"], told["failure"]) == ("https", "adam", None, "")
    stored = models.RepositoryCredential.objects.values_list()[0]
    audited = list(AuditEntry.objects.values_list("action", "target", "detail"))
    for text in (answer.content.decode(), client.get(REPOSITORIES).content.decode(), str(stored), str(audited), caplog.text):
        assert SECRET not in text
    assert client.delete(f"{repository}credential/").status_code == 204
    assert client.get(repository).json()["credential"] is None


def test_a_credential_may_come_with_the_repository(admin):
    body = {"source": SOURCE, "credential": {"token": SECRET}}
    answer = TestClient().sign_in(admin).send("post", REPOSITORIES, body)
    assert answer.json()["credential"]["kind"] == "https"
    assert models.RepositoryCredential.objects.get().repository.source == SOURCE


def test_a_credential_that_does_not_fit_leaves_no_repository_behind(admin):
    body = {"source": "ssh://git@github.com/example/shop.git", "credential": {"token": SECRET}}
    answer = TestClient().sign_in(admin).send("post", REPOSITORIES, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "repository_refused")
    assert SECRET not in answer.content.decode()
    assert not models.Repository.objects.exists()


def test_either_a_token_or_a_key(admin, repository):
    for body in ({}, {"token": SECRET, "private_key": "x"}):
        assert TestClient().sign_in(admin).send("put", f"{repository}credential/", body).status_code == 400


def test_a_new_webhook_shows_its_secret_once(admin, repository):
    client = TestClient().sign_in(admin)
    made = client.send("post", f"{repository}webhook/").json()
    assert made["url"].endswith(f"/webhooks/git/{repository.split('/')[3]}/")
    assert len(made["secret"]) > 40
    assert "secret" not in client.get(repository).json()["webhook"]
    assert made["secret"] not in str(models.Repository.objects.values_list()[0])
    assert client.delete(f"{repository}webhook/").status_code == 204
    assert client.get(repository).json()["webhook"] is None


def test_branch_and_test_command_can_be_given_at_once(admin):
    body = {"source": SOURCE, "default_branch": "release", "test_command": "pytest -q"}
    added = TestClient().sign_in(admin).send("post", REPOSITORIES, body).json()
    assert (added["default_branch"], added["test_command"]) == ("release", "pytest -q")
    refused = TestClient().sign_in(admin).send("post", REPOSITORIES, {"source": f"{SOURCE}2", "default_branch": "-x"})
    assert refused.status_code == 400
    assert models.Repository.objects.count() == 1
