"""What two runs have in common is told once; what only one of them found is told as its own."""

from __future__ import annotations

from sahur_core.evidence.difference import CallInShort, Line, difference
from sahur_core.issues import (
    Claim,
    ClaimKind,
    CodeLocation,
    Evidence,
    Solution,
    SuspectCommit,
    ToolResultStatus,
    Verdict,
)


def fact(number, path="till.py", line=3, receipt="r1", **changes):
    values = {
        "id": f"e{number}",
        "number": number,
        "statement": "It reads the rate.",
        "receipt_id": receipt,
        "tool": "code__read",
    }
    return Evidence(**{**values, "path": path, "line": line, **changes})


def call(**arguments):
    return CallInShort(tool="code__read", arguments=arguments, status=ToolResultStatus.OK)


def answer(verdict=Verdict.LIKELY, **changes):
    return Solution(**{"verdict": verdict, "summary": "s", "root_cause": "The rate.", "next_step": "Set it.", **changes})


def line(solution=None, evidence=(), tool_calls=()):
    return Line(solution, evidence, tool_calls)


def test_a_run_does_not_differ_from_itself():
    claims = [Claim(statement="It fails here.", evidence=[1])]
    one = line(answer(claims=claims, locations=[CodeLocation(path="till.py")]), [fact(1)], [call(path="till.py")])
    found = difference(one, one)
    assert found.differs == []
    assert (len(found.claims.both), len(found.evidence.both), len(found.tool_calls.both)) == (1, 1, 1)


def test_answers_are_told_side_by_side():
    commit = SuspectCommit(sha="a" * 40, summary="Drop the check")
    found = difference(
        line(answer()), line(answer(Verdict.INCONCLUSIVE, root_cause="", suspect_commit=commit, summary="Nobody knows."))
    )
    assert found.differs == ["verdict", "root_cause", "suspect_commit"]
    assert (found.first.verdict, found.second.summary) == (Verdict.LIKELY, "Nobody knows.")


def test_the_same_place_is_the_same_fact_under_any_number_and_receipt():
    found = difference(
        line(evidence=[fact(1), fact(2, line=9)]), line(evidence=[fact(4, receipt="r2", statement="The rate is read.")])
    )
    assert [each.number for each in found.evidence.both] == [1]
    assert [each.line for each in found.evidence.only_first] == [9]
    assert found.evidence.only_second == []


def test_a_fact_without_a_place_is_known_by_its_excerpt():
    mine, same, other = (fact(1, "", None, receipt, excerpt=text) for receipt, text in (("r", "A"), ("r", "a"), ("r2", "A")))
    assert difference(line(evidence=[mine]), line(evidence=[same])).differs == []
    assert difference(line(evidence=[mine]), line(evidence=[other])).differs == ["evidence"]


def test_claims_are_the_same_in_the_same_words_or_on_the_same_facts():
    first = [
        Claim(statement="It fails here.", evidence=[1], kind=ClaimKind.SYMPTOM),
        Claim(statement="The rate is missing.", evidence=[2]),
        Claim(statement="Only here.", evidence=[]),
    ]
    second = [
        Claim(statement="This line raises.", evidence=[7], kind=ClaimKind.SYMPTOM),
        Claim(statement="the rate is  missing", evidence=[]),
        Claim(statement="This line raises.", evidence=[7], kind=ClaimKind.RULED_OUT),
    ]
    found = difference(
        line(answer(claims=first), [fact(1), fact(2, line=8)]),
        line(answer(claims=[second[0], second[1]]), [fact(7, receipt="r2")]),
    )
    assert [claim.statement for claim in found.claims.both] == ["It fails here.", "The rate is missing."]
    assert [claim.statement for claim in found.claims.only_first] == ["Only here."]
    assert found.claims.only_second == []
    other_kind = difference(line(answer(claims=first[:1]), [fact(1)]), line(answer(claims=second[2:]), [fact(7)]))
    assert len(other_kind.claims.only_second) == 1, "what one rules out is not what the other saw"


def test_calls_are_told_once_and_in_their_order():
    first = [call(path="x.py"), call(path="y.py"), call(path="x.py")]
    found = difference(line(tool_calls=first), line(tool_calls=[call(path="y.py"), call(path="z.py")]))
    assert [each.arguments["path"] for each in found.tool_calls.both] == ["y.py"]
    assert [each.arguments["path"] for each in found.tool_calls.only_first] == ["x.py"]
    assert [each.arguments["path"] for each in found.tool_calls.only_second] == ["z.py"]


def test_a_run_without_an_answer_yet_has_empty_parts():
    found = difference(line(answer(locations=[CodeLocation(path="till.py", function="total")])), line())
    assert found.second.verdict is None
    assert found.differs == ["verdict", "root_cause", "locations"]
