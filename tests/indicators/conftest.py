"""Who writes figures in these tests."""

import pytest

from tests.factories import OrganisationFactory, PersonFactory, make_viewer


@pytest.fixture
def editor(loaded):
    organisation = OrganisationFactory(name="Office of figures", reference="officeoffigure")
    return make_viewer(PersonFactory(email="editor@example.org"), organisation=organisation)
