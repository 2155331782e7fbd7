"""Accounts start each test with nobody counted: limits of attempts live in the cache."""

import pytest
from django.core.cache import cache

from focal.directory.models import Membership, Organisation
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory

PASSWORD = "a quiet heron stands"


@pytest.fixture(autouse=True)
def _nobody_counted():
    cache.clear()


@pytest.fixture
def secretariat(db) -> Organisation:
    return OrganisationFactory(name="Secretariat", is_secretariat=True)


@pytest.fixture
def administrator(db):
    return PersonFactory(full_name="Ada", is_administrator=True)


@pytest.fixture
def secretary(secretariat):
    """An editor of the secretariat."""
    return MembershipFactory(organisation=secretariat, person__full_name="Sela").person


@pytest.fixture
def member(db):
    """A member with a password and a place, who looks after nobody."""
    person = PersonFactory(email="mira@example.org", full_name="Mira")
    person.set_password(PASSWORD)
    person.save()
    MembershipFactory(person=person, role=Membership.Role.EDITOR)
    return person


def sign_in(client, person):
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def secret_of(link: str) -> str:
    return link.rstrip("/").rsplit("/", 1)[1]
