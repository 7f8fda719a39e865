"""Where a file uses a name, outside of comments and strings, and what it does with it there.

Grammars agree on what their nodes are called far more than languages agree on how they look, so that one table of node kinds
serves all of them; `tests/core/code/languages/test_references.py` holds it against each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

import tree_sitter

from sahur_core.code.languages.outline import outline
from sahur_core.code.languages.syntax import Syntax, load_query, parse
from sahur_core.code.languages.table import find_language
from sahur_core.tools.storable import storable

MAX_REFERENCES = 1000
MAX_LINE_CHARS = 200
MAX_CLIMB = 8
"""How many nodes above a name are looked at."""

Use = Literal["call", "import", "definition", "write", "read", "type"]

_NO_NAME = re.compile(r"comment|string|content|fragment|text|escape|char|literal|regex|heredoc|error", re.I)
CALLS: dict[str, tuple[str, ...]] = {
    "call": ("function", "method", "target"),
    "call_expression": ("function", ""),
    "function_call": ("name", ""),
    "method_invocation": ("name",),
    "method_call": ("method", "name"),
    "invocation_expression": ("function",),
    "function_call_expression": ("function",),
    "member_call_expression": ("name",),
    "nullsafe_member_call_expression": ("name",),
    "scoped_call_expression": ("name",),
    "new_expression": ("constructor", "type"),
    "object_creation_expression": ("type", ""),
    "instance_expression": ("",),
    "macro_invocation": ("macro",),
    "constructor_invocation": ("",),
    "command": ("name",),
    "decorator": ("",),
}
"""Kinds of calls, and the fields that hold what is called; an empty one stands for the first named child."""
MEMBERS: dict[str, tuple[str, ...]] = {
    "attribute": ("attribute",),
    "member_expression": ("property",),
    "field_expression": ("field",),
    "selector_expression": ("field",),
    "member_access_expression": ("name",),
    "nullsafe_member_access_expression": ("name",),
    "scoped_identifier": ("name",),
    "qualified_identifier": ("name",),
    "qualified_name": ("name",),
    "navigation_expression": ("suffix", "-1"),
    "navigation_suffix": ("suffix", "-1"),
    "dot_index_expression": ("field",),
    "method_index_expression": ("method",),
    "dot": ("right",),
    "field_access": ("field",),
    "conditional_access_expression": ("-1",),
    "member_binding_expression": ("name",),
    "template_function": ("name",),
    "generic_function": ("function",),
    "generic_name": ("", "name"),
    "generic_type": ("", "type", "name"),
    "user_type": ("-1",),
    "name": ("",),
    "variable_name": ("",),
    "command_name": ("",),
    "simple_identifier": ("",),
    "parenthesized_expression": ("",),
    "directly_assignable_expression": ("",),
}
"""Kinds that are used as what stands last in them is; `-1` is the last named child."""
WRITES: dict[str, tuple[str, ...]] = {
    "assignment": ("left", "target", ""),
    "augmented_assignment": ("left",),
    "operator_assignment": ("left",),
    "assignment_expression": ("left",),
    "augmented_assignment_expression": ("left",),
    "compound_assignment_expr": ("left",),
    "assignment_statement": ("left", ""),
    "short_var_declaration": ("left",),
    "named_expression": ("name",),
    "variable_declarator": ("name",),
    "variable_assignment": ("name",),
    "variable_declaration": ("name", ""),
    "init_declarator": ("declarator",),
    "declaration": ("declarator",),
    "let_declaration": ("pattern",),
    "val_definition": ("pattern",),
    "var_definition": ("pattern",),
    "property_declaration": ("name",),
    "var_spec": ("name",),
    "const_spec": ("name",),
    "update_expression": ("argument", "operand", ""),
    "inc_statement": ("",),
    "dec_statement": ("",),
    "for_statement": ("left",),
    "for_in_statement": ("left",),
    "for_in_clause": ("left",),
    "as_pattern_target": ("",),
    "binary_operator": ("left",),
}
"""Kinds that set what one of their fields names; a binary operator only if it is `=` (Elixir)."""
_LISTS = frozenset(
    {
        "pattern_list",
        "tuple_pattern",
        "list_pattern",
        "array_pattern",
        "object_pattern",
        "expression_list",
        "variable_list",
        "left_assignment_list",
        "tuple",
        "pattern",
        "pointer_declarator",
        "reference_declarator",
        "array_declarator",
        "mut_pattern",
    }
)
"""Kinds whose members are set when they are."""
_TYPE_KINDS = re.compile(r"type|superclass|base_|heritage|extends|implements|inheritance|delegation|interfaces|trait_bounds")
_TYPE_FIELDS = ("type", "return_type", "returns", "superclass", "superclasses", "trait")


class Reference(NamedTuple):
    line: int
    kind: Use
    text: str
    """The line, stripped and not too long."""


class _Places(NamedTuple):
    """What the query of a language says about a file."""

    defined: set[int]
    """Where names of definitions end (`Shop::total` ends with `total`)."""
    ranges: list[tuple[int, int, Use]]
    """Imports, and base classes."""

    def use_of(self, node: tree_sitter.Node) -> Use | None:
        return next((kind for start, end, kind in self.ranges if start <= node.start_byte < end), None)


def references(path: str, text: str, name: str) -> list[Reference]:
    """Occurrences of an identifier, at most `MAX_REFERENCES`; none in a file that is not parsed. Never raises for odd content."""
    language = find_language(path, text)
    if language is None or not name:
        return []
    syntax = parse(language, text)
    if syntax.root is None:
        return []
    lines = text.split("\n")
    found: list[Reference] = []
    places = _known_places(syntax)
    own = [each for each in outline(path, text).definitions if each.name.rsplit(".", 1)[-1] == name]
    for node in _identifiers(syntax, syntax.root, name):
        line = syntax.lines(node)[0]
        if node.end_byte in places.defined and any(each.start <= line <= each.end for each in own):
            kind: Use = "definition"
        else:
            kind = places.use_of(node) or _use(node)
        found.append(Reference(line, kind, str(storable(lines[line - 1].strip()))[:MAX_LINE_CHARS]))
        if len(found) == MAX_REFERENCES:
            break
    return found


def _identifiers(syntax: Syntax, root: tree_sitter.Node, name: str) -> Iterator[tree_sitter.Node]:
    whole = re.compile(rb"(?<![\w\x80-\xff])" + re.escape(name.encode("utf-8", "replace")) + rb"(?![\w\x80-\xff])")
    for match in whole.finditer(syntax.data):
        node = root.named_descendant_for_byte_range(match.start(), match.end())
        if node is None or node.byte_range != match.span() or _NO_NAME.search(node.type):
            continue  # a longer node around it is a comment, a string or an error
        parent = node.parent
        if node.type == "name" and parent is not None and parent.type == "encapsed_string":
            continue
        yield node


def _known_places(syntax: Syntax) -> _Places:
    """As the outline finds them."""
    places = _Places(set(), [])
    for _, found in syntax.matches(load_query(syntax.language)):
        if "name" in found and "scope" not in found:
            places.defined.add(found["name"][0].end_byte)
        for capture in ("module", "imported", "alias", "tree", "base"):
            kind: Use = "type" if capture == "base" else "import"
            places.ranges.extend((*node.byte_range, kind) for node in found.get(capture, ()))
    return places


def _use(node: tree_sitter.Node) -> Use:
    """What the nodes above a name do with it."""
    for _ in range(MAX_CLIMB):
        parent = node.parent
        if parent is None:
            break
        if _holds(CALLS, parent, node):
            return "call"
        if any(parent.child_by_field_name(field) == node for field in _TYPE_FIELDS):
            return "type"
        if _holds(WRITES, parent, node) and (parent.type != "binary_operator" or _operator(parent) == "="):
            return "write"
        if parent.type not in _LISTS and not _holds(MEMBERS, parent, node):
            return "type" if _TYPE_KINDS.search(parent.type) or _TYPE_KINDS.search(node.type) else "read"
        node = parent
    return "type" if _TYPE_KINDS.search(node.type) else "read"


def _operator(node: tree_sitter.Node) -> str:
    operator = node.child_by_field_name("operator")
    return operator.type if operator else ""


def _holds(table: dict[str, tuple[str, ...]], parent: tree_sitter.Node, node: tree_sitter.Node) -> bool:
    """Whether the table names the place of a node in its parent."""
    for field in table.get(parent.type, ()):
        if field in ("", "-1"):
            place = parent.named_child_count - 1 if field else 0
            child = parent.named_child(place) if parent.named_child_count else None
        else:
            child = parent.child_by_field_name(field)
        if child == node:
            return True
    return False
