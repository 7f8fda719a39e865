"""What counts as proven is what the cited result really shows."""

from __future__ import annotations

import pytest

from sahur_core.context.results import render_result
from sahur_core.evidence.claims import check_claims
from sahur_core.evidence.diffs import parse_diff
from sahur_core.evidence.ledger import Ledger, excerpt_of, shown_lines, why_unproven
from sahur_core.evidence.verdict import find_grounds, lowest, report_anchors
from sahur_core.issues import Claim, ClaimKind, CodeLocation, Evidence, ToolCall, ToolResultStatus, Verdict

SHA = "24a834bc96d30aaac85ed3d725b70c0006cdaed2"
DIFF = """diff --git a/rates.py b/rates.py
--- a/rates.py
+++ b/rates.py
@@ -10,4 +10,3 @@ def per_second(earlier, later):
     elapsed = later.at - earlier.at
-    if elapsed <= 0:
-        return 0.0
-    return growth / elapsed
+    return growth / (later.at - earlier.at)
"""
READ = {"path": "rates.py", "lines": [{"path": "rates.py", "line": 11, "text": "    return growth / (later.at - earlier.at)"}]}
SHOW = {"commit": SHA, "shown": {"sha": SHA, "summary": "Count from zero", "author": "Tom"}, "diff": DIFF}


def call(call_id, tool, structured=None, status=ToolResultStatus.OK, text="", receipt=True):
    shown = render_result(text, structured, 10_000)
    receipt_id = f"receipt-{call_id}" if receipt else ""
    return ToolCall(id=call_id, step_id="s", tool=tool, arguments={}, status=status, text=shown, receipt_id=receipt_id)


def fact(number, call_id, **fields):
    return Evidence(id=str(number), number=number, statement="s", receipt_id=f"receipt-{call_id}", tool="t", **fields)


CALLS = [
    call("read", "code__read", READ),
    call("show", "code__show", SHOW),
    call("failed", "code__read", text="There is no such file.", status=ToolResultStatus.ERROR),
    call("empty", "code__search", text="Nothing was found.", status=ToolResultStatus.NO_DATA),
]
FACTS = [
    fact(1, "read", path="rates.py", line=11, excerpt="return growth / (later.at - earlier.at)"),
    fact(2, "show", path="rates.py", commit=SHA, excerpt="-    if elapsed <= 0:"),
    fact(3, "failed"),
    fact(4, "empty"),
    fact(5, "absent"),
]
LEDGER = Ledger(CALLS, FACTS)
REPORT = 'ZeroDivisionError in File "/srv/rates.py", line 11, in per_second'
PLACES = [CodeLocation(path="rates.py", line=11)]


@pytest.mark.parametrize(("number", "usable"), [(1, True), (2, True), (3, False), (4, False), (5, False), (99, False)])
def test_only_evidence_from_a_call_that_worked_is_usable(number, usable):
    assert LEDGER.is_usable(number) is usable


def test_claims_lose_unusable_numbers_and_are_dropped_without_any():
    claims = [
        Claim(statement="a", evidence=[1, 3]),
        Claim(statement="b", evidence=[3, 4, 5]),
        Claim(statement="c", evidence=[]),
        Claim(statement=" ", evidence=[1]),
    ]
    checked = check_claims(claims, LEDGER)
    assert checked.kept == [Claim(statement="a", evidence=[1])]
    assert checked.dropped == 3


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, ""),
        ({"path": "rates.py", "line": 11}, ""),
        ({"quote": "growth  /  (later.at - earlier.at)"}, ""),
        ({"path": "other.py"}, "does not occur"),
        ({"path": "rates.py", "line": 12}, "line 12 of rates.py is not in that result"),
        ({"commit": SHA}, "does not occur"),
        ({"quote": "growth / elapsed"}, "copy it exactly"),
    ],
)
def test_a_fact_must_be_in_the_result_it_names(fields, problem):
    wanted = {"path": "", "line": None, "commit": "", "quote": "", **fields}
    found = why_unproven(CALLS[0], **wanted)
    assert problem in found
    assert bool(found) is bool(problem)


def test_failed_absent_and_unreceipted_calls_prove_nothing():
    nothing = {"path": "", "line": None, "commit": "", "quote": ""}
    assert "no tool call" in why_unproven(None, **nothing)
    assert "proves nothing" in why_unproven(CALLS[2], **nothing)
    assert why_unproven(CALLS[3], **nothing) == "", "that a search found nothing may rule something out"
    assert "proves nothing" in why_unproven(CALLS[3], **{**nothing, "quote": "Nothing"})
    assert "proves nothing" in why_unproven(call("no", "wiki__search", status=ToolResultStatus.NO_DATA), **nothing)
    assert "no receipt" in why_unproven(call("x", "code__read", READ, receipt=False), **nothing)


