"""Needs, responses and initiatives: kept whole, shown to whom they are for, as old as they are."""

from datetime import date, timedelta

import pytest

from focal.audit.models import Entry
from focal.kernel.errors import BadInput, Refused
from focal.mapping import services
from focal.mapping.models import InitiativeFunding
from focal.mapping.selectors import list_mapped
from focal.records.content import read_content
from focal.records.models import Version
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from focal.vocabulary.models import Economy
from tests.factories import NOON, OrganisationFactory, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(db):
    for code in ("AL", "ME"):
        Economy.objects.create(code=code)
    return OrganisationFactory(name="Office", reference="officeofficeof")


@pytest.fixture
def editor(office):
    return make_viewer(organisation=office)


def make(editor, office, kind="initiative", **content):
    more = {
        name: content.pop(name) for name in ("marking", "publish", "confirmed") if name in content
    }
    return services.create_mapped(
        kind=kind,
        content={"title": "Training of teachers", "language": "en", "economies": ["AL"], **content},
        owner_organisation=office,
        by=editor,
        at=NOON,
        **{"marking": Marking.CLEAR, "publish": True, **more},
    )


WHOLE = {
    "status": "running",
    "start_date": "2025-01-01",
    "end_date": "2026-12-31",
    "places": [["AL", "Elbasan"]],
    "partners": [["officeofficeof", "lead"]],
    "funding": [["officeofficeof", "budget", "1.234,50", "EUR", "", "2025-03-01"]],
    "economy_shares": [["AL", "60"], ["ME", "40"]],
    "identifiers": [["iati", "XM-DAC-1"]],
}


def test_initiative_keeps_all_it_is_told_and_its_history_does_too(editor, office):
    made = make(editor, office, **WHOLE)

    content = read_content(made)
    assert content["funding"] == [["officeofficeof", "budget", "1234.50", "EUR", "", "2025-03-01"]]
    assert content["economies"] == ["AL", "ME"]
    assert content["organisations"] == ["officeofficeof"]
    assert {name: content[name] for name in ("places", "partners", "economy_shares")} == {
        name: WHOLE[name] for name in ("places", "partners", "economy_shares")
    }
    assert Version.objects.get(record_id=made.pk).content == content


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"economy_shares": [["AL", "90"], ["ME", "40"]]}, "make 130 % together"),
        ({"economy_shares": [["AL", "130"]]}, "'130' is not a share"),
        ({"funding": [["", "budget", "-5", "EUR", "", ""]]}, "cannot be below zero"),
        ({"funding": [["", "budget", "5", "XXQ", "", ""]]}, "'XXQ' is not a currency"),
        ({"funding": [["", "budget", "5", "", "", ""]]}, "in which currency"),
        ({"start_date": "2026-02-01", "end_date": "2026-01-01"}, "before it starts"),
        ({"measures": ["nowhereatall22"]}, "Not known here: nowhereatall22"),
    ],
)
def test_what_cannot_be_true_is_refused_and_nothing_is_kept(editor, office, content, sentence):
    with pytest.raises(BadInput, match=sentence):
        make(editor, office, **content)

    assert not list_mapped(editor, "initiative").exists()
    assert not Entry.objects.exists()


def test_record_counts_as_known_until_its_day_of_review(editor, office):
    made = make(editor, office, confirmed=date(2025, 1, 1))

    last = made.review_due_date
    assert made.last_confirmed_date == date(2025, 1, 1)
    assert not made.is_stale(last)
    assert made.is_stale(last + timedelta(days=1))


def test_confirming_moves_the_day_of_review_and_is_logged_once(editor, office):
    made = make(editor, office, confirmed=date(2025, 1, 1))

    done = [services.confirm_mapped(record=made, by=editor, at=NOON) for _twice in range(2)]

    made.refresh_from_db()
    assert done == [True, False]
    assert made.last_confirmed_date == NOON.date()
    assert not made.is_stale(NOON.date())
    assert Entry.objects.filter(action="mapping.confirmed").count() == 1


def test_stranger_cannot_confirm(editor, office):
    made = make(editor, office, confirmed=date(2025, 1, 1))
    stranger = make_viewer(organisation=OrganisationFactory())

    with pytest.raises(Refused, match="Only the organisation that owns it"):
        services.confirm_mapped(record=made, by=stranger, at=NOON)


def test_part_and_whole_cannot_run_in_a_circle(editor, office):
    whole = make(editor, office)
    part = make(editor, office, parent=[whole.reference])

    with pytest.raises(BadInput, match="a part of itself"):
        services.edit_mapped(
            record=whole,
            content={"parent": [part.reference]},
            base_version=whole.version,
            by=editor,
            at=NOON,
        )


def test_pages_show_only_what_the_viewer_may_see(client, editor, office):
    open_one = make(editor, office, **WHOLE)
    closed = make(editor, office, title="Quiet heron", marking=Marking.AMBER)

    page = client.get(f"/mapping/{open_one.reference}/")
    home = client.get("/mapping/")

    assert "Elbasan" in page.content.decode()
    assert "EUR 1,235" in page.content.decode()
    assert client.get(f"/mapping/{closed.reference}/").status_code == 404
    assert [row.total for row in home.context["counts"]] == [0, 0, 1]
    assert "Quiet heron" not in home.content.decode()
    assert list_mapped(ANONYMOUS, "initiative").count() == 1


def test_page_of_a_record_leads_to_the_mapping_and_says_when_it_is_stale(client, editor, office):
    made = make(editor, office, confirmed=date(2024, 1, 1))

    answer = client.get(f"/records/{made.reference}/", follow=True)

    assert answer.redirect_chain == [(f"/mapping/{made.reference}/", 302)]
    assert "Nobody has confirmed this in time." in answer.content.decode()


def test_amount_and_band_exclude_each_other(editor, office):
    make(editor, office, funding=[["", "budget", "", "", "to_50k", ""]])

    row = InitiativeFunding.objects.get()
    assert (row.amount, row.currency, row.band) == (None, "", "to_50k")
