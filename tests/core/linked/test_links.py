"""Links and ids in reports, and what only looks like them."""

from __future__ import annotations

import pytest

from sahur_core.linked.links import MAX_BARE_COMMITS, MAX_LINKS, Link, LinkKind, Vendor, read_links
from sahur_core.linked.remotes import remote_of

SHA = "0123456789abcdef0123456789abcdef01234567"
EVENT = "c49541c747cb4d8aa3efb70ca5aba243"
HOME = "github.com/acme/shop"
ACME = {"organization": "acme"}


def facts(link: Link) -> dict[str, object]:
    """What a link says beside its kind, without what is empty."""
    return {key: value for key, value in vars(link).items() if value and key not in ("vendor", "kind", "address", "host")}


def only(text: str, remote: str = "") -> Link:
    [link] = read_links(text, remote)
    return link


@pytest.mark.parametrize(
    ("address", "host", "known"),
    [
        ("https://acme.sentry.io/issues/123/", "acme.sentry.io", ACME | {"issue_id": "123"}),
        ("https://acme.sentry.io/issues/123?project=4&query=is%3Aunresolved", "acme.sentry.io", ACME | {"issue_id": "123"}),
        ("https://acme.sentry.io/issues/SHOP-1A/?referrer=slack", "acme.sentry.io", ACME | {"issue_id": "SHOP-1A"}),
        (f"https://acme.sentry.io/issues/12/events/{EVENT}/", "acme.sentry.io", ACME | {"issue_id": "12", "event_id": EVENT}),
        ("https://acme.sentry.io/issues/12/events/latest/", "acme.sentry.io", ACME | {"issue_id": "12"}),
        ("https://sentry.io/organizations/acme/issues/123/", "sentry.io", ACME | {"issue_id": "123"}),
        ("https://sentry.io/acme/shop/issues/123/", "sentry.io", ACME | {"issue_id": "123"}),
        ("https://sentry.io/issues/123/", "sentry.io", {"issue_id": "123"}),
        ("https://sentry.example.com/organizations/acme/issues/123/", "sentry.example.com", ACME | {"issue_id": "123"}),
        ("http://sentry.local:9000/organizations/acme/issues/7/", "sentry.local:9000", ACME | {"issue_id": "7"}),
        (f"https://sentry.io/organizations/acme/projects/shop/events/{EVENT}/", "sentry.io", ACME | {"event_id": EVENT}),
    ],
)  # fmt: skip
def test_links_to_sentry(address: str, host: str, known: dict[str, object]) -> None:
    link = only(f"See {address} for it")
    assert (link.vendor, link.host, facts(link)) == (Vendor.SENTRY, host, known)
    assert link.kind is (LinkKind.EVENT if "event_id" in known else LinkKind.ISSUE)


SHOP = {"owner": "acme", "repo": "shop"}


@pytest.mark.parametrize(
    ("address", "vendor", "kind", "known"),
    [
        ("https://github.com/acme/shop/pull/12", "github", "pull_request", SHOP | {"number": 12}),
        ("https://github.com/acme/shop/pull/12/files#diff-1", "github", "pull_request", SHOP | {"number": 12}),
        (f"https://github.com/acme/shop/pull/12/commits/{SHA}", "github", "commit", SHOP | {"revision": SHA}),
        ("https://www.github.com/acme/shop/issues/12#issuecomment-3", "github", "issue", SHOP | {"number": 12}),
        ("https://github.com/acme/shop/commit/A1B2C3D", "github", "commit", SHOP | {"revision": "a1b2c3d"}),
        ("https://github.com/acme/shop/blob/main/src/a%20b.py#L3-L9", "github", "file",
         SHOP | {"revision": "main", "path": "src/a b.py", "line": 3, "end_line": 9}),
        ("https://github.com/acme/shop/compare/v1.0...v1.1", "github", "comparison", SHOP | {"base": "v1.0", "revision": "v1.1"}),
        ("https://git.example.com/acme/shop/pull/12", "github", "pull_request", SHOP | {"number": 12}),
        ("https://gitlab.com/acme/web/shop/-/merge_requests/5/diffs", "gitlab", "pull_request",
         {"owner": "acme/web", "repo": "shop", "number": 5}),
        ("https://gitlab.example.com/acme/shop/-/issues/5", "gitlab", "issue", SHOP | {"number": 5}),
        (f"https://gitlab.com/acme/shop/-/commit/{SHA}", "gitlab", "commit", SHOP | {"revision": SHA}),
    ],
)  # fmt: skip
def test_links_to_forges(address: str, vendor: str, kind: str, known: dict[str, object]) -> None:
    link = only(address)
    assert (link.vendor, link.kind, facts(link)) == (vendor, kind, known)


