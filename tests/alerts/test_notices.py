"""Notices: with their deed or not at all, each in its reader's language."""

import pytest
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from focal.alerts.models import Item
from focal.alerts.notices import notify
from tests.factories import NOON, PersonFactory


def tell(*people, **more):
    with transaction.atomic():
        notify(
            person_ids=[person.pk for person in people],
            kind="test.told",
            text=_("Save"),
            url="/there",
            at=NOON,
            **more,
        )


def read_texts():
    return {item.person_id: item.text for item in Item.objects.all()}


@pytest.mark.django_db
def test_notify_tells_each_in_their_language_and_nobody_who_has_left():
    english, bosnian = PersonFactory(), PersonFactory(language="bs")

    tell(english, bosnian, PersonFactory(is_active=False))

    assert read_texts() == {english.pk: "Save", bosnian.pk: "Sačuvaj"}


@pytest.mark.django_db
def test_notify_with_the_same_key_tells_once_and_without_every_time():
    person = PersonFactory()

    for _again in range(2):
        tell(person, key="the same")
    assert Item.objects.count() == 1
    for _again in range(2):
        tell(person)
    assert Item.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_notify_outside_a_transaction_raises():
    with pytest.raises(RuntimeError, match="inside the transaction"):
        notify(person_ids=[], kind="test.told", text="", url="", at=NOON)


@pytest.mark.django_db(transaction=True)
def test_notify_of_a_deed_that_is_rolled_back_is_forgotten():
    person = PersonFactory()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(person)
        raise ZeroDivisionError

    assert not Item.objects.exists()
