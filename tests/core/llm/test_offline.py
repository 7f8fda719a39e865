"""The offline model's eyes: reports, changes, and which change explains which exception."""

from __future__ import annotations

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from sahur_core.evidence.diffs import parse_diff
from sahur_core.evidence.verdict import report_anchors
from sahur_core.llm.offline.changes import read_change
from sahur_core.llm.offline.dossier import Dossier
from sahur_core.llm.offline.failure import SeenException, read_failure
from sahur_core.llm.offline.fits import fit_of
from sahur_core.llm.offline.kinds import NONE_VALUE, kind_of
from sahur_core.llm.offline.model import OfflineModel
from sahur_core.llm.offline.plan import next_move
from sahur_core.llm.offline.suspects import clause_of
from sahur_core.llm.offline.words import is_code_file, names_in, stems, strings_in
from sahur_core.llm.prices import cost_of, price_of

TRACE = """It fails:
Traceback (most recent call last):
  File "/srv/shop/api.py", line 7, in handle
    return total(order)
           ^^^^^^^^^^^^
  File "/srv/shop/bill.py", line 3, in total
    return order.net * tariff["rate"]
{exception}
"""


def change(removed, added):
    lines = [f"-{line}" for line in removed.splitlines()] + [f"+{line}" for line in added.splitlines()]
    [hunk] = parse_diff("\n".join(["--- a/bill.py", "+++ b/bill.py", "@@ -1,9 +1,9 @@ def total(order):", *lines]))
    return read_change(hunk)


def fit(exception, removed, added):
    return fit_of(change(removed, added), "total", read_failure("It fails", TRACE.format(exception=exception)))


def test_a_traceback_is_read():
    failure = read_failure("Totals fail", TRACE.format(exception="shop.errors.NoTariff: no tariff for 'AT'"))
    assert [frame.function for frame in failure.frames] == ["handle", "total"]
    assert failure.frames[-1].code == 'return order.net * tariff["rate"]'
    assert (failure.exceptions[0].type, failure.exceptions[0].message) == ("NoTariff", "no tariff for 'AT'")
    assert failure.literals == {"AT"}
    assert failure.failing_names >= {"order", "net", "tariff"}
    assert failure.describe() == "NoTariff: no tariff for 'AT' in total"


def test_a_report_without_a_traceback_is_read():
    failure = read_failure("Prices are wrong", "`net_price` is too low since Monday.")
    assert failure.exceptions == []
    assert failure.mentioned_names == {"net_price"}
    assert not failure.is_from_outside
    assert read_failure("Down", "connection refused by the mail host").is_from_outside


@pytest.mark.parametrize(
    ("exception", "removed", "added", "why"),
    [
        ("KeyError: 'rate'", 'return {"rate": r}', 'return {"rates": [r]}', "takes away the key 'rate'"),
        ("KeyError: 'rate'", 'tariff.get("rate", 0)', 'tariff["rate"]', "without the fallback"),
        ("AttributeError: 'NoneType' object has no attribute 'net'", "return o[k]", "return o.get(k)", "can be None"),
        ("AttributeError: 'Order' object has no attribute 'net'", "self.net = n", "self.total = n", "takes away the name net"),
        (
            "TypeError: total() missing 1 required positional argument: 'tax'",
            "def total(order):",
            "def total(order, tax):",
            "parameters",
        ),
        ("TypeError: unsupported operand type(s) for *: 'str' and 'int'", "rate = float(text)", "rate = text", "type of a value"),
        (
            "ZeroDivisionError: division by zero",
            "if not order:\n    return 0\nx = a / order",
            "x = a / order",
            "takes away the check",
        ),
        ("IndexError: list index out of range", "if rows:\n    first = rows[0]", "first = rows[0]", "takes away the check"),
        ("ValueError: could not convert string to float: '1,0'", 'f"{v:.2f}"', 'f"{v:,.2f}"', "written as text"),
        ("NameError: name 'rate' is not defined", "rate = 3", "tariff = 3", "takes away rate"),
        ("UnicodeDecodeError: invalid byte", 'open(p, encoding="utf-8")', "open(p)", "encoded"),
        ("TimeoutError: timed out", "TIMEOUT = 30", "TIMEOUT = 3", "how long"),
    ],
)
def test_a_change_that_explains_the_exception_fits(exception, removed, added, why):
    found = fit(exception, removed, added)
    assert found.score >= 0.6
    assert why in found.reason


@pytest.mark.parametrize(
    ("exception", "kind"),
    [
        ("NullReferenceException: Object reference not set to an instance of an object.", NONE_VALUE),
        ("NoMethodError: undefined method 'dial' for nil", NONE_VALUE),
        ("TypeError: Cannot read properties of undefined (reading 'rate')", NONE_VALUE),
        ("TypeError: 'NoneType' object is not iterable", "TypeError"),
        ("runtime error: index out of range [3] with length 3", "IndexError"),
        ("ArrayIndexOutOfBoundsException: Index 5 out of bounds for length 5", "IndexError"),
        ("ArithmeticException: / by zero", "ZeroDivisionError"),
        ('NumberFormatException: For input string: "x"', "ValueError"),
        ("SaleFailedException: sale for 9 failed", "SaleFailedException"),
    ],
)
def test_exceptions_of_other_languages_are_known_by_one_name(exception, kind):
    name, _, message = exception.partition(": ")
    assert kind_of(SeenException(name, message)) == kind


