"""A record's page: what it says, in which language, and what it leaves to those it is for."""

import re

import pytest

from focal.records import services
from focal.records.models import Translation
from focal.sharing.markings import MEANINGS, Marking
from tests.factories import NOON, OrganisationFactory, make_record
from tests.records.finding.documents import add_document

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def text_of(response) -> str:
    """The page's text, without its tags and with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_record_page_says_what_it_is_and_who_can_see_it(client, lists, editor, organisation):
    record = make_record(
        by=editor,
        organisation=organisation,
        title="Mentors",
        summary="In short.",
        body="<p>At length.</p>",
        economies=["XK"],
        organisations=[organisation.reference],
        sources=[["The study", "https://example.org/study", "p. 4"]],
        authors="A. Hoxha",
    )

    response = client.get(record.get_absolute_url())

    page = response.context["page"]
    assert (page.reading.title, page.reading.body) == ("Mentors", "<p>At length.</p>")
    assert page.economies == ("XK",)
    assert response.context["who"] == MEANINGS[Marking.CLEAR]
    text = text_of(response)
    for words in ("TLP:CLEAR", "Kosovo*", "In short.", "A. Hoxha", "The study", "Updated"):
        assert words in text
    assert response.context["citation"] == (
        f"A. Hoxha (2026). Mentors. http://127.0.0.1:8000/records/{record.reference}/"
    )


def test_record_is_not_found_by_those_it_is_not_for(client, editor, organisation):
    hidden = make_record(by=editor, organisation=organisation, marking=Marking.GREEN)

    for tail in ("", "in/en/", "similar/"):
        assert client.get(f"/records/{hidden.reference}/{tail}").status_code == 404


def test_withdrawn_record_is_seen_by_its_desk_with_the_reason(client, person, editor, organisation):
    record = make_record(by=editor, organisation=organisation, state="withdrawn")

    assert client.get(record.get_absolute_url()).status_code == 404
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert (
        "Withdrawn. Withdrawn: only the organisation it belongs to still sees it. Reason: Because."
        in text_of(client.get(record.get_absolute_url()))
    )


def test_archived_record_says_so(client, editor, organisation):
    record = make_record(by=editor, organisation=organisation, state="archived")

    assert "Archived. It is kept for reference" in text_of(client.get(record.get_absolute_url()))


def test_translation_has_an_address_and_says_where_it_comes_from(client, editor, organisation):
    record = make_record(by=editor, organisation=organisation, title="Мостови", language="mk")
    services.save_translation(
        record=record,
        language="sq",
        title="Ura",
        summary="",
        body="",
        by=editor,
        at=NOON,
        origin=Translation.Origin.MACHINE,
        needs_check=True,
    )

    in_albanian = client.get(f"/records/{record.reference}/in/sq/")
    original = client.get(f"/records/{record.reference}/in/mk/")
    by_itself = client.get(f"/records/{record.reference}/", headers={"accept-language": "sq"})

    assert in_albanian.context["reading"].title == "Ura"
    assert "Translated by a machine; it still needs a check by a native reader." in text_of(
        in_albanian
    )
    assert original.context["reading"].title == "Мостови"
    assert by_itself.context["reading"].title == "Ura"
    assert client.get(f"/records/{record.reference}/in/tr/").status_code == 404


def test_translation_that_fell_behind_says_so(client, editor, organisation):
    record = make_record(by=editor, organisation=organisation, title="Bridges")
    services.save_translation(
        record=record, language="sq", title="Ura", summary="", body="", by=editor, at=NOON
    )
    services.edit_record(
        record=record, content={"title": "Five bridges"}, base_version=1, by=editor, at=NOON
    )

    assert "The original has been changed since." in text_of(
        client.get(f"/records/{record.reference}/in/sq/")
    )


def test_practice_explains_its_evidence_with_its_date(client, lists, editor, organisation):
    record = make_record(
        kind="practice",
        by=editor,
        organisation=organisation,
        evidence_grade="peer_reviewed",
        evidence="Five practitioners came.",
        evidence_date="2022-06-30",
        transferability="Needs a place.",
        prevention_levels=[],
    )

    text = text_of(client.get(record.get_absolute_url()))

    assert (
        "Peer-reviewed as of 30 June 2022 Practitioners from elsewhere have examined it and found"
        " it worth learning from. Its effect has not been measured. Five practitioners came."
    ) in text
    assert "Transferability Needs a place." in text


def test_toolkit_shows_its_records_in_order_and_only_those_the_viewer_sees(
    client, signed_in, editor, organisation
):
    first, hidden, last = (
        make_record(by=editor, organisation=organisation, title=title, marking=marking)
        for title, marking in (
            ("First", Marking.CLEAR),
            ("Hidden heron", Marking.AMBER),
            ("Last", Marking.CLEAR),
        )
    )
    toolkit = make_record(
        kind="toolkit",
        by=editor,
        organisation=organisation,
        items=[[last.reference, "Begin here"], [hidden.reference, ""], [first.reference, ""]],
    )

    seen_by_editor = signed_in.get(toolkit.get_absolute_url()).context["page"].items
    signed_in.logout()
    response = client.get(toolkit.get_absolute_url())

    assert [item.record.title for item in seen_by_editor] == ["Last", "Hidden heron", "First"]
    seen = response.context["page"].items
    assert [(item.record.title, item.note) for item in seen] == [
        ("Last", "Begin here"),
        ("First", ""),
    ]
    assert "heron" not in response.content.decode()


def test_superseded_record_points_to_the_newer_one_only_for_those_who_see_it(
    client, signed_in, editor, organisation
):
    old = make_record(by=editor, organisation=organisation, title="Old study")
    make_record(
        by=editor,
        organisation=organisation,
        title="New heron",
        supersedes=old.reference,
        marking=Marking.GREEN,
    )

    member = signed_in.get(old.get_absolute_url())
    signed_in.logout()
    visitor = client.get(old.get_absolute_url())

    assert "There is something newer: New heron" in text_of(member)
    assert "newer" not in text_of(visitor)


def test_ways_to_change_it_are_offered_to_those_who_may(client, signed_in, editor, organisation):
    record = make_record(by=editor, organisation=organisation)

    offered = signed_in.get(record.get_absolute_url()).context["actions"]
    signed_in.logout()

    assert [link.label for link in offered][:1] == ["Edit"]
    assert client.get(record.get_absolute_url()).context["actions"] == []


def test_visitors_page_can_be_kept_and_is_asked_for_again(client, editor, organisation):
    record = make_record(by=editor, organisation=organisation, title="Bridges")
    address = record.get_absolute_url()
    tag = client.get(address)["ETag"]

    same = client.get(address, headers={"if-none-match": tag})
    services.edit_record(
        record=record, content={"title": "Five bridges"}, base_version=1, by=editor, at=NOON
    )
    changed = client.get(address, headers={"if-none-match": tag})
    services.take_step(record=record, step="withdraw", by=editor, at=NOON, reason="Wrong.")

    assert (same.status_code, same.content) == (304, b"")
    assert changed.status_code == 200
    assert "no-cache" in changed["Cache-Control"]
    assert client.get(address, headers={"if-none-match": changed["ETag"]}).status_code == 404


def test_members_page_is_not_kept(signed_in, editor, organisation):
    record = make_record(by=editor, organisation=organisation)

    response = signed_in.get(record.get_absolute_url())

    assert "no-store" in response["Cache-Control"]
    assert "ETag" not in response.headers


@pytest.mark.parametrize("kind", ["publication", "practice", "news", "toolkit"])
@pytest.mark.parametrize("count", [1, 30])
def test_record_page_costs_the_same_for_any_number(
    client, lists, editor, organisation, kind, count, django_assert_num_queries
):
    inside = [make_record(by=editor, organisation=organisation, title=f"{n}") for n in range(count)]
    record = make_record(
        kind=kind,
        by=editor,
        organisation=organisation,
        economies=["XK", "AL"],
        sources=[[f"Source {n}", "", ""] for n in range(count)],
        organisations=[OrganisationFactory().reference for _ in range(count)],
        **({"items": [[row.reference, ""] for row in inside]} if kind == "toolkit" else {}),
    )
    for n in range(count):
        add_document(record, language="mk", pages=["Една."], title=f"Document {n}")
    client.get("/library/")

    # A toolkit also reads its items and their names; the last question is for charts beside it.
    with django_assert_num_queries(11 if kind == "toolkit" else 9):
        response = client.get(record.get_absolute_url())

    assert len(response.context["documents"]) == count
