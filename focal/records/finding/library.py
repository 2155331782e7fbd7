"""Browsing: what is there, how much of it, by kind, topic and economy. Database alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from focal.records.finding.shown import only_for_lists
from focal.records.models import OUT, Attachment, Record, State
from focal.records.selectors import NEWEST
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much a viewer can see: records in all and by kind, topic, economy; documents, pages.

    A topic counts what carries it or a narrower one.
    """

    total: int
    by_kind: Mapping[str, int]
    by_topic: Mapping[str, int]
    by_economy: Mapping[str, int]
    documents: int
    pages: int


def read_holdings(viewer: Viewer) -> Holdings:
    """Counts of what the viewer can see and what is out. Four queries."""
    out = _get_out(viewer)
    by_kind = dict(out.order_by().values_list("kind").annotate(Count("pk")).order_by("kind"))
    visible = out.filter(pk=OuterRef("record_id"))
    documents = Attachment.objects.filter(Exists(visible), is_current=True).aggregate(
        documents=Count("pk"), pages=Sum("page_count")
    )
    return Holdings(
        total=sum(by_kind.values()),
        by_kind=by_kind,
        by_topic=_count_topics(visible),
        by_economy=dict(
            Record.economies.through.objects.filter(Exists(visible))
            .values_list("economy_id")
            .annotate(Count("pk"))
            .order_by("economy_id")
        ),
        documents=documents["documents"],
        pages=documents["pages"] or 0,
    )


def _count_topics(visible: QuerySet[Record]) -> dict[str, int]:
    """Records by topic, each counted once for a topic and for every broader one."""
    vocabulary = get_vocabulary()
    topics: dict[int, set[str]] = {}
    for record_id, key in Record.topics.through.objects.filter(Exists(visible)).values_list(
        "record_id", "concept__key"
    ):
        topics.setdefault(record_id, set()).update((key, *vocabulary.get_path(key)))
    return dict(Counter(key for keys in topics.values() for key in keys))


def list_records(
    viewer: Viewer, *, kind: str = "", topic: str = "", economy: str = ""
) -> QuerySet[Record]:
    """Records to browse, newest first: published and archived ones the viewer may see."""
    records = _get_out(viewer)
    if kind:
        records = records.filter(kind=kind)
    if topic:
        below = get_vocabulary().with_narrower(topic)
        tagged = Record.topics.through.objects.filter(
            record_id=OuterRef("pk"), concept__key__in=sorted(below)
        )
        records = records.filter(Exists(tagged))
    if economy:
        tagged = Record.economies.through.objects.filter(
            record_id=OuterRef("pk"), economy_id=economy
        )
        records = records.filter(Exists(tagged))
    return only_for_lists(records).order_by(*NEWEST)


def list_latest(viewer: Viewer, limit: int) -> list[Record]:
    """The newest published records."""
    return list(
        only_for_lists(
            Record.objects.visible_to(viewer).filter(state=State.PUBLISHED).order_by(*NEWEST)
        )[:limit]
    )


def _get_out(viewer: Viewer) -> QuerySet[Record]:
    return Record.objects.visible_to(viewer).filter(state__in=OUT)