@pytest.mark.parametrize(
    ("address", "thread"),
    [
        ("https://acme.slack.com/archives/C0123AB/p1700000000000100", "1700000000.000100"),
        ("https://acme.slack.com/archives/C0123AB/p1700000000000100?thread_ts=1699999999.000200&cid=C0", "1699999999.000200"),
        ("https://acme.enterprise.slack.com/archives/C0123AB/p1700000000000100?thread_ts=odd", "1700000000.000100"),
    ],
)
def test_links_to_slack(address: str, thread: str) -> None:
    link = only(address)
    assert (link.vendor, link.channel, link.ts, link.thread_ts) == (Vendor.SLACK, "C0123AB", "1700000000.000100", thread)


PULL = "https://github.com/acme/shop/pull/12"


@pytest.mark.parametrize(
    "text",
    [
        f"<{PULL}|the change>", f"<{PULL}>", f"[the change]({PULL})", f"([the change]({PULL})).", f"({PULL})", f"see {PULL}.",
        f"{PULL}, then", f"**{PULL}**", f"_{PULL}_", f'"{PULL}"', f"`{PULL}`", f"<a href='{PULL}'>x</a>", f"{PULL}!?", f"{PULL}/",
        f"the change ({PULL})", f"HTTPS{PULL[5:]}", f"{PULL}\u00a0now", f"| {PULL} |", f"> {PULL}", f"{PULL}…",
    ],
)  # fmt: skip
def test_what_stands_around_a_link_is_none_of_it(text: str) -> None:
    assert facts(only(text)) == SHOP | {"number": 12}


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com@evil.org/acme/shop/pull/12", "https://github.com:x@evil.org/acme/shop/pull/12",
        "https://github.com%2eevil.org/acme/shop/pull/12", "https://gith\u016bb.com/acme/shop/pull/12",
        "https://github.com\\@evil.org/acme/shop/pull/12", "https://github.com\u3002evil.org/acme/shop/pull/12",
        "ftp://github.com/acme/shop/pull/12", "javascript://github.com/acme/shop/pull/12", "https:///acme/shop/pull/12",
        "https://evil.org/?u=https://github.com/acme/shop/pull/12", "https://evil.org/https://github.com/acme/shop/pull/12",
        "https://evil.org#https://github.com/acme/shop/pull/12", "https://github.com/acme/shop/pull/12x",
        "https://github.com/acme/shop/pulls", "https://github.com/acme/pull/12", "https://github.com//acme/shop/pull/12",
        "https://evil.org/issues/12", "https://slack.com.evil.org/archives/C0123AB/p1700000000000100",
        "https://evil-slack.com/archives/C0123AB/p1700000000000100", "https://acme.slack.com/archives/C0123AB/p17",
        "https://github.com/acme/shop/blob/main/a%00b.py", "https://github.com/acme/shop/blob/main/a%0Ab.py",
        "https://github.com/acme/shop/pull/12?x=\u202e", "https://sentry.io/issues/1/?\u200b=1",
        "https://acme.slack.com/archives/../p1700000000000100", "http://[::1]/acme/shop/pull/12", "https://github.com:1x/a/b/pull/1",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_link_is_none(address: str) -> None:
    assert read_links(f"see {address} now") == []


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://evil-github.com/acme/shop/pull/12", "evil-github.com"),
        ("https://github.com.evil.org/acme/shop/pull/12", "github.com.evil.org"),
        ("https://github.com:8443/acme/shop/pull/12", "github.com:8443"),
        ("https://github.com:443/acme/shop/pull/12", "github.com"),
        ("https://sentry.io.evil.org/organizations/acme/issues/1/", "sentry.io.evil.org"),
        ("https://evilsentry.io/organizations/acme/issues/1/", "evilsentry.io"),
    ],
)
def test_a_link_bears_its_whole_host(address: str, host: str) -> None:
    assert only(address).host == host


