"""All signals of a case, as one matrix."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.signals import Signal
from sahur_core.code.locate.signals.names import name_signals
from sahur_core.code.locate.signals.neighbors import neighbor_signals
from sahur_core.code.locate.signals.past import past_signals
from sahur_core.code.locate.signals.paths import path_signals
from sahur_core.code.locate.signals.texts import text_signals
from sahur_core.code.locate.signals.traces import suspicion_signals, trace_signals
from sahur_core.code.locate.signals.words import word_signals


def all_signals(case: Case) -> list[Signal]:
    """In a fixed order: the order of the columns of the model."""
    return list(_signals(case))


def _signals(case: Case) -> Iterator[Signal]:
    for source in (
        word_signals,
        path_signals,
        name_signals,
        text_signals,
        trace_signals,
        past_signals,
        neighbor_signals,
        suspicion_signals,
    ):
        yield from source(case)


def matrix(signals: list[Signal]) -> tuple[list[str], Numbers]:
    """Names of the signals, and their values: a row for each candidate."""
    return [signal.name for signal in signals], np.stack([signal.values for signal in signals], axis=1)