def test_an_exception_that_only_wraps_another_one_explains_nothing():
    body = (
        "Kiosk.SaleFailedException: sale for 9 failed\n ---> System.NullReferenceException: Object reference not set\n"
        "   at Kiosk.Prices.Price(String zone) in /src/Prices.cs:line 7\n   --- End of inner exception stack trace ---\n"
        "   at Kiosk.Sale.Sell(String zone) in /src/Sale.cs:line 9\n"
    )
    assert [seen.type for seen in read_failure("", body).causes] == ["NullReferenceException"]


@pytest.mark.parametrize(
    ("exception", "removed", "added"),
    [
        (
            "SaleFailedException: sale for 9 failed",
            'throw new SaleFailedException("sale failed", e);',
            'throw new SaleFailedException($"sale for {zone} failed", e);',
        ),
        ("NullReferenceException: not set", "if (reduced)\n{\n    cents -= 3;\n}", "var rebate = reduced ? 3 : 0;"),
    ],
)
def test_other_words_for_the_same_are_no_cause(exception, removed, added):
    assert fit(exception, removed, added).score < 0.5


@pytest.mark.parametrize(
    "exception",
    ["KeyError: 'rate'", "ZeroDivisionError: division by zero", "ValueError: bad", "OSError: [Errno 28] No space left"],
)
@pytest.mark.parametrize(
    ("removed", "added"), [("# a note", "# another note"), ('print("hi")', 'print("hello")'), ("x = y", "z = y")]
)
def test_a_harmless_change_does_not_fit(exception, removed, added):
    assert fit(exception, removed, added).score < 0.5


@pytest.mark.parametrize(
    ("reason", "clause"),
    [
        ("makes `article`, which the failing line uses", "it makes `article`, which the failing line uses"),
        ("its words fit the report (71% of the best)", "it uses the words of the report"),
        ("called on the failing line: `f(x)`", "it is called on the failing line: `f(x)`"),
        ("changed by 0123456789 “Tidy”, 2 days before", "it was changed by 0123456789 “Tidy”, 2 days before"),
        ("the report names a.py:3", "the report names a.py:3"),
    ],
)
def test_a_reason_of_the_ranking_is_told_with_a_subject(reason, clause):
    assert clause_of(reason) == clause


def test_words_and_names():
    assert names_in('total = order.net * rate["x"]  # a note') == {"total", "order", "net", "rate"}
    assert strings_in("a['x'] + \"y z\"") == {"x", "y z"}
    assert stems("Prices were rounded; the rounding of netPrice") == stems("price round net")
    assert is_code_file("shop/bill.py")
    assert not any(map(is_code_file, ["tests/test_bill.py", "README.md", "docs/guide.rst"]))


def test_the_same_messages_give_the_same_answer_and_nothing_else_counts():
    model, messages = OfflineModel(), [SystemMessage("whatever"), HumanMessage("no frame at all")]
    tools = [
        {
            "type": "function",
            "function": {"name": "finish", "description": "", "parameters": {"type": "object", "properties": {}}},
        }
    ]
    first, second = (model.bind_tools(tools).invoke(messages) for _ in range(2))
    assert first.tool_calls == second.tool_calls
    assert first.tool_calls[0]["name"] == "finish"
    assert first.response_metadata["is_language_model"] is False


def test_prices_are_found_by_the_longest_known_name():
    assert price_of("openai:gpt-4o-mini-2024-07-18") == price_of("gpt-4o-mini") != price_of("gpt-4o")
    assert price_of("anthropic/claude-sonnet-4-5-20250929") is not None
    assert cost_of("gpt-4o", 1_000_000, 0) == 2.5
    assert cost_of("nobody-knows", 5, 5) is None
    assert cost_of("gpt-5.5-turbo", 5, 5) is None


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 200_000,
        "a" * 200_000,
        "a." * 100_000,
        "-a" * 100_000,
        "\\'" * 100_000,
        'File "' * 33_000,
        "a/" * 100_000,
        "`" * 200_000,
    ],
    ids=["lines", "letters", "dots", "dashes", "quotes", "frames", "slashes", "ticks"],
)
def test_a_hostile_report_is_read_in_linear_time(text):
    """Quadratic patterns would take minutes here and run into the limit of every test."""
    failure = read_failure(text[:1000], f"Traceback (most recent call last)\n{text}")
    assert failure.exceptions == [] or failure.exceptions[0].message == ""
    assert len(failure.literals | failure.mentioned_names | failure.failing_names | report_anchors(text) | stems(text)) < 10
    move, calls = next_move(Dossier(failure=failure, said=[text]), frozenset({"finish"}))
    assert move
    assert calls[-1][0] == "finish"
