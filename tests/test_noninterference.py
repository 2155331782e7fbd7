"""Two worlds that differ only in what a viewer may not see answer that viewer the same.

Byte for byte, through every door: pages, counts, facets, suggestions, similar records, feeds,
files, headers, error pages, and how many questions are put to the database. The order of results
is an answer too: hidden records share the visible ones' words, so that document frequencies,
average lengths or insertion order would show.
"""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from focal.search.queries import Query
from focal.search.services import search, similar, suggest
from focal.vocabulary import snapshot
from tests.doors import DOORS, plain_bytes
from tests.test_doors import NOWHERE, ask, client_of
from tests.world import add_record, all_records, break_glass, make_cast, reference_of

pytestmark = pytest.mark.django_db


class Undo(Exception):
    """Takes one of the two worlds back."""


def build_world(name: str, *, with_hidden: bool, in_step):
    """The cast and the records: the visible ones alone, or all. Visible ones are equal in both.

    A paragraph marked for others is hidden too: in one world it was never written.
    """
    world = make_cast()
    for number, (sharing, kind) in enumerate(all_records()):
        if name in sharing.seen_by or with_hidden:
            with_portion = with_hidden or name in sharing.portion_seen_by
            add_record(world, sharing, kind, number, with_portion=with_portion)
            if number % 4 == 0:
                in_step()  # commits at different moments: segments of the index differ too
        elif sharing.then == "glassover" and name == "administrator":
            # What they read by break-glass they have read. It was deleted when that was over.
            add_record(world, sharing, kind, number).delete()
            del world.records[f"{sharing.key}-{kind}"]
        elif sharing.then.startswith("glass"):
            break_glass(world, sharing, reference_of(kind, number))  # asked about what is not
    in_step()
    return world


def listen(world, name: str):
    """Everything the platform says to one of the cast, and how many queries each answer took."""
    client = client_of(world, name)
    client.get("/")  # what is read once a process is read here, and not counted below
    said = {}
    visible = {
        f"{sharing.key}-{kind}" for sharing, kind in all_records() if name in sharing.seen_by
    }
    for door in DOORS.values():
        for address in _addresses(door, world, visible):
            with CaptureQueriesContext(connection) as queries:
                answer = plain_bytes(ask(client, door, address))
            said[door.name, address] = (*answer, len(queries))
    said.update(_listen_to_search(world.viewer(name).tokens, world, visible))
    return said


def _addresses(door, world, visible):
    if door.rule == "record":
        things = [world.records[key].reference for key in sorted(visible)]
    elif door.rule == "attachment":
        things = [world.attachments[key].reference for key in sorted(visible)]
    else:
        return door.addresses()
    if door.method != "get":
        things = []
    return [address for thing in (*things, NOWHERE) for address in door.addresses(thing)]


def _listen_to_search(tokens, world, visible):
    """The engine itself: scores to the last digit, and what lies near."""
    said = {}
    for text in ("prevention", "youth in prison", "radicalisation school page", "parandalimi", ""):
        for meaning in (True, False):
            query = Query(text=text, limit=100, meaning=meaning)
            said["search", text, meaning] = search(query, tokens)
    said["suggest"] = suggest("quiet", tokens, limit=50)
    for key in sorted(visible):
        reference = world.records[key].reference
        said["similar", key] = [
            (match.key, match.similarity) for match in similar(reference, tokens, limit=50)
        ]
    return said


# One of the cast for each kind of token; `tests/test_doors.py` goes through the rest. The
# administrator sees no more than any member, and has more pages on which to hear of the others'.
# All with the slow tests; `tests/search/test_non_interference.py` holds the engine by default.
LISTENERS = ("anonymous", "secretary", "administrator", "recipient", "named")


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTENERS)
def test_hidden_records_change_nothing_that_is_said(name, in_step, fresh_index, monkeypatch):
    moment = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: moment)
    monkeypatch.setattr(snapshot, "CHECK_SECONDS", float("inf"))  # it is read again by the clock
    told = []
    for with_hidden in (False, True):
        fresh_index()
        try:
            with transaction.atomic():
                world = build_world(name, with_hidden=with_hidden, in_step=in_step)
                told.append(listen(world, name))
                raise Undo
        except Undo:
            pass

    without, with_them = told
    assert without.keys() == with_them.keys()
    assert [key for key in without if without[key] != with_them[key]] == []


def test_the_comparison_would_notice(in_step, fresh_index):
    """A control: one more *visible* record must change what is said."""
    told = []
    for name in ("member", "anonymous"):
        fresh_index()
        try:
            with transaction.atomic():
                world = build_world(name, with_hidden=False, in_step=in_step)
                told.append(search(Query(text="prevention", limit=100), world.viewer(name).tokens))
                raise Undo
        except Undo:
            pass

    assert told[0] != told[1]
