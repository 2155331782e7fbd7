"""A data folder of its own for each test: the closed store lies in it."""

import pytest

from tests.factories import OrganisationFactory, make_viewer


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    from focal.surveys import selectors

    settings.DATA = tmp_path
    selectors._get_table.cache_clear()


@pytest.fixture
def organisation(db):
    return OrganisationFactory(name="Survey institute")


@pytest.fixture
def editor(organisation):
    return make_viewer(organisation=organisation)
