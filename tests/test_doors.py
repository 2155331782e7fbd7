"""Every door, as every viewer, for every way to share."""

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from focal.outbox.services import deliver_all
from focal.search.meaning.embedder import set_embedder
from tests.doors import DOORS, iterate_routes, plain_bytes
from tests.fakes import FakeEmbedder
from tests.world import (
    CAST,
    SHARINGS,
    World,
    add_record,
    all_records,
    make_cast,
    portion_word_of,
    word_of,
)

# Every sharing is tried at the doors that show most, one of each marking and state at all doors.
MAIN_DOORS = {"records:record", "records:edit", "records:document_page", "records:similar"}
TRIED_AT_EVERY_DOOR = {"green", "amberorg", "strictperson", "redperson", "cleardraft"}
NOWHERE = "nowhereatall22"
# The walks through all doors are long: as this one by default, as everybody with the slow tests.
QUICK = {"recipient"}
WALKERS = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in CAST]


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The cast and one record of each sharing, indexed: made once, taken back at the end."""
    folder = tmp_path_factory.mktemp("index-of-doors")
    with django_db_blocker.unblock(), override_settings(INDEX_FOLDER=folder):
        set_embedder(FakeEmbedder())
        with transaction.atomic():
            world = make_cast()
            for number, (sharing, kind) in enumerate(all_records()):
                add_record(world, sharing, kind, number)
            deliver_all("words", "meaning", "embeddings", "coverage", "overlaps")
            yield world, folder
            transaction.set_rollback(True)


@pytest.fixture
def world(lasting_world, settings, fresh_index, db) -> World:
    """The lasting world; what a test changes in it is taken back after the test."""
    made, folder = lasting_world
    settings.INDEX_FOLDER = folder
    return made


def client_of(world: World, name: str) -> Client:
    client = Client(raise_request_exception=True)
    if name != "anonymous":
        client.force_login(
            world.people[name], backend="allauth.account.auth_backends.AuthenticationBackend"
        )
    return client


def ask(client: Client, door, address: str):
    return getattr(client, door.method)(address, dict(door.data) or None)


def test_every_address_has_a_rule():
    assert {name for name, _pattern in iterate_routes()} - set(DOORS) == set()
    assert set(DOORS) - {name for name, _pattern in iterate_routes()} == set()


@pytest.mark.parametrize("name", WALKERS)
def test_lists_are_silent_about_what_the_viewer_may_not_see(world, name):
    client = client_of(world, name)
    hidden = [
        word_of(sharing, kind) for sharing, kind in all_records() if name not in sharing.seen_by
    ]
    assert hidden or name == "editor"

    told = [
        (address, word)
        for door in DOORS.values()
        if door.rule in {"listing", "plain"}
        for address in door.addresses()
        for word in _words_in(ask(client, door, address), hidden)
    ]

    assert told == []


@pytest.mark.parametrize("name", WALKERS)
def test_a_marked_paragraph_is_nowhere_for_those_it_is_not_for(world, name):
    client = client_of(world, name)
    told = []
    for sharing, kind in all_records():
        if not sharing.portion or name in sharing.portion_seen_by or name not in sharing.seen_by:
            continue
        key, word = f"{sharing.key}-{kind}", portion_word_of(sharing, kind)
        for door in DOORS.values():
            things = {"record": world.records, "attachment": world.attachments}.get(door.rule)
            told += [
                address
                for address in door.addresses(things[key].reference if things else "")
                if _words_in(ask(client, door, address), [word])
            ]

    assert told == []


def _words_in(response, words):
    _status, headers, body = plain_bytes(response)
    shown = body.decode("utf-8", "replace") + str(headers)
    return [word for word in words if word in shown]


@pytest.mark.parametrize("name", WALKERS)
def test_a_hidden_record_answers_like_one_that_does_not_exist(world, name):
    """The main doors for every sharing; each other door for one, another from door to door."""
    assert _find_told(world, name, is_whole=False) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", CAST)
def test_a_hidden_record_of_every_sharing_answers_like_none_at_every_door(world, name):
    assert _find_told(world, name, is_whole=True) == []


def _find_told(world: World, name: str, *, is_whole: bool) -> list[tuple[str, str]]:
    """Doors that answer otherwise for a hidden record than for one that does not exist."""
    client = client_of(world, name)
    hidden = [(s, kind) for s, kind in all_records() if name not in s.seen_by]
    tried = [(s, kind) for s, kind in hidden if s.key in TRIED_AT_EVERY_DOOR]
    told = []
    doors = [door for door in DOORS.values() if door.rule in {"record", "attachment"}]
    for number, door in enumerate(doors):
        absent = [plain_bytes(ask(client, door, a), NOWHERE) for a in door.addresses(NOWHERE)]
        chosen = hidden if door.name in MAIN_DOORS else tried
        if not is_whole and door.name not in MAIN_DOORS:
            place = (number + CAST.index(name)) % max(1, len(tried))
            chosen = tried[place : place + 1]
        for sharing, kind in chosen:
            things = world.records if door.rule == "record" else world.attachments
            reference = things[f"{sharing.key}-{kind}"].reference
            got = [plain_bytes(ask(client, door, a), reference) for a in door.addresses(reference)]
            if got != absent:
                told.append((door.name, sharing.key))
    return told


@pytest.mark.parametrize("name", CAST)
def test_a_record_is_there_for_everybody_who_may_see_it(world, name):
    client = client_of(world, name)
    missing = []
    for sharing, kind in all_records():
        if name not in sharing.seen_by:
            continue
        word, key = word_of(sharing, kind), f"{sharing.key}-{kind}"
        page = client.get(
            DOORS["records:record"].addresses(world.records[key].reference)[0],
            follow=True,  # kinds of the apps above have pages of their own
        )
        document = client.get(
            DOORS["records:document_page"].addresses(world.attachments[key].reference)[0]
        )
        answers = [("page", page), ("document", document)]
        if sharing.state != "withdrawn":
            answers.append(("search", client.get("/search", {"q": word})))
        for what, response in answers:
            if response.status_code != 200 or word not in response.content.decode():
                missing.append((what, key, response.status_code))

    assert missing == []


def test_a_recalled_record_is_gone_though_the_index_has_not_heard(world):
    from focal.records.services import take_step

    record, word = world.records["clear-publication"], word_of(SHARINGS[0], "publication")
    client = client_of(world, "anonymous")
    assert word in client.get("/search", {"q": word}).content.decode()

    take_step(
        record=record,
        step="withdraw",
        by=world.viewer("editor"),
        at=timezone.now(),
        reason="Wrong.",
    )

    answer = client.get("/search", {"q": word})
    assert record.reference not in answer.content.decode()
    assert answer.context["found"].total == 0
