"""Who writes figures in these tests."""

import pytest

from focal.vocabulary.services import load_vocabulary
from tests.factories import NOON, OrganisationFactory, PersonFactory, make_viewer


@pytest.fixture
def editor(db):
    load_vocabulary(NOON)
    organisation = OrganisationFactory(name="Office of figures", reference="officeoffigure")
    return make_viewer(PersonFactory(email="editor@example.org"), organisation=organisation)
