"""Source files by their paths."""

from __future__ import annotations

import pytest

from sahur_core.code.evaluate.candidates import is_published_candidate, is_source


@pytest.mark.parametrize("path", ["a.py", "src/app.ts", "lib/x.rb", "src/main/java/a/B.java", "latest.go", "contest.py", "a.h"])
def test_code_is_source(path):
    assert is_source(path)


@pytest.mark.parametrize(
    "path",
    [
        *("tests/a.py", "src/test/java/B.java", "a_test.go", "a.spec.ts", "src/add/test.ts", "__tests__/a.js", "spec/a_spec.rb"),
        *("BookTest.java", "conftest.py", "README.md", "a.json", "Makefile", "vendor/a.go", "dist/a.js", "x.min.js", "a.d.ts"),
    ],
)
def test_tests_documents_data_and_foreign_code_are_not(path):
    assert not is_source(path)


def test_the_published_rule_is_about_python_alone():
    assert is_published_candidate("pkg/testing/a.py")
    assert not is_published_candidate("pkg/tests/a.py")
    assert not is_published_candidate("pkg/test_a.py")
    assert not is_published_candidate("a.ts")
