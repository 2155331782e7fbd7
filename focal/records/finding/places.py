"""Records on the pages of formats and organisations (`directory.slots`), as the viewer may see.

What is released to a format is shown there to those who sit in it alone: to others, also to
those who may read the record, it would tell to whom else it went.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from focal.directory.models import Format, Organisation
from focal.directory.slots import Filling
from focal.records.finding.shown import ShownRecord, show
from focal.records.kinds import get_kinds
from focal.records.models import OUT, Record, RecordAudience
from focal.sharing.viewer import Viewer
from focal.ui.components import Teaser
from focal.vocabulary.languages import canonical_language

NEWEST = (F("published_at").desc(nulls_last=True), "-pk")


def show_documents_of(body: Format, viewer: Viewer, limit: int) -> Filling | None:
    """What is released to a format, of the kinds that are written here.

    Kinds with pages of their own fill places of their own.
    """
    kinds = [kind.key for kind in get_kinds() if kind.is_written_here]
    released = list_released(body, viewer, limit, kinds=kinds)
    if released is None:
        return None
    return Filling(
        teasers=make_teasers(released),
        empty=_("Nothing has been released to this format yet."),
        action_url=reverse("records:new") if viewer.writes_for else "",
        action_label=_("Write something for it"),
    )


def list_released(
    body: Format, viewer: Viewer, limit: int, *, kinds: Collection[str]
) -> list[ShownRecord] | None:
    """What is released to a format; None for those who do not sit in it."""
    token = f"format:{body.pk}"
    if token not in viewer.tokens:
        return None
    in_force = Q(until__isnull=True) | Q(until__gt=timezone.now())
    released = RecordAudience.objects.filter(in_force, token=token).values("record_id")
    rows = Record.objects.visible_to(viewer).filter(
        pk__in=released, state__in=OUT, kind__in=list(kinds)
    )
    return _show(rows, limit)


def show_records_of(organisation: Organisation, viewer: Viewer, limit: int) -> Filling:
    """What an organisation has published, as far as the viewer may see it."""
    rows = Record.objects.visible_to(viewer).filter(
        owner_organisation_id=organisation.pk, state__in=OUT
    )
    return Filling(
        teasers=make_teasers(_show(rows, limit)),
        empty=_("It has published nothing that you can see."),
        more_url=f"{reverse('records:search')}?organisation={organisation.reference}",
        more_label=_("All of it"),
    )


def _show(rows: QuerySet[Record], limit: int) -> list[ShownRecord]:
    return show(rows.defer("body").order_by(*NEWEST)[:limit], _get_language())


def _get_language() -> str:
    return canonical_language(get_language() or "en")


def make_teasers(records: Iterable[ShownRecord]) -> list[Teaser]:
    """The same as short entries on a page of something else."""
    language = _get_language()
    return [_make_teaser(shown, language) for shown in records]


def _make_teaser(shown: ShownRecord, language: str) -> Teaser:
    return Teaser(
        title=shown.title,
        url=shown.url,
        kind=shown.kind_label,
        date=shown.date,
        summary=shown.summary,
        language="" if shown.language == language else shown.language,
        marking=shown.marking,
        state=shown.state_label,
    )
