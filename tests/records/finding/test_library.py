"""The library and the feed: what there is, and no word of the rest."""

from xml.etree import ElementTree

import pytest

from focal.records import services
from focal.records.finding.library import read_holdings
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from focal.vocabulary.selectors import get_vocabulary
from tests.factories import NOON, make_record
from tests.records.finding.documents import add_document

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def test_library_counts_what_the_viewer_sees(client, signed_in, lists, editor, organisation):
    open_one = make_record(by=editor, organisation=organisation, title="Open", economies=["XK"])
    hidden = make_record(
        kind="practice",
        by=editor,
        organisation=organisation,
        title="Hidden heron",
        marking=Marking.AMBER,
        economies=["AL"],
    )
    make_record(by=editor, organisation=organisation, title="Draft heron", state="draft")
    for record in (open_one, hidden):
        add_document(record, language="en", pages=["One.", "Two."])

    seen_by_editor = signed_in.get("/library/").context["holdings"]
    signed_in.logout()
    response = client.get("/library/")

    holdings = response.context["holdings"]
    assert (holdings.total, holdings.documents, holdings.pages) == (1, 1, 2)
    assert (holdings.by_kind, holdings.by_economy) == ({"publication": 1}, {"XK": 1})
    assert (seen_by_editor.total, seen_by_editor.documents) == (2, 2)
    assert "heron" not in response.content.decode()


def test_counts_follow_every_change(editor, organisation):
    record = make_record(by=editor, organisation=organisation)
    before = read_holdings(ANONYMOUS).total

    services.take_step(record=record, step="withdraw", by=editor, at=NOON, reason="Wrong.")

    assert (before, read_holdings(ANONYMOUS).total) == (1, 0)


def test_broad_topic_counts_and_shows_what_carries_a_narrower_one(
    client, lists, editor, organisation
):
    vocabulary = get_vocabulary()
    narrow = next(k for k, depth in vocabulary.get_tree("topics") if depth == 2)
    broad = vocabulary.get_path(narrow)[0]
    make_record(by=editor, organisation=organisation, title="Narrow", topics=[narrow, broad])

    response = client.get("/library/", {"topic": broad})

    assert response.context["holdings"].by_topic[broad] == 1
    assert [item.title for item in response.context["records"]] == ["Narrow"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Practice", "News"]),
        ({"kind": "news"}, ["News"]),
        ({"economy": "AL"}, ["Practice"]),
        ({"kind": "news", "economy": "AL"}, []),
        ({"kind": "nothing"}, []),
        ({"page": "99"}, ["Practice", "News"]),
    ],
)
def test_library_is_narrowed_by_its_address(client, lists, editor, organisation, query, expected):
    make_record(kind="news", by=editor, organisation=organisation, title="News", economies=["XK"])
    make_record(
        kind="practice", by=editor, organisation=organisation, title="Practice", economies=["AL"]
    )

    assert [item.title for item in client.get("/library/", query).context["records"]] == expected


def test_empty_library_says_what_to_do(client, signed_in):
    for_editor = signed_in.get("/library/").content.decode()
    signed_in.logout()

    assert "Drop a folder of reports" in for_editor
    assert "What is published will stand here." in client.get("/library/").content.decode()


@pytest.mark.parametrize("count", [1, 100])
def test_library_costs_the_same_for_any_number(
    client, lists, editor, organisation, count, django_assert_num_queries
):
    for number in range(count):
        record = make_record(
            by=editor, organisation=organisation, title=f"Heron {number}", economies=["XK", "AL"]
        )
        if number % 10 == 0:
            add_document(record, language="mk", pages=["Чапја."])
    client.get("/library/")

    with django_assert_num_queries(3):
        client.get("/library/")


def test_feed_holds_public_records_alone_whoever_asks(signed_in, editor, organisation):
    record = make_record(by=editor, organisation=organisation, title="Open", summary="In short.")
    make_record(by=editor, organisation=organisation, title="For members", marking=Marking.GREEN)

    response = signed_in.get("/feeds/latest.atom")

    feed = ElementTree.fromstring(response.content)
    entry = feed.find(f"{ATOM}entry")
    assert [e.findtext(f"{ATOM}title") for e in feed.iter(f"{ATOM}entry")] == ["Open"]
    assert entry.findtext(f"{ATOM}id").endswith(f"/records/{record.reference}/")
    assert entry.findtext(f"{ATOM}updated") == feed.findtext(f"{ATOM}updated")
    assert response["Content-Type"] == "application/atom+xml"


def test_feed_without_entries_stays_the_same(client, db):
    assert client.get("/feeds/latest.atom").content == client.get("/feeds/latest.atom").content
