"""Everything that the worker does for alerts, once, in order."""

from __future__ import annotations

from datetime import datetime

from focal.alerts import digests, nudges
from focal.alerts.models import Item
from focal.mail import services as mail
from focal.mail.selectors import count_by_state
from focal.outbox.services import deliver_all

CONSUMERS = ("subscriptions-measure", "subscriptions", "subscriptions-meaning")


def run_all(*, at: datetime) -> dict[str, int]:
    """Match, gather, write, send; counts of what came of it.

    `matches` are new items of followers, `nudges` all that are open, `letters` those written
    at once, `digests` the day's, `sent` what left; `waiting`, `doubtful` and `failed` are the
    letters that stand so now.
    """
    before = Item.objects.filter(source=Item.Source.MATCH).count()
    deliver_all(*CONSUMERS)
    matches = Item.objects.filter(source=Item.Source.MATCH).count() - before
    open_nudges = nudges.gather_nudges(at)
    letters = digests.send_urgent(at)
    written = digests.send_digests(at)
    sent = mail.send_due(at)
    states = count_by_state()
    return {
        "matches": matches,
        "nudges": open_nudges,
        "letters": letters,
        "digests": written,
        "sent": sent,
        "waiting": states["waiting"],
        "doubtful": states["doubtful"],
        "failed": states["failed"],
    }
