"""Ids of the buttons in our messages: blocks set them, listeners answer to them.

A button's `value` is an id of ours (a run's, a request's), with the hash of what is shown or with a vote: whoever presses it,
their rights are looked up, and the id among what their channel is told. What follows a colon in an action id tells the buttons
of one block apart.
"""

from __future__ import annotations

STOP_RUN = "stop_run"
INPUT_DECIDE = "input_decide"
INPUT_OPEN = "input_open"
FEEDBACK = "feedback"
REAL_CAUSE = "real_cause"
OPEN_PAGE = "open_page"
"""A link: Slack opens it by itself, and tells us nevertheless."""
SEPARATE = "separate"
