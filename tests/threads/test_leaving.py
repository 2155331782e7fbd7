"""Somebody leaves: their conversations have an owner still, and nobody sees more by it."""

import pytest

from focal.directory import leaving
from focal.directory.models import Membership
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.threads import selectors, services
from focal.threads.models import Thread, ThreadAudience
from tests.factories import NOON, MembershipFactory, PersonFactory, make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaver():
    return MembershipFactory(person__full_name="Lea").person


@pytest.fixture
def successor(leaver):
    organisation = Membership.objects.get(person=leaver).organisation
    return MembershipFactory(organisation=organisation, person__full_name="Suad").person


def viewer(person):
    return Viewer.from_person(person, on=NOON.date())


def open_thread(leaver, *people, marking=Marking.AMBER):
    return services.open_thread(
        title="Among us",
        audience=[f"person:{person.pk}" for person in people],
        by=viewer(leaver),
        at=NOON,
        marking=marking,
    )


def owner_of(thread):
    return Thread.objects.for_system("a test").get(pk=thread.pk).owner_person


def tokens_of(thread):
    return set(ThreadAudience.objects.filter(record_id=thread.pk).values_list("token", flat=True))


def leave(leaver, successor, **more):
    return leaving.leave(person=leaver, successor=successor, by=None, at=NOON, **more)


def test_a_conversation_goes_on_to_a_successor_who_takes_part_in_it(leaver, successor):
    other = PersonFactory()
    thread = open_thread(leaver, successor, other)

    handed = leave(leaver, successor)

    assert handed.counts["threads"] == 1
    assert owner_of(thread) == successor
    assert tokens_of(thread) == {f"person:{successor.pk}", f"person:{other.pk}"}


def test_a_successor_is_not_let_into_what_they_did_not_see(leaver, successor):
    other = PersonFactory()
    thread = open_thread(leaver, other)

    leave(leaver, successor)

    assert selectors.get_thread(viewer(successor), thread.reference) is None
    assert selectors.get_thread(viewer(other), thread.reference) is not None


@pytest.mark.parametrize("marking", [Marking.AMBER, Marking.RED])
def test_the_leaver_can_hand_over_everything(leaver, successor, marking):
    thread = open_thread(leaver, PersonFactory(), marking=marking)

    leaving.leave(person=leaver, successor=successor, by=leaver, at=NOON, includes_sealed=True)

    assert owner_of(thread) == successor
    assert selectors.get_thread(viewer(successor), thread.reference) is not None


def test_a_conversation_beside_a_record_follows_its_record(leaver, successor):
    organisation = Membership.objects.get(person=leaver).organisation
    record = make_record(by=viewer(leaver), organisation=organisation, marking=Marking.AMBER)
    thread = services.open_thread(title="", shares_audience_of=record, by=viewer(leaver), at=NOON)

    leave(leaver, successor)

    assert owner_of(thread) == successor


def test_what_they_said_can_be_taken_along_and_loses_their_name_if_they_wish(leaver, successor):
    thread = open_thread(leaver, successor)
    post = services.add_post(thread=thread, text="<p>Said.</p>", by=viewer(leaver), at=NOON)

    exported = leaving.export_data(leaver, at=NOON)["threads"]
    leaving.leave(person=leaver, successor=successor, by=leaver, at=NOON, deletes_contact=True)

    assert [row["text"] for row in exported] == ["<p>Said.</p>"]
    post.refresh_from_db()
    assert (post.author_name, post.author_place) == (leaving.FORMER_NAME, "")
