"""Past fixes of a repository as questions with answers."""

from __future__ import annotations

from sahur_core.code.evaluate.fixes import find_fixes

PRICE = "def total(items):\n    return sum(items)\n\n\ndef rounded(price):\n    return int(price)\n"


def mined(origin, cloned, tmp_path, limit=10, since=""):
    repository = cloned()
    return find_fixes(repository, tmp_path / "store" / "git", repository.resolve("main"), limit=limit, since=since)


def test_a_fix_becomes_a_question_at_its_parent(origin, cloned, tmp_path):
    before = origin.commit("Begin the shop", {"shop/price.py": PRICE, "README.md": "shop"})
    fix = origin.commit("Fix rounding of negative prices\n\nCloses #3", {"shop/price.py": PRICE.replace("int(", "round(")})
    (found,) = mined(origin, cloned, tmp_path).fixes
    assert (found.sha, found.parent) == (fix, before)
    assert found.title == "Fix rounding of negative prices"
    assert found.files == ["shop/price.py"]
    assert found.functions == ["shop/price.py:rounded"]


def test_the_answer_is_what_existed_before(origin, cloned, tmp_path):
    origin.commit("Begin the shop", {"old.py": PRICE * 3, "b.py": PRICE})
    origin.git("mv", "old.py", "new.py")
    origin.commit("Fix the name of the module", {"new.py": PRICE * 2 + PRICE.replace("sum", "len"), "fresh.py": "x = 1\n"})
    (found,) = mined(origin, cloned, tmp_path).fixes
    assert found.files == ["old.py"]


def test_what_is_no_question_is_counted_by_reason(origin, cloned, tmp_path):
    origin.commit("Begin the shop, fixes nothing", {"a.py": PRICE})
    origin.commit("Fix the broken price of the guide", {"README.md": "x"})
    origin.commit("Fix everything that was broken in the shop", {f"f{number}.py": PRICE for number in range(6)})
    origin.commit("Fix bug", {"a.py": PRICE + "\n\nX = 1\n"})
    origin.commit("Fix the broken price of new things", {"g.py": PRICE})
    origin.commit("Go on", {"a.py": PRICE})
    found = mined(origin, cloned, tmp_path)
    assert found.fixes == []
    assert found.left_out == {
        "the commit before it is not here": 1,
        "no source file changed": 1,
        "more than 5 source files changed": 1,
        "the message says too little": 1,
        "no source file changed that existed before": 1,
        "no issue reference and no word such as fix": 1,
    }


def test_a_message_that_the_history_already_holds_is_no_question(origin, cloned, tmp_path):
    origin.commit("Begin the shop", {"a.py": PRICE})
    first = origin.commit("Fix rounding of negative prices", {"a.py": PRICE + "\n\nX = 1\n"})
    origin.commit("Fix rounding of  negative Prices", {"a.py": PRICE + "\n\nX = 2\n"})
    found = mined(origin, cloned, tmp_path)
    assert [fix.sha for fix in found.fixes] == [first]
    assert found.left_out["an earlier commit has the same summary"] == 1


def test_the_newest_come_first_up_to_the_limit_and_since(origin, cloned, tmp_path):
    origin.commit("Begin the shop", {"a.py": PRICE})
    made = [
        origin.commit(f"Fix rounding of prices, part {number}", {"a.py": PRICE + f"\n\nX = {number}\n"}) for number in range(4)
    ]
    assert [fix.sha for fix in mined(origin, cloned, tmp_path, limit=2).fixes] == [made[3], made[2]]
    assert [fix.sha for fix in mined(origin, cloned, tmp_path, since="2026-01-05").fixes] == [made[3]]
