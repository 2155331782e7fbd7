"""Server time and queries of the exchange's pages: 20,000 records, 2,000 of them inquiries.

Two hundred members in thirteen economies ask formats, economies, organisations and people; each
inquiry has answers, some of them to the asker alone. Runs in a process of its own, with a data
folder of its own: `python -m bench exchange`.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bench.apart import run_apart
from bench.pages import _add_own_rows, _count_queries, fill

RECORDS = int(os.environ.get("FOCAL_BENCH_RECORDS", "20000"))
INQUIRIES = int(os.environ.get("FOCAL_BENCH_INQUIRIES", "2000"))
PEOPLE = 200
ROUNDS = 40
LIMIT_MS = 60
START = datetime(2025, 1, 1, tzinfo=UTC)


def run(records: int = RECORDS, inquiries: int = INQUIRIES) -> dict[str, object]:
    """Median milliseconds of server time and the number of queries of each page, for a member."""
    return run_apart(prepare_and_measure, records, inquiries)


def prepare(records: int, inquiries: int) -> object:
    """A filled database with its word index; returns the member who asks for the pages."""

    from focal.config.serving import prepare as prepare_installation
    from focal.search.services import rebuild_words

    prepare_installation(lambda text: None)
    fill(records - inquiries)
    people = fill_people()
    fill_inquiries(inquiries, people)
    rebuild_words()
    return people[0]


def fill_people() -> list:
    """Two organisations in each economy, members in all of them, a format of all economies."""
    from focal.directory import models as m
    from focal.vocabulary.models import Economy

    codes = sorted(Economy.objects.values_list("code", flat=True))
    body = m.Format.objects.create(slug="bench-format", name="All of them")
    m.FormatMember.objects.bulk_create(m.FormatMember(format=body, economy_id=c) for c in codes)
    organisations = m.Organisation.objects.bulk_create(
        m.Organisation(name=f"Office {number} of {code}", economy_id=code)
        for code in codes
        for number in (1, 2)
    )
    people = m.Person.objects.bulk_create(
        m.Person(email=f"member{number}@example.org", full_name=f"Member {number}", password="!")
        for number in range(PEOPLE)
    )
    m.Membership.objects.bulk_create(
        m.Membership(
            person=person,
            organisation=organisations[number % len(organisations)],
            role=m.Membership.Role.EDITOR,
        )
        for number, person in enumerate(people)
    )
    m.FormatSeat.objects.bulk_create(m.FormatSeat(format=body, person=p) for p in people[::5])
    m.FocalPoint.objects.bulk_create(
        m.FocalPoint(person=person, economy_id=code)
        for person, code in zip(people[::7], codes, strict=False)
    )
    return people


def fill_inquiries(count: int, people: list) -> None:
    """Inquiries with release lists and answers, half of them open."""
    from django.db import connection, transaction

    from focal.directory.models import Format, Membership
    from focal.inquiries.models import Answer, Inquiry
    from focal.inquiries.parties import find_parties_of
    from focal.records.models import Record, RecordAudience, Release
    from focal.threads.models import Post, Thread

    chance = random.Random(11)
    places = dict(Membership.objects.values_list("person_id", "organisation_id"))
    parties = find_parties_of([p.pk for p in people], on=START.date())
    body = Format.objects.get(slug="bench-format")
    tokens = [f"format:{body.pk}", *(f"economy:{c}" for c in ("AL", "RS", "MK", "BA", "XK"))]
    tokens += [f"org:{pk}" for pk in sorted(set(places.values()))]
    now = datetime.now(UTC)
    with transaction.atomic():
        askers = [chance.choice(people) for _ in range(count)]
        rows = Record._base_manager.bulk_create(
            [
                Record(
                    kind="inquiry", state="published", language="en", marking="AMBER",
                    title=f"How did others do this, case {number}?", body="<p>We plan it.</p>",
                    owner_organisation_id=places[asker.pk], owner_person=asker,
                    created_at=START, updated_at=START,
                    published_at=now - timedelta(hours=3 * (count - number)),
                )
                for number, asker in enumerate(askers)
            ],
            batch_size=500,
        )  # fmt: skip
        _add_own_rows(connection, Inquiry, [row.pk for row in rows])
        for number, row in enumerate(rows):
            due = row.published_at.date() + timedelta(days=30)
            closed = {"status": "closed", "closed_at": now} if number % 2 else {}
            Inquiry._base_manager.filter(pk=row.pk).update(due_date=due, **closed)
        named = [sorted({tokens[0], *chance.sample(tokens, 3)}) for _row in rows]
        Release.objects.bulk_create(
            (
                Release(record=r, token=t)
                for r, those in zip(rows, named, strict=True)
                for t in those
            ),
            batch_size=2000,
        )
        RecordAudience.objects.bulk_create(
            (
                RecordAudience(record=row, token=token)
                for row, those in zip(rows, named, strict=True)
                for token in {*those, f"person:{row.owner_person_id}",
                              f"org:{row.owner_organisation_id}",
                              f"desk:{row.owner_organisation_id}"}
            ),
            batch_size=2000,
        )  # fmt: skip
        threads = Thread._base_manager.bulk_create(
            (
                Thread(
                    title=row.title, about=row, shares_audience=True, marking=row.marking,
                    owner_organisation_id=row.owner_organisation_id,
                    owner_person_id=row.owner_person_id, created_at=START,
                )
                for row in rows
            ),
            batch_size=500,
        )  # fmt: skip
        posts = Post.objects.bulk_create(
            (
                Post(
                    thread=thread, author=author, author_name=str(author), language="en",
                    body="<p>We hold a course of five days, twice a year.</p>" * 3,
                    is_private=chance.random() < 0.1,
                    at=row.published_at + timedelta(days=chance.randint(1, 40)),
                )
                for row, thread in zip(rows, threads, strict=True)
                for author in chance.sample(people, 6)
            ),
            batch_size=1000,
        )  # fmt: skip
        by_thread = {thread.pk: row.pk for thread, row in zip(threads, rows, strict=True)}
        Answer.objects.bulk_create(
            (
                Answer(
                    inquiry_id=by_thread[post.thread_id],
                    post=post,
                    sort=chance.choice(("answer", "answer", "nothing")),
                    speaks_for=sorted(parties[post.author_id]),
                )
                for post in posts
            ),
            batch_size=1000,
        )


def measure(person: object) -> dict[str, object]:
    """Ask each page many times in this process, as the web server's workers would."""
    from django.contrib.auth.signals import user_logged_in
    from django.test import Client
    from django.utils import timezone

    from focal.inquiries.models import Inquiry
    from focal.sharing.viewer import Viewer

    client = Client(HTTP_HOST="localhost")
    user_logged_in.connect(_show_second_factor)
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    viewer = Viewer.from_person(person, on=timezone.localdate())
    seen = Inquiry.objects.visible_to(viewer).order_by("-pk")[5]
    addresses = {
        "list": "/inquiries/",
        "list_all_later_page": "/inquiries/?status=any&page=30",
        "list_waiting_for_me": "/inquiries/?whose=for-me",
        "inquiry": seen.get_absolute_url(),
        "ask": "/inquiries/ask/",
        "report": "/inquiries/report/",
        "conversations": "/threads/",
        "what_members_say": f"/threads/of/{seen.reference}/",
    }
    pages = {name: _measure(client, address) for name, address in addresses.items()}
    pages["report_after_a_change"] = _measure(client, addresses["report"], before=_forget)
    question = {"title": "How did others train prison staff?", "body": ""}
    pages["near_a_question"] = _measure(client, "/inquiries/ask/near/", question)
    return pages


