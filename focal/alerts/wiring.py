"""Gives the worker its part of what is new, due or stale."""

from datetime import timedelta

from focal.alerts import nudges
from focal.outbox.registry import Periodic, register_periodic

THREAD = "alerts"


def wire() -> None:
    """Register the work of the clock."""
    register_periodic(
        Periodic("alerts.nudges", timedelta(minutes=30), nudges.gather_nudges, thread=THREAD)
    )
