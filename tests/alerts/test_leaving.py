"""What somebody follows leaves with them."""

import pytest
from django.db import transaction

from focal.alerts import leaving
from focal.alerts.models import Item, Reader, Subscription
from focal.alerts.notices import notify
from focal.directory.models import Person
from focal.mail.models import Letter
from focal.mail.services import send_letter
from focal.vocabulary.models import Concept
from tests.factories import NOON, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(follow):
    """Two people who follow a topic and have news, settings and a letter each."""
    Concept.objects.create(key="prison", scheme="topics", position=1)
    people = []
    for _number in range(2):
        viewer = make_viewer()
        follow(viewer, "topic", "prison")
        Reader.objects.create(person_id=viewer.person_id)
        person = Person.objects.get(pk=viewer.person_id)
        with transaction.atomic():
            notify(person_ids=[person.pk], kind="t", text="Told", url="/", at=NOON)
            send_letter(
                to=person.email, person_id=person.pk, kind="t", subject="s", text="t", at=NOON
            )
        people.append(person)
    return people


def test_export_names_what_somebody_follows(two):
    assert leaving.export(two[0]) == [
        {
            "what": "topic",
            "name": "Prison",
            "search": "",
            "mail": "daily",
            "since": NOON.isoformat(),
        }
    ]


def test_forget_deletes_all_of_one_person_and_nothing_of_another(two):
    leaver, stays = two

    leaving.forget(leaver)

    for model in (Subscription, Item, Reader, Letter):
        assert [row.person_id for row in model.objects.all()] == [stays.pk]


def test_hand_over_gives_nothing_on_and_ends_news_at_once(two):
    leaver, successor = two

    given = leaving.hand_over(
        leaver=leaver, successor=successor, includes_sealed=True, actor_key="system:test", at=NOON
    )

    assert (given, leaving.count(leaver), leaving.count(successor)) == (0, 0, 1)