def _show_second_factor(*, request: object, user: object, **_rest: object) -> None:
    """The member has signed in with both factors."""
    from allauth.account.internal.flows.login import record_authentication

    record_authentication(request, user, "mfa", type="totp", id=0)


def _forget() -> None:
    """What is kept while nothing changes is gone, as after a change."""
    from django.core.cache import cache

    cache.clear()


def _measure(
    client: object,
    address: str,
    data: dict | None = None,
    before: Callable[[], None] = lambda: None,
) -> dict[str, object]:
    def ask() -> object:
        return client.post(address, data) if data else client.get(address)

    for _ in range(4):
        response = ask()
        assert response.status_code == 200, (address, response.status_code)
    took, worked = [], []
    for _ in range(ROUNDS):
        before()
        start, cpu = time.perf_counter(), time.process_time()
        ask()
        took.append((time.perf_counter() - start) * 1000)
        worked.append((time.process_time() - cpu) * 1000)
    figures = {
        "median_ms": round(statistics.median(took), 2),
        "median_cpu_ms": round(statistics.median(worked), 2),
        "fastest_ms": round(min(took), 2),
        "p95_ms": round(sorted(took)[int(ROUNDS * 0.95)], 2),
    }
    return figures if data else {**figures, "queries": _count_queries(client, address)}


def prepare_and_measure(records: int, inquiries: int) -> dict[str, object]:
    """Everything, in this process."""
    pages = measure(prepare(records, inquiries))
    return {
        "records": records,
        "inquiries": inquiries,
        "slowest_median_ms": max(page["median_ms"] for page in pages.values()),
        "limit_ms": LIMIT_MS,
        "pages": pages,
    }
