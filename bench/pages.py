"""Server time and queries of the pages that visitors see most, with 20,000 records behind them.

Runs in a process of its own, with a data folder of its own: `python -m bench.pages`.
"""

from __future__ import annotations

import random
import statistics
import time
from datetime import UTC, date, datetime, timedelta

from bench.apart import run_apart

RECORDS = 20_000
RESTRICTED = 0.15
ROUNDS = 60
START = datetime(2019, 1, 1, tzinfo=UTC)
SYLLABLES = [
    "ra",
    "di",
    "ka",
    "li",
    "zem",
    "pre",
    "ven",
    "ci",
    "ja",
    "mla",
    "de",
    "ško",
    "la",
    "grad",
    "sku",
    "pin",
    "re",
    "ha",
    "bi",
    "ti",
    "nas",
    "tav",
    "nik",
]


def run(records: int = RECORDS) -> dict[str, object]:
    """Median milliseconds of server time and the number of queries of each page, anonymous."""
    return run_apart(prepare_and_measure, records)


def prepare(records: int) -> None:
    """A migrated database with vocabulary, starter content, static files and so many records."""

    from focal.config.serving import prepare as prepare_installation

    prepare_installation(lambda text: None)
    fill(records)


def fill(count: int) -> None:
    """Published records of all kinds with audiences, tags, translations and documents."""
    from django.db import connection, transaction

    from focal.directory.models import Organisation
    from focal.records import models as m
    from focal.vocabulary.models import Concept, Economy

    chance = random.Random(7)
    words = [
        "".join(chance.choice(SYLLABLES) for _ in range(chance.randint(2, 4))) for _ in range(4000)
    ]
    weights = [1 / (rank + 2) for rank in range(len(words))]
    owner = Organisation.objects.order_by("pk").first() or Organisation.objects.create(name="Owner")
    economies = list(Economy.objects.values_list("code", flat=True))
    topics = list(Concept.objects.filter(scheme="topics").values_list("pk", flat=True))
    groups = list(Concept.objects.filter(scheme="target-groups").values_list("pk", flat=True))

    def text(length: int) -> str:
        return " ".join(chance.choices(words, weights, k=length))

    with transaction.atomic():
        records = m.Record._base_manager.bulk_create(
            [
                m.Record(
                    kind=("publication", "practice", "news", "toolkit")[number % 4],
                    state="published",
                    language=("en", "sq", "mk", "bs", "sr-Latn")[number % 5],
                    title=text(9).capitalize(),
                    summary=text(40),
                    body=f"<p>{text(150)}</p><h2>{text(4)}</h2><p>{text(150)}</p>",
                    issued_date=date(2010, 1, 1) + timedelta(days=number % 5000),
                    marking="AMBER" if chance.random() < RESTRICTED else "CLEAR",
                    owner_organisation=owner,
                    created_at=START,
                    updated_at=START + timedelta(minutes=number),
                    published_at=START + timedelta(minutes=number),
                )
                for number in range(count)
            ],
            batch_size=1000,
        )
        for kind in ("publication", "practice", "news", "toolkit"):
            model = {"publication": m.Publication, "practice": m.Practice, "news": m.News,
                     "toolkit": m.Toolkit}[kind]  # fmt: skip
            _add_own_rows(connection, model, [row.pk for row in records if row.kind == kind])
        m.RecordAudience.objects.bulk_create(
            [
                m.RecordAudience(
                    record_id=row.pk,
                    token="public" if row.marking == "CLEAR" else f"org:{owner.pk}",
                )
                for row in records
            ],
            batch_size=5000,
        )
        for through, field, choices, most in (
            (m.Record.economies.through, "economy_id", economies, 2),
            (m.Record.topics.through, "concept_id", topics, 3),
            (m.Record.target_groups.through, "concept_id", groups, 2),
        ):
            through.objects.bulk_create(
                [
                    through(record_id=row.pk, **{field: value})
                    for row in records
                    for value in chance.sample(choices, min(most, len(choices)))
                ],
                batch_size=5000,
            )
        m.Translation.objects.bulk_create(
            [
                m.Translation(
                    record_id=row.pk, language="hr", title=text(9), summary=text(30),
                    body=f"<p>{text(80)}</p>", of_version=1, updated_at=START,
                )
                for row in records[::4]
            ],
            batch_size=1000,
        )  # fmt: skip
        documents = m.Attachment.objects.bulk_create(
            [
                m.Attachment(
                    record_id=row.pk, title=text(6), language=row.language, file_name="report.pdf",
                    media_type="application/pdf", size=1_000_000, digest=f"{row.pk:064}",
                    page_count=2, added_at=START,
                )
                for row in records[::5]
            ],
            batch_size=1000,
        )  # fmt: skip
        m.AttachmentPage.objects.bulk_create(
            [
                m.AttachmentPage(attachment_id=row.pk, number=number, text=text(250))
                for row in documents
                for number in (1, 2)
            ],
            batch_size=1000,
        )


def _add_own_rows(connection: object, model: type, ids: list[int]) -> None:
    """The rows of a kind's own table: its plain fields at their defaults."""
    fields = list(model._meta.local_concrete_fields)
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    marks = ", ".join("%s" for _ in fields)
    defaults = [None if field.primary_key else field.get_default() for field in fields]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({marks})",
            [
                [
                    pk if field.primary_key else value
                    for field, value in zip(fields, defaults, strict=True)
                ]
                for pk in ids
            ],
        )


def measure() -> dict[str, object]:
    """Ask each page many times in this process, as the web server's workers would."""
    from django.test import Client

    from focal.records.models import Record
    from focal.sharing.viewer import ANONYMOUS

    record = Record.objects.visible_to(ANONYMOUS).filter(kind="publication").order_by("-pk")[1000]
    client = Client(HTTP_HOST="localhost")
    addresses = {
        "home": "/",
        "library": "/library/",
        "library_later_page": "/library/?page=40",
        "record": record.get_absolute_url(),
        "figures": "/figures/",
    }
    return {name: _measure_page(client, address) for name, address in addresses.items()}


def _measure_page(client: object, address: str) -> dict[str, object]:
    for _ in range(5):
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        client.get(address)
        took.append((time.perf_counter() - start) * 1000)
    return {
        "median_ms": round(statistics.median(took), 2),
        "p95_ms": round(sorted(took)[int(ROUNDS * 0.95)], 2),
        "queries": _count_queries(client, address),
        "bytes": len(response.content),
    }


def _count_queries(client: object, address: str) -> int:
    from django.db import connection

    count = 0

    def count_one(execute, sql, params, many, context):
        nonlocal count
        count += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count_one):
        client.get(address)
    return count


def prepare_and_measure(records: int) -> dict[str, object]:
    """Everything, in this process."""
    prepare(records)
    return {"records": records, "pages": measure()}