def test_a_short_sha_is_enough_and_a_shorter_one_is_not():
    assert LEDGER.commit(SHA[:10]).summary == "Count from zero"
    assert LEDGER.commit(SHA[:4]) is None
    assert LEDGER.commit("f" * 40) is None


def test_lines_of_a_diff_are_those_of_the_new_file():
    assert shown_lines(CALLS[1], "rates.py") == {10: "    elapsed = later.at - earlier.at", 11: READ["lines"][0]["text"]}
    assert "if elapsed <= 0" in excerpt_of(CALLS[1], path="rates.py", line=None, quote="")


def test_a_diff_that_was_cut_is_read_as_far_as_it_goes():
    [hunk] = parse_diff(DIFF[: DIFF.index("+    return")])
    assert [number for number, _ in hunk.removed] == [11, 12, 13]
    assert hunk.added == []
    assert parse_diff("no diff at all") == []


def grounds(*claims, sha=SHA, report=REPORT, locations=PLACES):
    told = [Claim(statement="c", evidence=list(numbers), kind=ClaimKind.ROOT_CAUSE) for numbers in claims]
    return find_grounds(told, locations, sha, report, LEDGER)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (grounds([1, 2]), Verdict.CONFIRMED),
        (grounds([1], [2]), Verdict.LIKELY),
        (grounds([1]), Verdict.LIKELY),
        (grounds([2]), Verdict.INCONCLUSIVE),
        (grounds([1, 2], sha="f" * 40), Verdict.LIKELY),
        (grounds([1, 2], report="It is slow."), Verdict.LIKELY),
        (grounds([1], report="It is slow."), Verdict.INCONCLUSIVE),
        (grounds([1, 2], locations=[CodeLocation(path="other.py")]), Verdict.INCONCLUSIVE),
        (grounds(), Verdict.INCONCLUSIVE),
    ],
)
def test_the_verdict_follows_from_what_is_shown(found, verdict):
    assert found.verdict is verdict


def test_the_lowest_verdict_wins():
    assert lowest(Verdict.CONFIRMED, Verdict.INCONCLUSIVE, Verdict.LIKELY) is Verdict.INCONCLUSIVE


def test_a_report_points_to_files_functions_names_and_quoted_texts():
    anchors = report_anchors("""File "/srv/a/rates.py", line 3, in per_second\nKeyError: 'tariff rate' from load_all and `x`""")
    assert {"rates.py", "per_second", "tariff rate", "load_all"} <= anchors


@pytest.mark.parametrize("tool", ["issues__read", "runbooks__read", "receipts__read", "wiki__read"])
def test_only_the_code_itself_shows_a_place_and_what_was_told_is_no_symptom(tool):
    told = call("told", tool, READ)
    facts = [fact(1, "told", path="rates.py", line=11, excerpt="per_second divides by zero")]
    found = find_grounds([Claim(statement="c", evidence=[1])], PLACES, SHA, REPORT, Ledger([told], facts))
    assert found.place is False
    assert found.symptom is (tool == "wiki__read")
    assert found.verdict is Verdict.INCONCLUSIVE


def page(call_id, of, text):
    """A part of an earlier result: it has the receipt of the call it came from."""
    return call(call_id, "receipts__read", text=text).model_copy(update={"receipt_id": f"receipt-{of}"})


def test_a_page_and_its_result_share_a_receipt_and_each_fact_stands_on_what_shows_it():
    log = call("log", "files__read", text="start … end")
    pages = [page("p1", "log", "nothing here"), page("p2", "log", "KeyError: 'rate'")]
    facts = [
        fact(1, "log", excerpt="start"),
        fact(2, "log", excerpt="KeyError: 'rate'").model_copy(update={"tool": "receipts__read"}),
    ]
    facts[0] = facts[0].model_copy(update={"tool": "files__read"})
    ledger = Ledger([log, *pages], facts)
    assert [ledger.call_behind(number).id for number in (1, 2)] == ["log", "p2"]
    assert ledger.cited_calls() == {"log", "p2"}


def test_a_page_is_told_or_seen_as_the_result_it_is_a_page_of():
    told, seen = call("told", "issues__read", text="It was the cache."), call("seen", "files__read", text="cache miss")
    pages = [page("p1", "told", "the cache"), page("p2", "seen", "cache miss"), page("p3", "gone", "cache miss")]
    ledger = Ledger([told, seen, *pages], [fact(1, "told"), fact(2, "seen"), fact(3, "gone")])
    assert [ledger.is_told(number) for number in (1, 2, 3)] == [True, False, True]
