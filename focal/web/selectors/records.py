"""Records as the pages of the roof show them: through `visible_to`, and no other way."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from focal.records.finding.shown import ShownRecord, show
from focal.records.kinds import get_kinds
from focal.records.models import Record, State
from focal.sharing.viewer import Viewer
from focal.ui.components import Link, Teaser
from focal.vocabulary.selectors import get_vocabulary
from focal.web.selectors.language import get_interface_language

NEWEST = (F("published_at").desc(nulls_last=True), "-pk")


def get_latest_records(viewer: Viewer, *, about: Q | None = None, limit: int = 6) -> list[Teaser]:
    """The newest published records that the viewer may see, perhaps only those about something.

    Series are left out: their figures stand on the same page.
    """
    kinds = [kind.key for kind in get_kinds() if kind.is_written_here and kind.key != "indicator"]
    records = Record.objects.visible_to(viewer).filter(state=State.PUBLISHED, kind__in=kinds)
    if about is not None:
        records = records.filter(about)
    return make_teasers(records.defer("body").order_by(*NEWEST)[:limit])


def about_economy(code: str) -> Q:
    """Records about an economy. A subquery, not a join: no record twice."""
    return Q(pk__in=Record.economies.through.objects.filter(economy_id=code).values("record_id"))


def about_topic(key: str) -> Q:
    """Records about a topic or anything narrower."""
    keys = get_vocabulary().with_narrower(key)
    rows = Record.topics.through.objects.filter(concept__key__in=keys)
    return Q(pk__in=rows.values("record_id"))


def make_teasers(records: Iterable[Record]) -> list[Teaser]:
    """Records as teasers, in the reader's language where they exist in it."""
    language = get_interface_language()
    return [_make_teaser(shown, language) for shown in show(records, language)]


def _make_teaser(shown: ShownRecord, language: str) -> Teaser:
    vocabulary = get_vocabulary()
    others = [code for code in shown.languages if code != shown.language]
    names = ", ".join(vocabulary.language_name(code, language) for code in others)
    return Teaser(
        title=shown.title,
        url=shown.url,
        kind=shown.kind_label,
        date=shown.date,
        summary=shown.summary,
        language="" if shown.language == language else shown.language,
        tags=[
            Link(vocabulary.economy_name(code, language), reverse("web:economy", args=[code]))
            for code in shown.economies[:5]
        ],
        marking=shown.marking,
        state=shown.state_label,
        reasons=[_("Also in %(languages)s") % {"languages": names}] if others else [],
    )
