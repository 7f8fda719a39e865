"""Ports: the wanted one where it is free, and never the same one twice."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from sahur.embedded.ports import PortClaims, is_free
from tests.services import free_port


@pytest.fixture
def claims() -> Iterator[PortClaims]:
    made = PortClaims()
    yield made
    made.release()


def test_the_wanted_port_is_taken_where_it_is_free(claims: PortClaims) -> None:
    port = free_port()
    assert claims.claim(port) == port


def test_a_port_in_use_is_moved(claims: PortClaims) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        wanted = other.getsockname()[1]
        assert not is_free(wanted)
        assert claims.claim(wanted) != wanted


def test_two_systems_that_start_at_once_get_different_ports(claims: PortClaims) -> None:
    second, wanted = PortClaims(), free_port()
    assert claims.claim(wanted) != second.claim(wanted)
    second.release()


def test_a_released_port_can_be_claimed_again(claims: PortClaims) -> None:
    port = claims.claim(free_port())
    claims.release()
    assert claims.claim(port) == port