@pytest.mark.parametrize(
    ("text", "kind", "known"),
    [
        ("broke with acme/shop#12", "issue", SHOP | {"number": 12}),
        ("acme/shop!12", "pull_request", SHOP | {"number": 12}),
        ("acme/shop@a1b2c3d", "commit", SHOP | {"revision": "a1b2c3d"}),
        ("since PR 12", "pull_request", SHOP | {"number": 12}),
        ("since pull request #12 it fails", "pull_request", SHOP | {"number": 12}),
        ("Faster totals (#12)", "pull_request", SHOP | {"number": 12}),
        ("it fails since #12 was merged", "issue", SHOP | {"number": 12}),
        ("Fixes #12", "issue", SHOP | {"number": 12}),
        ("merged in #12", "issue", SHOP | {"number": 12}),
        ("rollback to a1b2c3d4 helped", "commit", {"revision": "a1b2c3d4"}),
        ("bisected to a1b2c3d4", "commit", {"revision": "a1b2c3d4"}),
        (f"it is {SHA}", "commit", {"revision": SHA}),
        ("Sentry says SHOP-1A2", "issue", {"issue_id": "SHOP-1A2"}),
        ("ACME-WEB-3 in sentry", "issue", {"issue_id": "ACME-WEB-3"}),
        (f"Sentry event {EVENT}", "event", {"event_id": EVENT}),
    ],
)
def test_ids_without_address(text: str, kind: str, known: dict[str, object]) -> None:
    link = only(text, HOME)
    assert (link.kind, facts(link)) == (kind, known)


@pytest.mark.parametrize(
    "text",
    [
        "order #5512 fails", "#1 priority", "#0 0x00 in main", "step 12", "after 14:05", "since 12% of calls", "and/or 12",
        "deadbee", "build 1234567", "1234567890", "session a1b2c3d4e5", "SHOP-1A2 fails", "Sentry is UTF-8", "CVE-2024 in Sentry",
        f"request {EVENT}", "since 4.2", "path/to#anchor", "color #a1b2c3d",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_id_is_none(text: str) -> None:
    assert read_links(text, HOME) == []


def test_numbers_mean_nothing_without_a_known_home() -> None:
    assert read_links("since PR 12 and (#13)") == []


def test_a_short_id_is_of_the_organization_that_another_link_names() -> None:
    links = read_links("https://acme.sentry.io/issues/9/ and, in Sentry too, SHOP-2B")
    assert [(link.organization, link.issue_id) for link in links] == [("acme", "9"), ("acme", "SHOP-2B")]


def test_each_thing_is_named_once_in_the_order_of_the_text() -> None:
    text = f"{PULL} (#12) {PULL}/files acme/shop#12 {SHA} https://github.com/acme/shop/commit/{SHA} commit 0123456789ab"
    assert [link.kind for link in read_links(text, HOME)] == [LinkKind.PULL_REQUEST, LinkKind.COMMIT]


def test_there_are_at_most_so_many() -> None:
    text = " ".join(f"https://github.com/acme/shop/pull/{number}" for number in range(1, 99))
    assert [link.number for link in read_links(text)] == list(range(1, MAX_LINKS + 1))
    commits = " ".join(f"commit a{number:06d}" for number in range(50))
    assert len(read_links(commits)) == MAX_BARE_COMMITS


HOSTILE = [
    "https://", "https://a/" + "b/" * 200, "a/", "acme/shop#", "Sentry A-", "A-1", "(", "since ", "a1",
    "https://github.com/a/b/blob/c/", "https://x.slack.com/archives/C1/p1700000000000100?&", "%", "-", "commit ", "https://a.b.",
    "https://" + ")" * 1999 + " ", f"{SHA} ", "sentry A_A_A_", "a" * 999 + "/",
]  # fmt: skip


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", HOSTILE, ids=[piece[:20] for piece in HOSTILE])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    assert len(read_links(piece * (200_000 // len(piece)), HOME)) <= MAX_LINKS


def test_a_name_is_short() -> None:
    assert len(only(f"https://github.com/acme/shop/blob/main/{'a' * 400}").name) <= 160


def test_the_name_of_a_link_is_no_address() -> None:
    text = f"{PULL} https://acme.sentry.io/issues/1/ https://acme.slack.com/archives/C0123AB/p1700000000000100 acme/shop@a1b2c3d"
    assert [link.name for link in read_links(text)] == [
        "pull request acme/shop#12",
        "Sentry issue 1",
        "Slack message C0123AB/1700000000.000100",
        "commit a1b2c3d of acme/shop",
    ]


@pytest.mark.parametrize(
    ("source", "remote"),
    [
        ("https://github.com/acme/shop.git", HOME), ("https://token@GitHub.com/acme/shop", HOME),
        ("git@github.com:acme/shop.git", HOME),
        ("ssh://git@github.com:22/acme/shop.git/", HOME), ("/srv/git/shop", ""), ("../shop", ""), ("https://[", ""),
        ("https://gitlab.com/acme/web/shop.git", "gitlab.com/acme/web/shop"), ("file:///srv/a/b", ""), ("C:/repos/shop", ""),
    ],
)  # fmt: skip
def test_where_a_repository_is_at_home(source: str, remote: str) -> None:
    assert remote_of(source) == remote
