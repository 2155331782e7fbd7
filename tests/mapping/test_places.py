"""The pages of economies and organisations lead to what the mapping holds of them."""

import pytest
from django.urls import reverse

from focal.directory.models import Organisation
from focal.mapping import places, services
from focal.mapping.asking import note_effort
from focal.mapping.models import Effort
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from tests.factories import NOON, MembershipFactory, OrganisationFactory, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_words")]


@pytest.fixture
def donor(office, editor):
    """A donor of three initiatives: open, for members, and one that only its lead may see."""
    donor = OrganisationFactory(name="First Donor", reference="firstdonorfirs")
    for number, marking in enumerate((Marking.CLEAR, Marking.GREEN, Marking.RED)):
        services.create_mapped(
            kind="initiative",
            content={
                "title": f"Initiative {number}",
                "language": "en",
                "economies": ["AL"],
                "partners": [[donor.reference, "donor"], [office.reference, "lead"]],
            },
            owner_organisation=office,
            by=editor,
            at=NOON,
            marking=marking,
            publish=True,
        )
    return donor


def tell(filling):
    return [(teaser.kind, teaser.title) for teaser in filling.teasers]


def test_economy_leads_to_its_three_mappings_as_far_as_one_sees_them(donor, editor, office):
    for kind in ("need", "response"):
        services.create_mapped(
            kind=kind,
            content={"title": kind, "language": "en", "economies": ["AL"]},
            owner_organisation=office, by=editor, at=NOON, marking=Marking.CLEAR, publish=True,
        )  # fmt: skip

    told = {who: tell(places.show_economy("AL", who, 6)) for who in (ANONYMOUS, editor)}

    both = [("What it needs", "1 need"), ("What it does itself", "1 response")]
    assert told[ANONYMOUS] == [*both, ("What others support", "1 initiative")]
    assert told[editor] == [*both, ("What others support", "3 initiatives")]
    assert tell(places.show_economy("ME", editor, 6)) == []


def test_organisation_leads_to_the_parts_it_plays_as_far_as_one_sees_them(donor, office):
    stranger = make_viewer(organisation=OrganisationFactory(name="Stranger"))

    assert tell(places.show_organisation(donor, ANONYMOUS, 6)) == [
        ("What it pays for", "1 initiative")
    ]
    assert tell(places.show_organisation(donor, stranger, 6)) == [
        ("What it pays for", "2 initiatives")
    ]
    assert tell(places.show_organisation(office, ANONYMOUS, 6)) == [
        ("What it leads", "1 initiative")
    ]
    nobody = Organisation.objects.get(name="Stranger")
    assert places.show_organisation(nobody, ANONYMOUS, 6) is None


def test_organisation_alone_is_told_what_it_was_asked(client, donor, office):
    from django.utils import timezone

    note_effort(office, Effort.What.SHEET, at=timezone.now(), entries=3, offered=1)
    url = reverse("mapping:organisation", args=[office.reference])
    client.force_login(MembershipFactory(organisation=donor).person)
    assert "burden" not in client.get(url).context

    client.force_login(MembershipFactory(organisation=office).person)
    answer = client.get(url)

    assert answer.context["times"] == 1
    assert "What we asked of it in" in answer.content.decode()
