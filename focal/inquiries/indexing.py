"""What search reads of an inquiry beside its question: the answers, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from focal.inquiries.models import Inquiry
from focal.records.selectors import to_plain
from focal.search.documents import Page
from focal.threads import indexing


def read_pages(record_ids: Sequence[int]) -> Mapping[int, Sequence[Page]]:
    """Answers that everybody who sees the inquiry may read, and its summary."""
    pages = {pk: list(those) for pk, those in indexing.read_pages(record_ids).items()}
    rows = Inquiry.objects.for_system("the index holds every record and answers by tokens")
    for pk, reference, language, outcome in (
        rows.filter(pk__in=record_ids)
        .exclude(outcome="")
        .values_list("pk", "reference", "language", "outcome")
    ):
        pages.setdefault(pk, []).append(Page(reference, 1, language, to_plain(outcome)))
    return pages
