"""The newest public records as an Atom feed. It knows nothing but what is TLP:CLEAR."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from focal.records.finding.library import list_latest
from focal.records.kinds import get_kind
from focal.records.views.finding.common import keep_fresh, make_absolute
from focal.sharing.viewer import ANONYMOUS

LIMIT = 50


class Feed(Atom1Feed):
    """Django's, with the language of each entry, and the same bytes as long as nothing changes."""

    def latest_post_date(self) -> datetime:
        """When something in it last changed. An empty feed does not pretend to be new."""
        dates = [item["updateddate"] for item in self.items]
        return max(dates, default=datetime(2000, 1, 1, tzinfo=UTC))

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        """The language that the entry's title and summary are written in."""
        return {**super().item_attributes(item), "xml:lang": item["language"]}


@keep_fresh
def feed(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- the same for everybody
    """The newest public records, each in its original language; the same for every reader."""
    answer = Feed(
        title=_("Focal: newest records"),
        link=make_absolute(reverse("records:library")),
        description="",
        subtitle=_("What was published last and is for everybody (TLP:CLEAR)."),
        feed_url=make_absolute(reverse("records:feed")),
        feed_guid=make_absolute(reverse("records:feed")),
        author_name="Focal",
    )
    for row in list_latest(ANONYMOUS, LIMIT):
        answer.add_item(
            title=row.title,
            link=make_absolute(row.get_absolute_url()),
            description=row.summary,
            unique_id=make_absolute(row.get_absolute_url()),
            pubdate=row.published_at,
            updateddate=row.updated_at,
            categories=(str(get_kind(row.kind).label), "TLP:CLEAR"),
            language=row.language,
        )
    return HttpResponse(answer.writeString("utf-8"), content_type="application/atom+xml")
