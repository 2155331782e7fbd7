"""Merging organisations on the page: for the secretariat, one click, and back again."""

import pytest

from focal.directory.models import Organisation, OrganisationMerge
from tests.factories import MembershipFactory, OrganisationFactory

pytestmark = pytest.mark.django_db


def sign_in(client, **organisation):
    person = MembershipFactory(organisation=OrganisationFactory(**organisation)).person
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")


def test_secretariat_merges_and_takes_it_back(client):
    sign_in(client, name="Office", is_secretariat=True)
    kept, absorbed = (OrganisationFactory(name=n) for n in ("Otvorena ulica", "Отворена улица"))

    page = client.get("/mapping/organisations/")
    row = page.context["proposals"][0]
    client.post(
        "/mapping/organisations/decide/",
        {"kept": row.kept.reference, "absorbed": row.absorbed.reference, "verdict": "same"},
    )
    merge = OrganisationMerge.objects.get()
    one = set(Organisation.objects.filter(pk__in=(kept.pk, absorbed.pk)))
    client.post(f"/mapping/organisations/merges/{merge.pk}/undo/")

    assert len(one) == 1
    assert set(Organisation.objects.filter(pk__in=(kept.pk, absorbed.pk))) == {kept, absorbed}


def test_nobody_else_merges(client):
    sign_in(client, name="Ministry")
    one, other = (OrganisationFactory(name=n) for n in ("Otvorena ulica", "Отворена улица"))

    answer = client.post(
        "/mapping/organisations/decide/",
        {"kept": one.reference, "absorbed": other.reference, "verdict": "same"},
    )

    assert answer.status_code == 403
    assert Organisation.objects.filter(pk=other.pk).exists()
