"""Uses of a name are told apart in every language, and comments and strings hold none."""

from __future__ import annotations

import pytest

from sahur_core.code.languages.references import references

SOURCES = {
    "python.py": (
        "from shop import total\n# total\ndef f(a: total): ...\nx = total(1)\nself.total(2)\nself.total = 4\n"
        "print('total', f'{total}')\nclass A(total): ...\n",
        "import type call call write read type",
    ),
    "javascript.js": (
        "import { total } from './x';\n// total\nconst x = total(1);\nthis.total(2);\nthis.total = 4;\n"
        "log('total', `${total}`);\n"
        "new total();\nclass A extends total {}\ntotal++;\n",
        "import call call write read call type write",
    ),
    "typescript.ts": (
        "import { total } from './x';\nfunction f(a: total): total { return total(1); }\nclass A implements total {}\n",
        "import type type call type",
    ),
    "Java.java": (
        'class A extends total { total x = new total(); int total() { return this.total() + x.total; }\n String s = "total"; }\n',
        "type type call definition call read",
    ),
    "go.go": (
        "package a\nfunc total() {}\nfunc f(t total) *total { a.total(); total = 1; total := 2; return a.total }\n",
        "definition type type call write write read",
    ),
    "ruby.rb": ('def total; end\nfoo.total(1)\ntotal = 2\nputs "#{total} total"\n', "definition call write read"),
    "rust.rs": (
        "use a::total;\nfn f(t: total) { total(); a.total(); a::total(); let total = 1; self.total = 2; total!(); a.total }\n",
        "import type call call call write write call read",
    ),
    "c.c": (
        "int total(int a) { return total(1) + x->total; }\nvoid f(void) { int total = 3; struct total t; }\n",
        "definition call read write type",
    ),
    "cpp.cpp": ("int A::total(int a) { return x->total() + A::total(); }\nvoid f() { total t; }\n", "definition call call type"),
    "csharp.cs": (
        "class A : total { total x = new total(); int total() { return this.total() + x.total; } void f() { var total = 2; } }\n",
        "type type call definition call read write",
    ),
    "php.php": (
        "<?php\nuse A\\total;\nfunction f(total $a) { total(); $this->total(); A::total(); $total = 1; echo $total; }\n",
        "import type call call call write read",
    ),
    "kotlin.kt": (
        "import a.total\nfun f(a: total): total {\n  total()\n  x.total()\n  val total = 1\n  return x.total\n}\n",
        "import type type call call write read",
    ),
    "swift.swift": (
        "func f(a: total) -> total {\n  total()\n  x.total()\n  self.total = 2\n  return x.total\n}\n",
        "type type call call write read",
    ),
    "scala.scala": (
        "import a.total\nclass A extends total {\n  def f(a: total) = {\n    x.total()\n    val total = 1\n    x.total\n  }\n}\n",
        "import type type call write read",
    ),
    "bash.sh": ("total() { :; }\ntotal 1\necho $total # total\n", "definition call read"),
    "lua.lua": ("local function total() end\ntotal()\nm:total()\nM.total = 3\nprint(total)\n", "definition call call write read"),
    "elixir.ex": ("defmodule A do\n  def total(x) do\n    B.total(2)\n    total = 3\n  end\nend\n", "definition call write"),
}


@pytest.mark.parametrize("path", SOURCES)
def test_each_use_has_its_kind(path: str) -> None:
    source, kinds = SOURCES[path]
    assert " ".join(each.kind for each in references(path, source, "total")) == kinds


def test_a_reference_tells_its_line() -> None:
    assert references("a.py", "x = 1\n\nif x:\n    pass\n", "x")[1] == (3, "read", "if x:")


def test_part_of_a_longer_name_is_no_reference() -> None:
    assert references("a.py", "totals = subtotal + total_1 + étotal\n", "total") == []


@pytest.mark.parametrize(("path", "name"), [("a.txt", "total"), ("a.py", ""), ("a.py", "(")])
def test_what_has_no_references_has_none(path: str, name: str) -> None:
    assert references(path, "total (total)\n", name) == []
