"""Told blindly: nobody learns of the other by a no, and nothing tells a no from silence."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from focal.alerts.models import Item
from focal.kernel.errors import Refused
from focal.mapping.models import BlindSide
from focal.mapping.overlaps import blind
from focal.outbox.services import deliver_all
from focal.records.services import take_step
from focal.sharing.markings import Marking
from focal.threads.models import Thread
from focal.vocabulary.services import load_vocabulary
from tests.doors import DOORS, plain_bytes
from tests.factories import NOON
from tests.mapping.overlaps.test_overlaps import make, make_owner

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def closed(db):
    """Two closed initiatives that overlap, and their owners."""
    load_vocabulary(NOON)
    owners = make_owner("Ministry"), make_owner("Agency")
    first = make(owners[0], "Teachers and early signs", marking=Marking.AMBER)
    second = make(
        owners[1], "Early signs for teachers", marking=Marking.AMBER, start_date="2025-09-01"
    )
    deliver_all("overlaps")
    return list(zip(owners, (first, second), strict=True))


def wish(closed, *which):
    for place in which:
        (_organisation, _person, viewer), record = closed[place]
        blind.set_wish(initiative=record, wanted=True, by=viewer, at=timezone.now())


def side_of(closed, place):
    return BlindSide.objects.get(initiative_id=closed[place][1].pk)


def say(closed, place, answer, *, at=None):
    return blind.answer(
        side=side_of(closed, place), answer=answer, by=closed[place][0][2], at=at or timezone.now()
    )


def test_nobody_is_asked_until_both_have_wished_it(closed):
    wish(closed, 0)
    assert (BlindSide.objects.count(), Item.objects.count()) == (0, 0)

    wish(closed, 1)

    assert [side.initiative_id for side in BlindSide.objects.order_by("pk")] == [
        record.pk for _owner, record in closed
    ]
    assert {item.text for item in Item.objects.all()} == {
        "Somebody works on the same. Do you agree to be introduced?"
    }


def test_two_yes_open_one_conversation_with_both_and_show_no_record(closed):
    wish(closed, 0, 1)
    say(closed, 0, "yes")
    assert not Thread.objects.visible_to(closed[0][0][2]).exists()

    say(closed, 1, "yes")

    threads = {Thread.objects.visible_to(owner[2]).get().pk for owner, _record in closed}
    assert len(threads) == 1
    assert {side_of(closed, place).thread_reference for place in (0, 1)} == {
        Thread.objects.visible_to(closed[0][0][2]).get().reference
    }
    title = Thread.objects.visible_to(closed[0][0][2]).get().title
    assert "Early signs" not in title


def test_pair_is_asked_once_and_an_answer_is_said_once(closed):
    wish(closed, 0, 1)
    say(closed, 0, "no")
    with pytest.raises(Refused, match="closed"):
        say(closed, 0, "yes")

    blind.put_questions(closed[1][1].pk, at=timezone.now() + timedelta(days=90))

    assert BlindSide.objects.count() == 2


def test_open_initiatives_and_those_that_one_owner_sees_are_not_asked_about(db):
    load_vocabulary(NOON)
    owners = make_owner("Ministry"), make_owner("Agency")
    first = make(owners[0], "Teachers and early signs", marking=Marking.AMBER)
    second = make(owners[1], "Early signs for teachers", marking=Marking.GREEN)
    deliver_all("overlaps")

    for owner, record in zip(owners, (first, second), strict=True):
        blind.set_wish(initiative=record, wanted=True, by=owner[2], at=timezone.now())

    assert not BlindSide.objects.exists()


def test_only_the_owner_finds_their_question(client, closed):
    wish(closed, 0, 1)
    client.force_login(
        closed[1][0][1], backend="allauth.account.auth_backends.AuthenticationBackend"
    )

    other = client.get(f"/mapping/overlaps/blind/{side_of(closed, 0).reference}/")
    absent = client.get("/mapping/overlaps/blind/nowhereatall22/")
    own = client.get(f"/mapping/overlaps/blind/{side_of(closed, 1).reference}/")

    assert plain_bytes(other, side_of(closed, 0).reference) == plain_bytes(absent, "nowhereatall22")
    assert own.status_code == 200


def listen(client, closed, moment):
    """Everything the first owner is told: pages, lists, notices, and what answering takes."""
    (_organisation, person, _viewer), record = closed[0]
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    side = side_of(closed, 0)
    addresses = [
        f"/mapping/overlaps/blind/{side.reference}/",
        f"/mapping/overlaps/of/{record.reference}/",
        *(
            address
            for name in ("mapping:overlaps", "mapping:overlaps_blind", "mapping:overlaps_ledger",
                         "threads:list", "web:home", "mapping:home")
            for address in DOORS[name].addresses()
        ),
    ]  # fmt: skip
    client.get("/")
    said = {}
    for address in addresses:
        with CaptureQueriesContext(connection) as queries:
            answer = plain_bytes(client.get(address))
        said[address] = (*answer, len(queries))
    said["notices"] = sorted(Item.objects.filter(person_id=person.pk).values_list("kind", "text"))
    return said


@pytest.mark.parametrize("mine", ["", "yes"])
@pytest.mark.parametrize("days", [1, pytest.param(40, marks=pytest.mark.slow)])
def test_no_and_silence_and_a_withdrawn_initiative_look_the_same(
    client, closed, monkeypatch, mine, days
):
    wish(closed, 0, 1)
    if mine:
        say(closed, 0, mine)
    later = timezone.now() + timedelta(days=days)

    def hear(deed):
        from django.db import transaction

        class Undo(Exception):
            pass

        heard = {}
        try:
            with transaction.atomic():
                deed()
                with monkeypatch.context() as patch:
                    patch.setattr(timezone, "now", lambda: later)
                    heard = listen(client, closed, later)
                raise Undo
        except Undo:
            pass
        return heard

    def withdraw():
        take_step(
            record=closed[1][1], step="withdraw", by=closed[1][0][2], at=timezone.now(), reason="X."
        )
        deliver_all("overlaps")

    silence = hear(lambda: None)
    no = hear(lambda: say(closed, 1, "no"))
    gone = hear(withdraw)

    assert [key for key in silence if silence[key] != no[key]] == []
    assert [key for key in silence if silence[key] != gone[key]] == []
    if mine and days == 1:  # the comparison would notice a yes
        assert hear(lambda: say(closed, 1, "yes")) != silence
