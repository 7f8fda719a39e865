"""Evidence in an answer can be looked at with one click, and no click leads anywhere that nobody trusts."""

from __future__ import annotations

import uuid

import pytest

from sahur.issues import models
from sahur.slack.blocks.citations import Citations, citations_of, home_of, link
from sahur_core.issues import Evidence

pytestmark = pytest.mark.django_db
PAGE = "https://sahur.example/issues/SAH-1/?run=1"
SHA = "0123456789abcdef0123456789abcdef01234567"


def fact(number: int = 1, **more: object) -> Evidence:
    known = {"id": str(uuid.uuid4()), "statement": "s", "receipt_id": str(uuid.uuid4()), "tool": "code__read"}
    return Evidence(number=number, **{**known, **more})


def home(source: str):
    return home_of(models.Repository(source=source))


def test_a_number_leads_to_its_receipt_on_the_page():
    citations = Citations(PAGE, {1: fact()})
    assert citations.marks([1, 2]) == f"<{PAGE}#evidence-1|[1]>[2]"


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("https://github.com/acme/shop.git", f"https://github.com/acme/shop/blob/{SHA}/shop/refunds%20old.py#L12"),
        ("git@github.com:acme/shop.git", f"https://github.com/acme/shop/blob/{SHA}/shop/refunds%20old.py#L12"),
        ("https://token@gitlab.com/a/b/shop", f"https://gitlab.com/a/b/shop/-/blob/{SHA}/shop/refunds%20old.py#L12"),
        ("https://bitbucket.org/acme/shop", f"https://bitbucket.org/acme/shop/src/{SHA}/shop/refunds%20old.py#lines-12"),
        ("/srv/git/shop", ""),
        ("https://git.evil.example/acme/shop", ""),
        ("https://github.com.evil.example/acme/shop", ""),
    ],
)
def test_code_is_shown_at_its_commit_where_the_repository_is_on_a_trusted_host(source, address):
    assert home(source).code("shop/refunds old.py", SHA, 12) == address


def test_a_host_that_the_operator_trusts_counts_with_its_subdomains(settings):
    settings.LINK_HOSTS = ["acme.example"]
    assert home("https://gitlab.acme.example/web/shop").commit(SHA) == f"https://gitlab.acme.example/web/shop/-/commit/{SHA}"


@pytest.mark.parametrize("commit", ["", "main", "../../evil", f"{SHA}|x"])
def test_what_is_no_commit_is_no_link(commit):
    assert home("https://github.com/acme/shop").code("a.py", commit) == ""
    assert home("https://github.com/acme/shop").commit(commit) == ""


def test_a_path_cannot_leave_its_repository_nor_end_the_link():
    at = home("https://github.com/acme/shop")
    assert at.code("../../evil/repo", SHA) == ""
    assert at.code("a|b>c<d.py", SHA).endswith("/a%7Cb%3Ec%3Cd.py")
    assert link("https://github.com/a?b=1&c=2", "<!channel> | https://evil.example") == (
        "<https://github.com/a?b=1&amp;c=2|&lt;!channel&gt; ¦ hxxps://evil.example>"
    )


def test_sources_name_code_commits_and_what_the_report_links_to(run):
    run.issue.repository = models.Repository(source="https://github.com/acme/shop")
    run.issue.body = "See https://acme.sentry.io/issues/4711/ and https://evil.example/issues/4711/"
    read = fact(3, tool="sentry__get_issue_details")
    models.ToolCall.objects.create(
        id=f"{run.id}/call-1", run=run, step_id="s", tool=read.tool, arguments={"issueId": "4711"}, receipt_id=read.receipt_id
    )
    facts = [fact(1, path="shop/refunds.py", line=12, commit=SHA), fact(2, commit=SHA), read, fact(4)]
    lines = citations_of(run, PAGE, facts).sources([1, 2, 3, 4, 1])
    assert [line.split("> ", 1)[1] for line in lines] == [
        f"<https://github.com/acme/shop/blob/{SHA}/shop/refunds.py#L12|shop/refunds.py:12>",
        f"<https://github.com/acme/shop/commit/{SHA}|commit 0123456789ab>",
        "<https://acme.sentry.io/issues/4711/|Sentry issue 4711>",
    ]
