"""Which processes an embedded system has."""

from __future__ import annotations

from sahur.embedded.processes import Ports, applications

PORTS = Ports(8000, 8100, 5555)


def test_socket_mode_is_taken_where_the_app_has_a_token_for_it():
    usual = [each.name for each in applications(PORTS)]
    assert "slack" not in usual
    with_slack = applications(PORTS, with_slack=True)
    assert {each.name for each in with_slack} - set(usual) == {"slack"}
    (process,) = [each for each in with_slack if each.name == "slack"]
    assert process.command[1:] == ["manage.py", "runslack"]
    assert process.stop_seconds > 10  # What is under way is finished first.
