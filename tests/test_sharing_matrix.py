"""Each kind of record with each way to share it: seen and found by exactly those it is for."""

import pytest

from focal.records.finding.pages import read_page
from focal.records.selectors import get_record
from focal.search.queries import Query
from focal.search.services import search
from tests.world import CAST, KINDS, SHARINGS, add_record, make_cast, portion_word_of, word_of

pytestmark = pytest.mark.django_db


QUICK = {"initiative"}  # the other kinds with the slow tests


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=() if kind in QUICK else pytest.mark.slow) for kind in KINDS],
)
def test_each_kind_with_each_sharing_is_seen_by_exactly_those_it_is_for(in_step, kind):
    world = make_cast()
    # What becomes of a record later has nothing to do with its kind: one kind is enough.
    sharings = [s for s in SHARINGS if kind == "publication" or not (s.then or s.portion)]
    records = {
        sharing.key: add_record(world, sharing, kind, number)
        for number, sharing in enumerate(sharings)
    }
    in_step()
    viewers = {name: world.viewer(name) for name in CAST}

    seen, found, read = {}, {}, {}
    for sharing in sharings:
        reference = records[sharing.key].reference
        query = Query(text=word_of(sharing, kind), meaning=False)
        seen[sharing.key] = {
            name for name, viewer in viewers.items() if get_record(viewer, reference)
        }
        found[sharing.key] = {
            name for name, viewer in viewers.items() if search(query, viewer.tokens).hits
        }
        word = portion_word_of(sharing, kind)
        read[sharing.key] = {
            name for name, viewer in viewers.items() if _is_read(viewer, reference, word)
        }
        assert not search(Query(text=word, meaning=False), viewers["editor"].tokens).hits

    assert read == {sharing.key: set(sharing.portion_seen_by) for sharing in sharings}
    assert seen == {sharing.key: set(sharing.seen_by) for sharing in sharings}
    assert found == {
        sharing.key: set() if sharing.state == "withdrawn" else set(sharing.seen_by)
        for sharing in sharings
    }


def _is_read(viewer, reference, word):
    """Whether the marked paragraph stands in what a viewer is given, in both languages."""
    pages = [read_page(viewer, reference, language=code) for code in ("en", "sq")]
    shown = {word in page.reading.body for page in pages if page is not None}
    assert len(shown) < 2
    return shown == {True}
