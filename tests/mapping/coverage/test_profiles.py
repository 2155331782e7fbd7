"""A donor, an organisation, an economy in the mapping: from what the viewer may see."""

import pytest
from django.utils import timezone

from focal.directory.models import Organisation
from focal.outbox.services import deliver_all
from focal.sharing.markings import Marking
from focal.vocabulary.services import load_vocabulary
from tests.factories import NOON, OrganisationFactory, PersonFactory, make_viewer
from tests.mapping.coverage.test_pages import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def donors(db):
    """Two donors; one pays for work in prisons in Albania, both for work in Serbia."""
    load_vocabulary(NOON)
    owner = OrganisationFactory(name="Owning ministry", reference="owningministry")
    editor = make_viewer(PersonFactory(email="editor@example.org"), organisation=owner)
    first = OrganisationFactory(name="First donor", reference="firstdonoraaaa")
    second = OrganisationFactory(name="Second donor", reference="seconddonoraaa")
    pay = [[first.reference, "budget", "1000", "EUR", "", ""]]
    share = [*pay, [second.reference, "budget", "500", "EUR", "", ""]]
    make(editor, "initiative", "Mentors in prisons", status="running", funding=pay)
    make(editor, "initiative", "Together", economies=["RS"], status="running", funding=share)
    make(editor, "initiative", "A quiet one", marking=Marking.AMBER, status="running", funding=pay)
    make(editor, "need", "Mentors in Kosovo", economies=["XK"])
    deliver_all("coverage")
    return editor, first, second


def test_donor_page_shows_what_it_pays_for_beside_whom_and_the_gaps_of_its_themes(client, donors):
    _editor, first, second = donors

    page = client.get(f"/mapping/organisations/of/{first.reference}/").context

    (part,) = page["parts"]
    assert (part.key, sorted(row.shown.title for row in part.rows)) == (
        "donor",
        ["Mentors in prisons", "Together"],
    )
    assert [(row.organisation, row.together) for row in page["beside"]] == [(second, 1)]
    assert [(row.economy, row.reading) for row in page["openings"]] == [("Kosovo*", "Gap")]
    assert (page["number"], page["money"]) == (2, "EUR 2,500")


def test_list_of_donors_counts_what_the_viewer_sees(client, donors):
    def count():
        rows = client.get("/mapping/donors/").context["rows"]
        return {organisation.name: link.count for organisation, link in rows}

    assert count() == {"First donor": 2, "Second donor": 1}
    client.force_login(
        PersonFactory._meta.model.objects.get(pk=donors[0].person_id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    assert count() == {"First donor": 3, "Second donor": 1}


def test_economy_page_shows_the_three_mappings_and_where_somebody_is_awaited(client, donors):
    page = client.get("/mapping/economies/XK/").context

    assert {group.key: len(group.rows) for group in page["groups"]} == {
        "need": 1,
        "response": 0,
        "initiative": 0,
    }
    assert page["openings"][0].reading == "Gap"
    assert client.get("/mapping/economies/QQ/").status_code == 404


def test_organisation_that_nobody_names_has_an_empty_page(client, donors):
    Organisation.objects.create(name="Nobody's", reference="nobodysaaaaaaa")

    response = client.get("/mapping/organisations/of/nobodysaaaaaaa/")

    assert (response.status_code, response.context["parts"]) == (200, [])
    assert timezone.localdate().year == response.context["asked"].question.first_year
