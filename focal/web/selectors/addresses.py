"""The addresses of all that stands open."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils import timezone

from focal.directory.models import Format
from focal.records.models import OUT, Record
from focal.sharing.viewer import ANONYMOUS
from focal.vocabulary.selectors import get_vocabulary
from focal.web.selectors.topics import TOPICS


def list_public_addresses(limit: int = 45_000) -> list[tuple[str, date | None]]:
    """Address and day of change of all that stands open: for sitemap.xml, asked by nobody."""
    vocabulary = get_vocabulary()
    pages = [reverse(f"web:{name}") for name in ("home", "about", "economies", "topics", "formats")]
    pages += [reverse("web:economy", args=[code]) for code in vocabulary.economies]
    pages += [reverse("web:topic", args=[key]) for key, _depth in vocabulary.get_tree(TOPICS)]
    pages += [
        reverse("web:format", args=[slug])
        for slug in Format.objects.known_to(ANONYMOUS.person_id, on=timezone.localdate())
        .order_by("slug")
        .values_list("slug", flat=True)
    ]
    records = (
        Record.objects.visible_to(ANONYMOUS)
        .filter(state__in=OUT)
        .order_by("-updated_at", "-pk")
        .values_list("reference", "updated_at")[:limit]
    )
    place = "0" * 14  # reversing an address takes longer than reading the row
    pattern = reverse("records:record", args=[place])
    addresses: list[tuple[str, date | None]] = [(page, None) for page in pages]
    return addresses + [
        (pattern.replace(place, reference), updated_at.date()) for reference, updated_at in records
    ]
