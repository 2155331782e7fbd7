"""An editor, their organisation, and clients that are signed in."""

import pytest
from django.test import Client

from focal.vocabulary.models import Concept, Economy, Language
from focal.vocabulary.selectors import reset
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory


@pytest.fixture(autouse=True)
def _vocabulary(db):
    """A handful of each list: loading all of them would take longer than the tests."""
    for code in ("AL", "BA", "MK", "XK"):
        Economy.objects.create(code=code, asterisk=code == "XK")
    for code, name in (("en", "English"), ("mk", "Македонски"), ("sq", "Shqip")):
        Language.objects.create(code=code, endonym=name, script="Latn")
    for key, scheme in (
        ("prevention", "topics"),
        ("schools", "topics"),
        ("teachers", "target-groups"),
    ):
        Concept.objects.create(key=key, scheme=scheme)
    reset()


@pytest.fixture
def organisation():
    return OrganisationFactory(name="Ministry of the Interior", reference="ministryaa2222")


@pytest.fixture
def sign_in(organisation):
    """Makes a person with a place in the organisation (or none), and their client."""

    def make(name="Ana", role="editor", place=None):
        person = PersonFactory(full_name=name)
        if role:
            MembershipFactory(person=person, organisation=place or organisation, role=role)
        client = Client()
        client.force_login(person)
        client.person = person
        return client

    return make


@pytest.fixture
def ana(sign_in):
    return sign_in("Ana")


@pytest.fixture
def bojan(sign_in):
    return sign_in("Bojan")
