"""Flower, the real one, through the door for staff."""

import subprocess
import sys
import time
from urllib.parse import urlencode

import httpx2
import pytest
from django.conf import settings as current

from sahur.accounts.models import User
from tests.services import free_port
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def flower_url():
    port = free_port()
    options = ["--address=127.0.0.1", f"--port={port}", "--url_prefix=flower", "--loglevel=warning"]
    process = subprocess.Popen([sys.executable, "-m", "celery", "-A", "sahur", "flower", *options], cwd=current.BASE_DIR)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/flower/healthcheck", process)
        yield url
    finally:
        process.terminate()
        process.wait(60)


def wait_for(url, process):
    for _ in range(300):
        assert process.poll() is None, "Flower ended at once"
        try:
            if httpx2.get(url, trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail("Flower did not start")


@pytest.fixture
def staff(flower_url, settings):
    settings.FLOWER_URL = flower_url
    return TestClient().sign_in(User.objects.create_user("sam", is_staff=True))


def test_pages_and_their_files_pass(staff):
    page = staff.get("/flower/")
    assert page.status_code == 200
    assert b"/flower/static/" in page.content
    assert staff.get("/flower/static/js/flower.js")["Content-Type"].endswith("javascript")
    rows = {"draw": 1, "start": 0, "length": 10, "order[0][column]": 0, "order[0][dir]": "asc", "columns[0][data]": "name"}
    table = staff.post("/flower/tasks/datatable", data=urlencode(rows), content_type="application/x-www-form-urlencoded")
    assert (table.status_code, table.json()["data"]) == (200, [])


def test_policy_allows_the_scripts_of_flower_and_no_other(staff):
    policy = staff.get("/flower/")["Content-Security-Policy"]
    assert policy.count("sha256-") == 1
    assert "script-src 'self' 'sha256-" in policy
    assert "sha256-" not in staff.get("/flower/tasks")["Content-Security-Policy"]


def test_page_that_has_not_changed_keeps_its_policy(staff):
    page = staff.get("/flower/tasks")
    again = staff.send("get", "/flower/tasks", If_None_Match=page["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert "Content-Security-Policy" not in again


def test_cookies_stay_on_their_side(staff):
    assert not staff.get("/flower/").cookies


@pytest.mark.parametrize(
    ("method", "path"), [("post", "/flower/api/worker/shutdown/w1"), ("delete", "/flower/"), ("post", "/flower/")]
)
def test_nothing_is_changed_through_it(staff, method, path):
    assert getattr(staff, method)(path).status_code == 405


def test_only_staff_gets_in(staff, client, anonymous):
    assert client.get("/flower/").status_code == 403
    assert anonymous.get("/flower/tasks").headers["Location"] == "/admin/login/?next=/flower/tasks"


def test_flower_that_is_down_is_told(staff, settings):
    settings.FLOWER_URL = f"http://127.0.0.1:{free_port()}"
    answer = staff.get("/flower/")
    assert answer.status_code == 502
    assert b"does not answer" in answer.content
