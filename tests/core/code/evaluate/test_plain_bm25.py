"""The yardstick ranks as bm25s does, and counts each blob once."""

from __future__ import annotations

import bm25s
import pytest

from sahur_core.code.evaluate.candidates import is_source
from sahur_core.code.evaluate.plain_bm25 import PlainBm25, outer_functions, plain_words

FILES = {
    "a.py": "def round_price(price):\n    return round(price, 2)\n",
    "b.py": "class HTTPServer:\n    def startUp(self):\n        def inner():\n            pass\n        self.price = price\n",
    "c.py": "def other():\n    return 'nothing here'\n\n\ndef price_tag(price):\n    return price\n",
    "tests/test_a.py": "price price price",
}


def test_identifiers_are_split_at_humps_and_underscores():
    assert plain_words("HTTPServer round_price x2 42 a") == ["http", "server", "round", "price", "42"]


def test_scores_are_those_of_bm25s(origin, cloned):
    commit = origin.commit("one", FILES)
    plain = PlainBm25(cloned(), is_source)
    query = "the price of the server is rounded: round_price, round_price"
    names = ["a.py", "b.py", "c.py"]
    peer = bm25s.BM25(k1=1.5, b=0.75, method="lucene")
    peer.index([plain_words(FILES[name]) for name in names], show_progress=False)
    expected = peer.get_scores([word for word in plain_words(query) if word in peer.vocab_dict])
    assert plain.rank(commit, query).files == [name for _, name in sorted(zip(-expected, names, strict=True))]
    assert "tests/test_a.py" not in plain.rank(commit, "price").files


def test_functions_are_ranked_by_their_own_lines(origin, cloned):
    commit = origin.commit("one", FILES)
    assert PlainBm25(cloned(), is_source).rank(commit, "price tag").functions[0] == "c.py:price_tag"


def test_functions_within_functions_belong_to_the_outer_one():
    assert outer_functions("b.py", FILES["b.py"]) == [("HTTPServer.startUp", 2, 5)]


def test_another_commit_is_ranked_by_its_own_files(origin, cloned):
    first = origin.commit("one", FILES)
    second = origin.commit("two", {"a.py": None, "d.py": "price tag tag tag"})
    plain = PlainBm25(cloned(), is_source)
    assert "a.py" in plain.rank(first, "price").files
    assert plain.rank(second, "tag").files[0] == "d.py"
    assert "a.py" not in plain.rank(second, "price").files


@pytest.mark.parametrize("query", ["", "zzz", "!!"])
def test_a_query_without_known_words_finds_nothing(origin, cloned, query):
    commit = origin.commit("one", FILES)
    assert PlainBm25(cloned(), is_source).rank(commit, query).files == []
