"""What is announced in a format also stands in the inbox of those who sit in it.

It is for them alone: mail says that there is something, and no word of it. What is taken down
goes from the inboxes too.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from focal.alerts.models import Item
from focal.alerts.notices import notify
from focal.alerts.words import Words
from focal.directory.models import Announcement, FormatSeat

KIND = "format.announced"


@transaction.atomic
def pass_on(keys: Sequence[str]) -> None:
    """Tell those who sit in the format now, each once; forget what is not there any more."""
    rows = {
        str(row.pk): row
        for row in Announcement.objects.filter(pk__in=[int(key) for key in keys]).select_related(
            "format"
        )
    }
    gone = [_name(key) for key in keys if key not in rows]
    Item.objects.filter(source=Item.Source.NOTICE, kind=KIND, key__in=gone).delete()
    for key, row in rows.items():
        on = timezone.localdate(row.made_at)
        seats = FormatSeat.objects.current(on).filter(format=row.format)
        notify(
            person_ids=set(
                seats.exclude(person=row.made_by_id).values_list("person_id", flat=True)
            ),
            kind=KIND,
            text=Words(
                gettext_noop("%(format)s announces: %(title)s"), format=row.format, title=row.title
            ),
            url=reverse("web:format", args=[row.format.slug]),
            at=row.made_at,
            key=_name(key),
        )


def _name(key: str) -> str:
    return f"announcement:{key}"
