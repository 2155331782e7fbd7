"""What people are told about sharing (recalls, requests, break-glass) also stands in their inbox.

The sentence may hold the title of a record that its reader has just lost: it names no record, so
that it is shown all the same, and stays out of mail.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.functional import lazy

from focal.alerts.notices import notify
from focal.records.models import Notice
from focal.records.notices import describe, get_address


@transaction.atomic
def pass_on(keys: Sequence[str]) -> None:
    """Put these notices into the inboxes of those they are for, each once."""
    for notice in Notice.objects.filter(pk__in=[int(key) for key in keys]).order_by("pk"):
        notify(
            person_ids=[notice.person_id],
            kind=f"sharing.{notice.kind}",
            text=lazy(describe, str)(notice),
            url=get_address(notice) or reverse("records:desk"),
            at=notice.at,
            key=f"sharing:{notice.pk}",
        )
