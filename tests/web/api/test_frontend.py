"""The exported page is served whole, with its own policy, and nothing beside it."""

import pytest

from tests.web.api.conftest import TestClient
from tests.web.api.test_content_security import expected

FILES = {
    "index.html": "<!doctype html><script>list()</script>",
    "404.html": "<!doctype html><script>gone()</script>",
    "login/index.html": "<!doctype html>login",
    "issues/new/index.html": "<!doctype html>new",
    "issues/_/index.html": "<!doctype html><script>issue()</script>",
    "issues/_/index.txt": "rsc",
    "settings/members/index.html": "members",
    "_next/static/chunks/main-abc.js": "main()",
    "../secret.txt": "secret",
}


@pytest.fixture
def browser(tmp_path, settings):
    settings.FRONTEND_DIR = tmp_path / "out"
    for name, text in FILES.items():
        path = settings.FRONTEND_DIR / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return TestClient()


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/", "index.html"),
        ("/login/", "login/index.html"),
        ("/issues/new/", "issues/new/index.html"),
        ("/issues/SAH-12/", "issues/_/index.html"),
        ("/settings/members/?team=SAH", "settings/members/index.html"),
        ("/issues/SAH-12/index.txt", "issues/_/index.txt"),
        ("/_next/static/chunks/main-abc.js", "_next/static/chunks/main-abc.js"),
    ],
)
def test_address_leads_to_its_file(browser, path, file):
    answer = browser.get(path)
    assert (answer.status_code, answer.content.decode()) == (200, FILES[file])


def test_each_page_allows_its_own_scripts_only(browser):
    policy = browser.get("/issues/SAH-1/")["Content-Security-Policy"]
    assert expected("issue()") in policy
    assert expected("list()") not in policy
    assert expected("gone()") in browser.get("/nowhere/")["Content-Security-Policy"]


def test_reloaded_page_keeps_its_policy(browser):
    """A browser replaces the headers it stored by those of a 304: another policy there would stop the page's scripts."""
    again = browser.get("/", HTTP_IF_MODIFIED_SINCE=browser.get("/")["Last-Modified"])
    assert again.status_code == 304
    assert "Content-Security-Policy" not in again


def test_page_that_has_not_changed_keeps_its_policy(browser):
    page = browser.get("/issues/SAH-1/")
    again = browser.send("get", "/issues/SAH-1/", If_None_Match=page["ETag"])
    assert again.status_code == 304
    assert "Content-Security-Policy" not in again


def test_hashed_files_are_kept_and_pages_are_not(browser):
    assert "immutable" in browser.get("/_next/static/chunks/main-abc.js")["Cache-Control"]
    assert browser.get("/")["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/issues/SAH-1/../../../secret.txt",
        "/issues/SAH-1/..%2f..%2f..%2fsecret.txt",
        "/../secret.txt",
        "/issues/SAH-1//etc/passwd",
    ],
)
def test_nothing_outside_of_the_export_is_served(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 404
    assert b"secret" not in answer.content


def test_address_without_slash_leads_to_the_page(browser):
    assert browser.get("/issues/SAH-1?tab=log")["Location"] == "/issues/SAH-1/?tab=log"
    assert browser.get("/login")["Location"] == "/login/"


def test_unknown_page_is_told_by_the_export(browser):
    answer = browser.get("/nowhere/")
    assert (answer.status_code, answer.content.decode()) == (404, FILES["404.html"])


def test_missing_export_says_what_to_do(tmp_path, settings):
    settings.FRONTEND_DIR = tmp_path / "never-built"
    for path in ("/", "/issues/SAH-1/"):
        answer = TestClient().get(path)
        assert answer.status_code == 503
        assert b"make build" in answer.content


def test_files_are_only_read(browser):
    assert browser.post("/").status_code == 405
    assert browser.head("/").content == b""


def test_part_of_a_file_is_served(browser):
    answer = browser.send("get", "/_next/static/chunks/main-abc.js", Range="bytes=0-3")
    assert (answer.status_code, answer.content) == (206, b"main")


def test_static_files_of_django_are_served(browser):
    assert browser.get("/static/admin/css/base.css").status_code == 200


def test_address_of_a_page_without_its_slash_keeps_what_it_asks(browser):
    answer = browser.get("/settings/members?team=SAH")
    assert (answer.status_code, answer["Location"]) == (302, "/settings/members/?team=SAH")
