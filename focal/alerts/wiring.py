"""Gives the worker its part of what is new, due or stale."""

from datetime import timedelta

from focal.alerts import (
    announcements,
    buttons,
    digests,
    leaving,
    matching,
    nudges,
    services,
    sharing,
    wishes,
)
from focal.directory import holdings
from focal.directory.formats import ANNOUNCEMENT
from focal.mail.registry import register_recheck
from focal.outbox.registry import Consumer, Periodic, register, register_periodic
from focal.records.notices import TOPIC as NOTICE
from focal.records.services import TOPIC as RECORD

THREAD = "alerts"
AFTER_EMBEDDINGS = "embeddings"  # their thread; a name that sorts after theirs runs after them


def wire() -> None:
    """Register the consumers, the work of the clock, and the buttons."""
    buttons.register()
    holdings.register(leaving.HOLDING)
    register(Consumer("subscriptions", frozenset({RECORD}), matching.match_by_words, thread=THREAD))
    register(
        Consumer(
            "subscriptions-meaning",
            frozenset({RECORD}),
            matching.match_by_meaning,
            batch=8,
            thread=AFTER_EMBEDDINGS,
        )
    )
    register(
        Consumer(
            "subscriptions-measure",
            frozenset({services.TOPIC}),
            wishes.measure,
            batch=20,
            thread=AFTER_EMBEDDINGS,
        )
    )
    register_periodic(
        Periodic("alerts.measure", timedelta(days=1), wishes.measure_again, thread=AFTER_EMBEDDINGS)
    )
    register(
        Consumer("announcements", frozenset({ANNOUNCEMENT}), announcements.pass_on, thread=THREAD)
    )
    register(Consumer("sharing-notices", frozenset({NOTICE}), sharing.pass_on, thread=THREAD))
    register_recheck(digests.KIND, digests.is_still_right)
    register_periodic(
        Periodic("alerts.urgent", timedelta(minutes=1), digests.send_urgent, thread=THREAD)
    )
    register_periodic(
        Periodic("alerts.digests", timedelta(minutes=15), digests.send_digests, thread=THREAD)
    )
    register_periodic(
        Periodic("alerts.forget_old", timedelta(days=1), services.forget_old, thread=THREAD)
    )
    register_periodic(
        Periodic("alerts.nudges", timedelta(minutes=30), nudges.gather_nudges, thread=THREAD)
    )
