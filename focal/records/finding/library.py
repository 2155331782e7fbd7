"""Browsing: what is there, how much of it, by kind, topic and economy. Database alone.

Counting all that a viewer sees takes a moment, so it is kept for as long as nothing changed:
until the log's next entry, which every change of a record writes in its own transaction, and
until a release to the viewer ends, which the clock alone does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Sum
from django.utils import timezone

from focal.audit.models import ChainHead
from focal.records.finding.shown import only_for_lists
from focal.records.models import OUT, Attachment, Record, RecordAudience, State
from focal.records.selectors import NEWEST
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

KEPT_FOR = 3600  # seconds; what has changed is never looked up, this only makes room


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

    def count(self, *, kind: str, topic: str, economy: str) -> int | None:
        """How many there are of one kind, topic or economy; None for more than one of these."""
        if not (kind or topic or economy):
            return self.total
        counts = {"kind": self.by_kind, "topic": self.by_topic, "economy": self.by_economy}
        chosen = [
            (name, value)
            for name, value in (("kind", kind), ("topic", topic), ("economy", economy))
            if value
        ]
        if len(chosen) > 1:
            return None
        name, value = chosen[0]
        return counts[name].get(value, 0)


def read_holdings(viewer: Viewer) -> Holdings:
    """Counts of what the viewer can see and what is out. One query while nothing changes."""
    head = ChainHead.objects.values_list("digest", flat=True).first() or ""
    tokens = " ".join(sorted(viewer.tokens))
    digest = sha256(f"{head} {get_vocabulary().version} {tokens}".encode()).hexdigest()
    key = f"holdings:{digest}"
    now = timezone.now()
    holdings, ends_at = cache.get(key) or (None, None)
    if holdings is None or (ends_at and ends_at <= now):
        ends_at = _find_next_end(viewer, now)  # first: what ends while it is counted is found so
        holdings = _count_holdings(viewer)
        cache.set(key, (holdings, ends_at), timeout=KEPT_FOR)
    return holdings


def _find_next_end(viewer: Viewer, now: datetime) -> datetime | None:
    """When the next of the releases that reach the viewer ends."""
    mine = RecordAudience.objects.filter(token__in=sorted(viewer.tokens), until__gt=now)
    return mine.aggregate(end=Min("until"))["end"]


def _count_holdings(viewer: Viewer) -> Holdings:
    out = _get_out(viewer)
    by_kind = dict(out.order_by().values_list("kind").annotate(Count("pk")).order_by("kind"))
    visible = out.values("pk")
    documents = Attachment.objects.filter(record_id__in=visible, is_current=True).aggregate(
        documents=Count("pk"), pages=Sum("page_count")
    )
    return Holdings(
        total=sum(by_kind.values()),
        by_kind=by_kind,
        by_topic=_count_topics(visible),
        by_economy=dict(
            Record.economies.through.objects.filter(record_id__in=visible)
            .values_list("economy_id")
            .annotate(Count("pk"))
            .order_by("economy_id")
        ),
        documents=documents["documents"],
        pages=documents["pages"] or 0,
    )


def _count_topics(visible: QuerySet[Any]) -> dict[str, int]:
    """Records by topic, each counted once for a topic and for every broader one."""
    vocabulary = get_vocabulary()
    topics: dict[int, set[str]] = {}
    for record_id, key in Record.topics.through.objects.filter(record_id__in=visible).values_list(
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
        about = Record.economies.through.objects.filter(
            record_id=OuterRef("pk"), economy_id=economy
        )
        records = records.filter(Exists(about))
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
