"""The audit log over REST: whose entries one reads, filters, pages, and the table to take along."""

import csv
import io

import pytest

from sahur.accounts import audit, services
from sahur.accounts.actor import actor_for
from sahur.accounts.models import AuditEntry, MemberRole, User
from sahur.api.views import audit as audit_views
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db

AUDIT = "/api/audit/"


@pytest.fixture
def adam(admin: User) -> TestClient:
    return TestClient().sign_in(admin)


@pytest.fixture
def log(team, other_team, responder) -> None:
    audit.record(actor_for(responder), "issue.closed", "SAH-1", team_id=team.pk, detail={"resolution": "restarted"})
    audit.record("gateway", "tool_call.granted", "SAH-2", team_id=team.pk)
    audit.record("olga", "issue.closed", "OTH-1", team_id=other_team.pk)
    audit.record("sam", "user.created", "nina")


def targets(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["target"] for row in answer.json()["results"]]


def test_admins_read_of_their_teams_and_nobody_else_anything(adam, client, foreigner, log):
    assert targets(adam.get(AUDIT)) == ["SAH-2", "SAH-1"]
    assert targets(foreigner.get(AUDIT)) == ["OTH-1"]
    for path in (AUDIT, f"{AUDIT}export/"):
        assert client.get(path).json()["code"] == "not_permitted"


def test_staff_also_reads_what_is_about_no_team(log, team):
    sam = User.objects.create_superuser("sam", password="correct horse battery")
    assert targets(TestClient().sign_in(sam).get(AUDIT)) == ["nina"]
    services.set_membership(sam, team, MemberRole.ADMIN, by="x")
    assert targets(TestClient().sign_in(sam).get(AUDIT)) == ["sam", "nina", "SAH-2", "SAH-1"]


@pytest.mark.parametrize("path", [AUDIT, f"{AUDIT}export/"])
def test_team_of_others_does_not_exist_and_the_own_one_needs_its_admin(adam, client, log, path):
    assert adam.get(f"{path}?team=OTH").status_code == 404
    assert client.get(f"{path}?team=SAH").status_code == 403


@pytest.mark.parametrize("role", [MemberRole.VIEWER, MemberRole.RESPONDER])
def test_token_below_admin_reads_nothing(anonymous, admin, log, role):
    _, key = services.create_api_token(admin, "agent", role=role, by="adam")
    assert anonymous.send("get", AUDIT, Authorization=f"Bearer {key}").status_code == 403
    assert anonymous.send("get", f"{AUDIT}?team=SAH", Authorization=f"Bearer {key}").status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("actor=RIT", ["SAH-1"]),
        ("actor=%25", []),
        ("action=issue.closed", ["SAH-1"]),
        ("action=issue", ["SAH-1"]),
        ("action=iss", []),
        ("target=sah-", ["SAH-2", "SAH-1"]),
        ("target=OTH", []),
        ("since=2100-01-01T00:00:00Z", []),
        ("until=2001-01-01T00:00:00Z", []),
        ("until=2100-01-01T00:00:00Z&action=tool_call", ["SAH-2"]),
    ],
)
def test_filters_narrow_what_is_shown(adam, log, query, found):
    assert targets(adam.get(f"{AUDIT}?{query}")) == found


def test_entry_tells_who_by_user_name_and_what(adam, log):
    entry = adam.get(f"{AUDIT}?target=SAH-1").json()["results"][0]
    assert (entry["actor"], entry["username"], entry["team"]) == ("rita", "rita", "SAH")
    assert entry["detail"] == {"resolution": "restarted"}


def test_pages_follow_each_other_though_entries_come_meanwhile(adam, log, team):
    at = AuditEntry.objects.get(target="SAH-1").at
    for number in range(3, 8):
        # At the very same moment: only the ids tell them apart.
        AuditEntry.objects.create(team=team, actor="x", action="a.b", target=f"SAH-{number}", at=at)
    whole = targets(adam.get(f"{AUDIT}?limit=100"))
    seen, cursor = [], ""
    while cursor is not None:
        page = adam.get(f"{AUDIT}?limit=2&cursor={cursor}").json()
        seen += [row["target"] for row in page["results"]]
        cursor = page["next"]
        audit.record("x", "a.b", "later", team_id=team.pk)
    assert seen == whole
    assert len(seen) == 7


def test_unusable_queries_are_refused(adam):
    for query in ("cursor=x", "limit=0", "limit=101", "since=yesterday", "action=" + "a" * 61):
        assert adam.get(f"{AUDIT}?{query}").status_code == 400, query


def test_table_holds_what_is_filtered_and_no_formula(adam, log, team):
    audit.record('=HYPERLINK("http://x")', "issue.closed", "@SUM(A1)", team_id=team.pk, detail={"a": "b,c\n-1"})
    answer = adam.get(f"{AUDIT}export/?action=issue&team=SAH")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-SAH-')
    assert answer["X-Sahur-More"] == "0"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["target"] for row in rows] == ["'@SUM(A1)", "SAH-1"]
    assert rows[0]["actor"].startswith("'=")
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row.values())


@pytest.mark.parametrize(
    "cell",
    [
        "=1",
        "+1",
        "-1",
        "@x",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "   +1",
        "\uff1d1",
        "\uff0b1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff \u202e=1",
        "\u3000@x",
    ],
)
def test_what_begins_like_a_formula_becomes_text(cell):
    assert audit_views.harmless(cell) == f"'{cell}"
    assert audit_views.harmless("SAH-1 = 2") == "SAH-1 = 2"


def test_no_cell_is_parted_at_semicolons(adam, team):
    audit.record("x;=HYPERLINK(1);y", "issue.closed", "SAH-1", team_id=team.pk)
    lines = adam.get(f"{AUDIT}export/?action=issue&team=SAH").content.decode().splitlines()
    assert '"x;=HYPERLINK(1);y"' in lines[1]


def test_table_is_bounded_and_says_so(adam, log, monkeypatch):
    monkeypatch.setattr(audit_views, "MAX_ROWS", 1)
    answer = adam.get(f"{AUDIT}export/")
    assert answer["X-Sahur-More"] == "1"
    assert len(answer.content.decode().splitlines()) == 2


def test_tables_are_not_made_without_end(adam):
    assert [adam.get(f"{AUDIT}export/").status_code for _ in range(11)][-1] == 429
