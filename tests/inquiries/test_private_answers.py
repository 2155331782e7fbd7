"""An answer to the asker alone changes nothing that anybody else is told, through any door."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from focal.directory.models import Organisation
from focal.inquiries import services
from focal.search.queries import Query
from focal.search.services import search, similar, suggest
from focal.sharing.markings import Marking
from focal.vocabulary import snapshot
from tests.doors import DOORS, plain_bytes
from tests.factories import NOON
from tests.test_doors import ask, client_of
from tests.world import make_cast

pytestmark = pytest.mark.django_db
WORD = "quietheron prevention of radicalisation in prison"


class Undo(Exception):
    """Takes one of the two worlds back."""


def build_world(in_step, *, with_private: bool):
    """Two inquiries of the editor's that others see, each with an open answer."""
    world = make_cast()
    editor, recipient = world.viewer("editor"), world.viewer("recipient")
    world.inquiries = []
    for number, (marking, releases) in enumerate(
        ((Marking.GREEN, ()), (Marking.AMBER, tuple(world.releases.values())))
    ):
        inquiry = services.records.create_record(
            kind="inquiry",
            content={
                "title": f"Prevention in prison {number}",
                "language": "en",
                "due_date": "2026-04-01",
            },
            owner_organisation=Organisation.objects.get(reference="owningministry"),
            marking=marking,
            releases=releases,
            reference=f"inquiry{number:07}",
            by=editor,
            at=NOON,
        )
        services.records.take_step(record=inquiry, step="publish", by=editor, at=NOON)
        services.give_answer(
            inquiry=inquiry,
            sort="answer",
            text="<p>Prevention in school</p>",
            by=recipient,
            at=NOON,
        )
        if with_private:
            for sort in ("answer", "nothing"):
                services.give_answer(
                    inquiry=inquiry,
                    sort=sort,
                    text=f"<p>{WORD}</p>",
                    to_asker_only=True,
                    by=recipient,
                    at=NOON + timedelta(hours=1),
                )
        world.inquiries.append(inquiry)
    in_step()
    return world


POSTED = {"inquiries:near"}  # of the doors that take something, those that change nothing


def listen(world, name: str, doors: tuple[str, ...]):
    """Everything the platform says to one of the cast, and how many queries each answer took."""
    client, said = client_of(world, name), {}
    client.get("/")  # what is read once a process is read here, and not counted below
    for door in DOORS.values():
        if (
            not door.name.startswith(doors)
            or door.rule == "attachment"
            or (door.method != "get" and door.name not in POSTED)
        ):
            continue
        things = [row.reference for row in world.inquiries] if door.rule == "record" else [""]
        for address in (address for thing in things for address in door.addresses(thing)):
            with CaptureQueriesContext(connection) as queries:
                answer = plain_bytes(ask(client, door, address))
            said[door.name, address] = (_without_names(world, answer), len(queries))
    tokens = world.viewer(name).tokens
    for text in ("quietheron", "prevention", "radicalisation", ""):
        for meaning in (True, False):
            said["search", text, meaning] = search(
                Query(text=text, limit=100, meaning=meaning), tokens
            )
    said["suggest"] = suggest("quiet", tokens, limit=50)
    said["similar"] = [similar(row.reference, tokens, limit=50) for row in world.inquiries]
    return _strip(said)


def _without_names(world, answer):
    """References of posts are drawn by chance."""
    import re

    status, headers, body = answer
    body = re.sub(rb"post-[0-9a-z]{14}|posts/[0-9a-z]{14}", b"post", body)
    return status, headers, body


def _strip(said):
    """The reference of the open answer is drawn by chance; its page is named by it."""
    import re

    return {
        key: re.sub(r"(attachment=|attachments?': ?)'[0-9a-z]{14}'", "attachment", repr(value))
        for key, value in said.items()
    }


OWN_DOORS = ("inquiries:", "threads:", "records:search", "records:record", "records:feed")


@pytest.mark.parametrize(
    ("name", "doors"),
    [
        ("seated", OWN_DOORS),
        *(
            pytest.param(name, ("",), marks=pytest.mark.slow)
            for name in ("seated", "secretary", "colleague")
        ),
    ],
)
def test_private_answer_changes_nothing_that_is_said_to_others(
    name, doors, in_step, fresh_index, monkeypatch
):
    moment = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: moment)
    monkeypatch.setattr(snapshot, "CHECK_SECONDS", float("inf"))  # it is read again by the clock
    told = []
    warm_up = () if doors is OWN_DOORS else (False,)  # some doors read things once a process
    for with_private in (*warm_up, False, True):
        fresh_index()
        try:
            with transaction.atomic():
                world = build_world(in_step, with_private=with_private)
                told.append(listen(world, name, doors))
                raise Undo
        except Undo:
            pass

    without, with_them = told[-2:]
    assert without.keys() == with_them.keys()
    assert [key for key in without if without[key] != with_them[key]] == []
    assert not any("quietheron prevention" in value for value in with_them.values())


def test_the_comparison_would_notice_and_the_two_who_may_read_it_do(in_step):
    world = build_world(in_step, with_private=True)

    for name in ("editor", "recipient"):
        client = client_of(world, name)
        page = client.get(world.inquiries[0].get_absolute_url()).content.decode()
        found = client.get("/search", {"q": "quietheron"}).content.decode()
        assert WORD in page
        assert "#post-" in found
