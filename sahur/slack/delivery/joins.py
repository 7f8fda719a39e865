"""A report that joins the investigation of the same problem at once: nothing is sent, its thread then tells the other issue."""

from __future__ import annotations

from sahur.batch import offers
from sahur.issues import models
from sahur.slack.delivery.posts import Result, run_of


def deliver_join(effect: models.Effect) -> Result:
    return {"joined": offers.join_at_once(run_of(effect), effect.payload["run"])}
