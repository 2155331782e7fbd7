"""Nudges: gathered by the clock, settled when they are gathered no more."""

from datetime import timedelta

import pytest
from django.utils.translation import gettext_lazy as _

from focal.alerts import nudges
from focal.alerts.models import Item
from focal.alerts.nudges import Nudge, gather_nudges, register_nudges
from tests.factories import NOON, PersonFactory

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def open_matters(monkeypatch):
    """A list of nudges that are open; change it and gather."""
    matters: list[Nudge] = []
    monkeypatch.setattr(nudges, "_kinds", {})
    register_nudges(kind="test.stale", label="Stale", gather=lambda at: iter(matters))
    return matters


def make_nudge(*people, key="a", **more):
    ids = frozenset(person.pk for person in people)
    return Nudge(key=key, person_ids=ids, **{"text": "It is stale.", "url": "/there", **more})


def read_items():
    return [
        (item.person_id, item.key, item.text, item.settled_at)
        for item in Item.objects.order_by("person_id", "key")
    ]


@pytest.mark.django_db
def test_gather_gives_each_person_their_nudge_once(open_matters):
    first, second = PersonFactory(), PersonFactory()
    open_matters += [make_nudge(first, second, key="a"), make_nudge(second, key="b")]

    gather_nudges(NOON)
    gather_nudges(LATER)

    text = "It is stale."
    assert read_items() == [
        (first.pk, "a", text, None),
        (second.pk, "a", text, None),
        (second.pk, "b", text, None),
    ]


@pytest.mark.django_db
def test_gather_settles_what_is_no_longer_there(open_matters):
    person = PersonFactory()
    open_matters.append(make_nudge(person))
    gather_nudges(NOON)
    open_matters.clear()

    gather_nudges(LATER)

    assert read_items() == [(person.pk, "a", "It is stale.", LATER)]


@pytest.mark.django_db
def test_gather_makes_a_settled_matter_that_comes_again_unread(open_matters):
    person = PersonFactory()
    for moment, matters in (
        (NOON, [make_nudge(person)]),
        (NOON, []),
        (LATER, [make_nudge(person)]),
    ):
        open_matters[:] = matters
        gather_nudges(moment)
        Item.objects.filter(settled_at__isnull=False).update(read_at=NOON)

    item = Item.objects.get()
    assert (item.settled_at, item.read_at, item.created_at) == (None, None, LATER)


@pytest.mark.django_db
def test_gather_changes_the_text_and_leaves_it_read(open_matters):
    person = PersonFactory()
    open_matters.append(make_nudge(person, text="Due in three days."))
    gather_nudges(NOON)
    Item.objects.update(read_at=NOON)
    open_matters[:] = [make_nudge(person, text="Due tomorrow.")]

    gather_nudges(LATER)

    item = Item.objects.get()
    assert (item.text, item.read_at) == ("Due tomorrow.", NOON)


@pytest.mark.django_db
def test_gather_speaks_each_reader_s_language_and_skips_who_has_left(open_matters):
    english, bosnian = PersonFactory(), PersonFactory(language="bs")
    gone = PersonFactory(is_active=False)
    open_matters.append(make_nudge(english, bosnian, gone, text=_("Save")))

    gather_nudges(NOON)

    texts = {item.person_id: item.text for item in Item.objects.all()}
    assert texts == {english.pk: "Save", bosnian.pk: "Sačuvaj"}


@pytest.mark.django_db
def test_gather_of_one_kind_that_fails_does_not_stop_the_others(open_matters):
    person = PersonFactory()
    open_matters.append(make_nudge(person))

    def fail(at):
        raise ValueError("no")

    nudges._kinds = {"broken": nudges.NudgeKind("broken", "Broken", fail), **nudges._kinds}
    with pytest.raises(ValueError, match="no"):
        gather_nudges(NOON)

    assert read_items() == [(person.pk, "a", "It is stale.", None)]


@pytest.mark.django_db
def test_settle_settles_a_matter_for_everybody_at_once(open_matters):
    first, second = PersonFactory(), PersonFactory()
    open_matters += [make_nudge(first, second, key="a"), make_nudge(second, key="b")]
    gather_nudges(NOON)

    nudges.settle(kind="test.stale", keys=["a"], at=LATER)
    nudges.settle(kind="test.stale", keys=["b"], person_id=first.pk, at=LATER)

    assert [row[3] for row in read_items()] == [LATER, LATER, None]


@pytest.mark.django_db
def test_what_comes_once_and_was_heard_of_does_not_come_again(monkeypatch):
    person, matters = PersonFactory(), []
    monkeypatch.setattr(nudges, "_kinds", {})
    register_nudges(kind="test.due", label="Due", gather=lambda at: iter(matters), comes_once=True)
    states = []
    for told, open_now in ((None, True), (None, False), (NOON, True), (NOON, False), (NOON, True)):
        matters[:] = [make_nudge(person)] if open_now else []
        gather_nudges(LATER)
        Item.objects.update(mailed_at=told)
        states.append(Item.objects.get().settled_at is None)

    assert states == [True, False, True, False, False]
