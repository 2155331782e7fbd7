"""The peer: Wagtail's modelsearch on SQLite's FTS5, doing the work of our results page.

Settings, models and measurement in one module, run in a process of its own. The same records,
questions and viewers as in `bench.search`. The access rule is a join-free filter on the record's
tokens; facets are counted with one GROUP BY each over the peer's own result set; snippets are
made by our own code from the 20 texts shown, so that it costs the same on both sides.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from pathlib import Path

FOLDER = Path(os.environ.get("FOCAL_DATA", "."))
SECRET_KEY = "only for measuring"
INSTALLED_APPS = ["django.contrib.contenttypes", "modelsearch", "bench.peer_app"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / "peer.sqlite3",
        "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
MODELSEARCH_BACKENDS = {
    "default": {"BACKEND": "modelsearch.backends.database", "AUTO_UPDATE": False}
}
USE_TZ = True

FIRST: list[float] = []  # seconds that the 20 hits of a page took


def measure(records: int) -> dict[str, object]:
    """Milliseconds of the peer's results page, and how fast it indexes."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, run_syncdb=True)
    from django.db import connection

    from bench import search as ours
    from bench.corpus import make_documents, make_tables

    documents = list(make_documents(records, make_tables(ours.SEED), ours.SEED))
    start = time.monotonic()
    fill(documents)
    seconds = time.monotonic() - start
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # the planner's chance to choose well
    dice = random.Random(ours.SEED)
    asked = [ours.draw(dice, documents) for _ in range(ours.PEER_QUESTIONS + 3)]
    ours.WARM = 3
    ours.say(f"asking modelsearch {len(asked)} questions of {records} records")
    return {
        **ours.time_each(show_page, asked, longest=240),
        "median_ms of the 20 hits alone": round(1000 * statistics.median(FIRST), 2),
        "records a second": round(len(documents) / seconds),
    }


def fill(documents) -> None:
    """The records and the peer's index of them."""
    from modelsearch.backends import get_search_backend

    from bench.peer_app.models import Item, Value
    from bench.search import say

    index = get_search_backend().get_index_for_model(Item)
    for start in range(0, len(documents), 1_000):
        some = documents[start : start + 1_000]
        items = Item.objects.bulk_create(Item.from_document(document) for document in some)
        Value.objects.bulk_create(
            Value(item=item, name=name, value=value)
            for item, document in zip(items, some, strict=True)
            for name, values in [*document.facets.items(), ("audience", document.audience)]
            for value in values
            if name in {"economy", "topic", "organisation", "audience"}
        )
        index.add_items(Item, items)
        if start % 10_000 == 0:
            say(f"modelsearch: {start} of {len(documents)}")


def show_page(question) -> int:
    """The first 20 hits with snippets, the number of all, and five counts by facet."""
    from django.db.models import Count
    from modelsearch.query import Phrase

    from bench.peer_app.models import Item, Value
    from focal.search.building import make_plan
    from focal.search.queries import Query, parse
    from focal.search.snippets import find_marks, make_snippet
    from focal.search.thesaurus import Labels

    text, filters, tokens = question
    visible = Item.objects.filter(
        pk__in=Value.objects.filter(name="audience", value__in=tokens).values("item_id")
    )
    for name, values in filters.items():
        if name == "economy":
            some = Value.objects.filter(name=name, value__in=values).values("item_id")
            visible = visible.filter(pk__in=some)
        else:
            visible = visible.filter(**{f"{name}__in": values})
    asked = Phrase(text.strip('"')) if text.startswith('"') else text
    found = visible.search(asked)
    start = time.perf_counter()
    shown = list(found[:20])
    FIRST.append(time.perf_counter() - start)
    total = found.count()
    for name in ("kind", "language", "year"):
        found.facet(name)
    everything = found.query_compiler.search(None, None, None).order_by().values("pk")
    for name in ("economy", "topic"):
        list(
            Value.objects.filter(name=name, item_id__in=everything)
            .values("value")
            .annotate(count=Count("pk"))
        )
    plan = make_plan(parse(text), Query(text=text), Labels(()))
    for item in shown:
        make_snippet(item.body, find_marks(item.body, item.language, plan))
    return total
