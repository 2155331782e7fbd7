"""What the tests of finding stand on: an editor, an organisation, the shared lists."""

from datetime import UTC, datetime

import pytest

from tests.factories import OrganisationFactory, PersonFactory, make_viewer

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def lists(loaded):
    """The vocabulary from its files."""
    return loaded


@pytest.fixture
def organisation(db):
    return OrganisationFactory(name="Ministry of Rivers", reference="ministryrivers")


@pytest.fixture
def person(db):
    return PersonFactory(email="editor@example.org")


@pytest.fixture
def editor(person, organisation):
    return make_viewer(person, organisation=organisation)


@pytest.fixture
def signed_in(client, person, editor):
    """A client as which the editor is signed in."""
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
