"""What is harmless, what must be asked, what is denied; and what an approval holds for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahur_core.errors import InputError, ToolDenied
from sahur_core.protocols import ToolSpec
from sahur_core.tools.policy import Permission, Policy, arguments_hash
from sahur_core.tools.registry import ToolRegistry
from sahur_core.tools.risk import Risk

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("name", "risk", "permission"),
    [
        ("get_x", Risk.READ, Permission.ALLOW),
        ("create_x", Risk.WRITE, Permission.ASK),
        ("delete_x", Risk.DESTROY, Permission.ASK),
        ("get_secret", Risk.READ, Permission.DENY),
        ("other", Risk.READ, Permission.DENY),
    ],
)
def test_deny_wins_and_what_is_not_allowed_is_denied(name: str, risk: Risk, permission: Permission) -> None:
    policy = Policy(allow=("*_*",), deny=("get_secret*",))
    assert policy.permission(name, risk) is permission


def spec(name: str, *, read_only: bool) -> ToolSpec:
    return ToolSpec(name=name, description="", input_schema={}, read_only=read_only)


def test_a_run_gets_what_its_policy_leaves() -> None:
    specs = [spec("code__read", read_only=True), spec("slack__post", read_only=False), spec("x__y", read_only=True)]
    registry = ToolRegistry(specs, Policy(deny=("x__*",)))
    assert [tool.name for tool in registry] == ["code__read", "slack__post"]
    assert [registry.permission(tool.name) for tool in specs] == [Permission.ALLOW, Permission.ASK, Permission.DENY]


def test_a_misspelled_tool_is_answered_with_the_right_one() -> None:
    registry = ToolRegistry([spec("code__read", read_only=True)])
    with pytest.raises(ToolDenied, match="code__read"):
        registry.get("code_read")
    assert registry.get("code__read").read_only


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_the_hash_does_not_depend_on_the_order_of_keys(arguments: dict[str, object]) -> None:
    assert arguments_hash(dict(reversed(arguments.items()))) == arguments_hash(arguments)


@pytest.mark.parametrize("other", [{"a": 2}, {"a": "1"}, {"a": [1]}, {"a": True}, {"a": 1, "b": None}, {"A": 1}, {}])
def test_the_hash_tells_other_arguments_apart(other: dict[str, object]) -> None:
    assert arguments_hash(other) != arguments_hash({"a": 1})


def test_whole_numbers_hash_alike_however_they_are_spelled() -> None:
    assert arguments_hash({"a": [1.0]}) == arguments_hash({"a": [1]})


@pytest.mark.parametrize("value", [float("nan"), object(), {1, 2}])
def test_what_is_not_json_has_no_hash(value: object) -> None:
    with pytest.raises(InputError):
        arguments_hash({"a": value})


@pytest.mark.parametrize(
    ("name", "risk", "reason"),
    [
        ("drop_all", Risk.DESTROY, "Denied by drop_*."),
        ("get_secret", Risk.READ, "Asked for by *_secret."),
        ("other", Risk.READ, "No rule allows it."),
        ("get_file", Risk.READ, "It only reads."),
        ("get_file", Risk.WRITE, "It may change something."),
        ("get_file", Risk.DESTROY, "It may delete something."),
    ],
)
def test_each_permission_can_be_told_with_its_reason(name: str, risk: Risk, reason: str) -> None:
    assert Policy(allow=("get_*",), ask=("*_secret",), deny=("drop_*",)).reason(name, risk) == reason
