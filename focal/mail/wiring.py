"""Gives the worker its part: letters as they are written, and those that wait by the clock."""

from datetime import timedelta

from focal.mail import services
from focal.outbox.registry import Consumer, Periodic, register, register_periodic

THREAD = "mail"  # a slow mail server keeps nothing else waiting


def wire() -> None:
    """Register the consumer of letters and the work of the clock."""
    register(
        Consumer(
            "letters", frozenset({services.TOPIC}), services.send_queued, batch=50, thread=THREAD
        )
    )
    register_periodic(
        Periodic("mail.send_due", timedelta(minutes=1), services.send_due, thread=THREAD)
    )
    register_periodic(
        Periodic("mail.forget_old", timedelta(days=1), services.forget_old, thread=THREAD)
    )
