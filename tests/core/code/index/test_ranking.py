"""Words of code and prose meet, and documents are ranked by them."""

from __future__ import annotations

import pytest

from sahur_core.code.index.ranking import Ranker, words


def test_identifiers_give_their_parts_and_themselves() -> None:
    assert words("parseRates(HTTPError_codes, 42)") == ["pars", "rate", "http", "code", "42", "=parserates", "=httperror_codes"]


def test_prose_and_code_meet_in_the_same_words() -> None:
    assert set(words("The invoices were rounded")) & set(words("round_invoice()")) == {"round", "invoic"}


def test_words_of_other_scripts_are_kept() -> None:
    assert words("Größe заказ") == ["größe", "заказ"]


def test_the_best_document_comes_first() -> None:
    scores = Ranker.build([words("tea and cups"), words("invoice total tax"), words("tax")]).scores("tax of an invoice")
    assert scores.argmax() == 1
    assert scores[0] == 0


@pytest.mark.parametrize("query", ["", "zzz unknown", "the of and", "🙂" * 100])
def test_a_query_without_known_words_fits_nothing(query: str) -> None:
    assert not Ranker.build([["tea"], ["cup"]]).scores(query).any()


@pytest.mark.parametrize("documents", [[], [[]], [[], []]])
def test_nothing_to_rank_is_no_error(documents: list[list[str]]) -> None:
    assert list(Ranker.build(documents).scores("tea")) == [0.0] * len(documents)
