"""Each kind of record with each way to share it: seen and found by exactly those it is for."""

import pytest

from focal.records.selectors import get_record
from focal.search.queries import Query
from focal.search.services import search
from tests.world import CAST, KINDS, SHARINGS, add_record, make_cast, word_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_with_each_sharing_is_seen_by_exactly_those_it_is_for(in_step, kind):
    world = make_cast()
    records = {
        sharing.key: add_record(world, sharing, kind, number)
        for number, sharing in enumerate(SHARINGS)
    }
    in_step()
    viewers = {name: world.viewer(name) for name in CAST}

    seen, found = {}, {}
    for sharing in SHARINGS:
        reference = records[sharing.key].reference
        query = Query(text=word_of(sharing, kind), meaning=False)
        seen[sharing.key] = {
            name for name, viewer in viewers.items() if get_record(viewer, reference)
        }
        found[sharing.key] = {
            name for name, viewer in viewers.items() if search(query, viewer.tokens).hits
        }

    assert seen == {sharing.key: set(sharing.seen_by) for sharing in SHARINGS}
    assert found == {
        sharing.key: set() if sharing.state == "withdrawn" else set(sharing.seen_by)
        for sharing in SHARINGS
    }
