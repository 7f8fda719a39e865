"""What an answer may say: claims of any kind need evidence, and free text names nothing that nobody has seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahur_core.evidence import prose
from sahur_core.evidence.claims import check_claims
from sahur_core.evidence.ledger import Ledger
from sahur_core.evidence.verdict import Grounds, find_grounds, lowest, report_references
from sahur_core.issues import Claim, ClaimKind, CodeLocation, ToolResultStatus, Verdict
from tests.core.evidence.test_ledger import CALLS, FACTS, LEDGER, PLACES, REPORT, SHA, call, fact

SEEN = prose.seen_in(["Tom Weber changed rates.py in 24a834bc96d3; ask @org/meter", "meter/rates.py"])
EVENT = {"issue": "SHOP-12", "message": "connection refused by db-1 in per_second"}


def check(statement="s", evidence=(1,), kind=ClaimKind.OBSERVATION, seen=SEEN):
    return check_claims([Claim(statement=statement, evidence=list(evidence), kind=kind)], LEDGER, seen)


@pytest.mark.parametrize("kind", list(ClaimKind))
@pytest.mark.parametrize("evidence", [[], [3], [5], [99], [3, 99]])
def test_a_claim_of_any_kind_without_usable_evidence_is_dropped(kind, evidence):
    assert (check(evidence=evidence, kind=kind).kept, check(evidence=evidence, kind=kind).dropped) == ([], 1)


@pytest.mark.parametrize("kind", list(ClaimKind))
def test_that_a_search_found_nothing_only_rules_out(kind):
    assert bool(check(evidence=[4], kind=kind).kept) is (kind is ClaimKind.RULED_OUT)
    assert check(evidence=[1, 4], kind=kind).kept[0].evidence == ([1, 4] if kind is ClaimKind.RULED_OUT else [1])


@pytest.mark.parametrize("tool", ["code__read", "wiki__search", "code__locate", "issues__search"])
def test_only_a_completed_search_of_the_code_shows_that_there_is_nothing(tool):
    ledger = Ledger([call("none", tool, text="Nothing.", status=ToolResultStatus.NO_DATA)], [fact(1, "none")])
    assert check_claims([Claim(statement="s", evidence=[1], kind=ClaimKind.RULED_OUT)], ledger).dropped == 1


@pytest.mark.parametrize(
    "statement",
    [
        "It was broken by deadbeef01.",
        "It fails in meter/secret.py.",
        "It was written by Jane Miller.",
        "Ask jane@example.org.",
        "It belongs to @org/other.",
    ],
)
def test_a_claim_that_names_what_nobody_has_seen_is_dropped(statement):
    assert check(statement).dropped == 1


@pytest.mark.parametrize(
    ("statement", "is_kept"),
    [
        ("`per_second` divides by `later.at - earlier.at`.", True),
        ("rates.py divides.", True),
        ("It divides by zero.", True),
        ("The queue in `broker_settings` is full.", False),
        ("Commit 24a834bc96 changed it.", False),
    ],
)
def test_a_claim_is_about_what_its_evidence_shows(statement, is_kept):
    seen = prose.seen_in([REPORT, "broker_settings", SHA, "rates.py"])
    assert bool(check(statement, [1], seen=seen).kept) is is_kept


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("It fails [1][99].", "It fails [1]."),
        ("It fails [99], often [2].", "It fails, often [2]."),
        ("It fails [1, 99].", "It fails [1]."),
        ("rows[0] and argv[99] and `x[99]`", "rows[0] and argv[99] and `x[99]`"),
    ],
)
def test_made_up_numbers_are_taken_out_of_prose(text, cleaned):
    assert prose.clean(text, LEDGER.is_usable) == cleaned


def test_sentences_that_name_what_nobody_has_seen_are_left_out():
    text = "It fails in meter/rates.py. Commit deadbeef01 broke it. Tom Weber wrote it. It was written by Jane Miller."
    assert prose.without_unseen(text, SEEN) == "It fails in meter/rates.py. Tom Weber wrote it."


@pytest.mark.parametrize(
    ("sentence", "states"),
    [
        ("The deploy broke it.", True),
        ("It fails because of the deploy.", True),
        ("The deploy may have caused it.", False),
        ("The cause is open: no change explains it.", False),
        ("Totals are zero since Monday.", False),
    ],
)
def test_a_cause_told_as_known_is_recognised(sentence, states):
    assert prose.states_cause(sentence) is states


def test_a_report_links_to_tickets_and_pages():
    text = "See https://acme.sentry.io/issues/4711223/?project=9 and SHOP-12, not UTF-8, or https://example.org/help"
    assert report_references(text) == {"4711223", "SHOP-12"}


def outside(*servers, locations=(), sha="", kind=ClaimKind.ROOT_CAUSE, report="SHOP-12 fails"):
    """The grounds of one claim that cites what each of these servers shows."""
    calls = [call(f"c{number}", tool, EVENT) for number, tool in enumerate(servers, 1)]
    facts = [fact(number, f"c{number}", excerpt="connection refused") for number in range(1, len(servers) + 1)]
    claim = Claim(statement="The database is down.", evidence=list(range(1, len(servers) + 1)), kind=kind)
    return find_grounds([claim], locations, sha, report, Ledger(calls, facts)).verdict


@pytest.mark.parametrize(
    ("servers", "verdict"),
    [
        (["sentry__get_issue"], Verdict.LIKELY),
        (["sentry__get_issue", "sentry__get_event"], Verdict.LIKELY),
        (["sentry__get_issue", "status__get_incident"], Verdict.CONFIRMED),
        (["sentry__get_issue", "slack__get_thread_replies"], Verdict.LIKELY),
        (["slack__get_thread_replies", "forum__list_comments"], Verdict.INCONCLUSIVE),
        (["issues__read", "runbooks__read"], Verdict.INCONCLUSIVE),
    ],
)
def test_a_cause_outside_of_the_code_needs_independent_sources(servers, verdict):
    assert outside(*servers) is verdict


def test_other_servers_never_confirm_a_place_in_the_code():
    both = ("sentry__get_issue", "status__get_incident")
    assert outside(*both, locations=PLACES) is Verdict.LIKELY
    assert outside(*both, sha=SHA) is Verdict.LIKELY
    assert outside(*both, report="It is slow.") is Verdict.INCONCLUSIVE
    assert outside(*both, kind=ClaimKind.OBSERVATION) is Verdict.INCONCLUSIVE


def test_one_receipt_does_not_confirm_whatever_is_cited_from_it():
    calls = [each.model_copy(update={"receipt_id": "receipt-one"}) for each in CALLS[:2]]
    facts = [each.model_copy(update={"receipt_id": "receipt-one", "tool": tool}) for each, tool in _tools()]
    claim = Claim(statement="c", evidence=[1, 2], kind=ClaimKind.ROOT_CAUSE)
    assert find_grounds([claim], PLACES, SHA, REPORT, Ledger(calls, facts)).link is False


def _tools():
    return zip(FACTS[:2], ("code__read", "code__show"), strict=True)


def test_what_is_ruled_out_does_not_bear_out_the_cause():
    claims = [
        Claim(statement="c", evidence=[1, 2], kind=ClaimKind.RULED_OUT),
        Claim(statement="c", evidence=[1], kind=ClaimKind.SYMPTOM),
    ]
    assert find_grounds(claims, PLACES, SHA, REPORT, LEDGER).verdict is Verdict.INCONCLUSIVE


kinds = st.sampled_from(list(ClaimKind))
claims_strategy = st.lists(
    st.builds(Claim, statement=st.just("c"), evidence=st.lists(st.integers(0, 6), max_size=4), kind=kinds), max_size=6
)


@given(claims_strategy, claims_strategy)
def test_taking_claims_away_never_raises_the_verdict(claims, more):
    """As a review does: whatever it objects to, the rest bears out no more than all of it did."""

    def verdict(told):
        kept = check_claims(told, LEDGER).kept
        return find_grounds(kept, [CodeLocation(path="rates.py", line=11)], SHA, REPORT, LEDGER).verdict

    assert verdict(claims).rank <= verdict([*claims, *more]).rank


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1))
def test_the_lowest_is_never_above_any(verdicts):
    assert all(lowest(*verdicts).rank <= each.rank for each in verdicts)


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 3))
def test_fewer_grounds_never_make_a_stronger_verdict(place, change, symptom, link, sources):
    whole = Grounds(place=place, change=change, symptom=symptom, link=link, outside=sources).verdict
    for name in ("place", "change", "symptom", "link"):
        values = {"place": place, "change": change, "symptom": symptom, "link": link} | {name: False}
        assert Grounds(**values, outside=sources).verdict.rank <= whole.rank


@pytest.mark.parametrize("text", ["a/" * 50_000, "[1]" * 50_000, "@" * 100_000, "by A b " * 20_000, "`" * 100_000, "a1" * 50_000])
def test_hostile_prose_is_read_in_linear_time(text):
    """Quadratic patterns would run into the limit of every test."""
    prose.names_in(text)
    prose.clean(text, LEDGER.is_usable)
    prose.anchors_in(text)
    prose.without_causes(text)
    report_references(text)
