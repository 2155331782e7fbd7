"""Each kind of record with each way to share it: seen and found by exactly those it is for."""

import pytest

from focal.records.selectors import get_record
from focal.search.queries import Query
from focal.search.services import search
from tests.world import CAST, SHARINGS, add_record, make_cast, word_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("sharing", SHARINGS, ids=lambda sharing: sharing.key)
@pytest.mark.parametrize("kind", ["publication", "practice", "news", "toolkit"])
def test_each_kind_with_each_sharing_is_seen_by_exactly_those_it_is_for(in_step, sharing, kind):
    world = make_cast()
    record = add_record(world, sharing, kind, 1)
    in_step()
    query = Query(text=word_of(sharing, kind))

    seen = {name for name in CAST if get_record(world.viewer(name), record.reference)}
    found = {name for name in CAST if search(query, world.viewer(name).tokens).hits}

    assert seen == sharing.seen_by
    assert found == (set() if sharing.state == "withdrawn" else sharing.seen_by)
