"""What people are told about sharing (recalls, requests, break-glass) also stands in their inbox.

The sentence may hold the title of a record that its reader has just lost: it names no record, so
that it is shown all the same, and stays out of mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.functional import lazy

from focal.alerts.models import Item
from focal.alerts.notices import notify
from focal.records.models import Notice
from focal.records.notices import describe, get_address

KIND, KEY = "sharing.", "sharing:"


@transaction.atomic
def pass_on(keys: Sequence[str]) -> None:
    """Put these notices into the inboxes of those they are for, each once."""
    for notice in Notice.objects.filter(pk__in=[int(key) for key in keys]).order_by("pk"):
        notify(
            person_ids=[notice.person_id],
            kind=f"{KIND}{notice.kind}",
            text=lazy(describe, str)(notice),
            url=get_address(notice) or reverse("records:desk"),
            at=notice.at,
            key=f"{KEY}{notice.pk}",
        )


def describe_again(items: Iterable[Item]) -> dict[int, str]:
    """What those of these items say that tell of sharing, in the language that is active."""
    numbers = {
        int(item.key.removeprefix(KEY)): item.pk
        for item in items
        if item.source == Item.Source.NOTICE and item.kind.startswith(KIND)
    }
    if not numbers:
        return {}
    return {numbers[row.pk]: describe(row) for row in Notice.objects.filter(pk__in=numbers)}
