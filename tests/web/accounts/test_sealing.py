"""Sealed secrets open for their purpose and under keys that are still there, and for nothing else."""

from __future__ import annotations

import pytest

from sahur.accounts.sealing import reseal, seal, unseal
from sahur_core.errors import SealBroken

VALUES = {"token": "only-for-tests"}


def test_what_is_sealed_says_nothing_and_opens_again():
    sealed = seal("a", VALUES)
    assert "only-for-tests" not in sealed
    assert sealed != seal("a", VALUES)
    assert unseal("a", sealed) == VALUES


def test_it_opens_for_no_other_purpose():
    with pytest.raises(SealBroken):
        unseal("b", seal("a", VALUES))


def test_a_changed_text_does_not_open():
    sealed = seal("a", VALUES)
    with pytest.raises(SealBroken):
        unseal("a", sealed[:-6] + ("x" if sealed[-6] != "x" else "y") + sealed[-5:])


def test_keys_are_replaced_one_after_the_other(settings):
    settings.ENCRYPTION_KEYS = ["old"]
    sealed = seal("a", VALUES)
    settings.ENCRYPTION_KEYS = ["new", "old"]
    assert unseal("a", sealed) == VALUES
    moved = reseal(sealed)
    settings.ENCRYPTION_KEYS = ["new"]
    assert unseal("a", moved) == VALUES
    with pytest.raises(SealBroken) as told:
        unseal("a", sealed)
    assert "SAHUR_ENCRYPTION_KEYS" in told.value.next_step
