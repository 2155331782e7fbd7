"""What tests of imports share: a small vocabulary, an office, and a file brought."""

import pytest

from focal.mapping.importing import jobs
from focal.sharing.markings import Marking
from focal.vocabulary.models import Concept, ConceptLabel, Economy, EconomyName, Language
from focal.vocabulary.selectors import reset
from tests.factories import NOON, OrganisationFactory, make_viewer


@pytest.fixture
def few_words(db):
    """As much of the vocabulary as the files below need."""
    for code, name in (("AL", "Albania"), ("ME", "Montenegro"), ("XK", "Kosovo")):
        economy = Economy.objects.create(code=code, asterisk=code == "XK")
        EconomyName.objects.create(economy=economy, language="en", name=name, is_display=True)
    EconomyName.objects.create(economy_id="ME", language="el", name="Μαυροβούνιο")
    for key, scheme in (("teacher", "topics"), ("prison", "topics"), ("teachers", "target-groups")):
        concept = Concept.objects.create(key=key, scheme=scheme)
        ConceptLabel.objects.create(concept=concept, language="en", label=key.title())
    Language.objects.create(code="en", endonym="English", script="Latn")
    reset()


@pytest.fixture
def office(db):
    return OrganisationFactory(name="Office", reference="officeofficeof", acronym="OFF")


@pytest.fixture
def editor(office):
    return make_viewer(organisation=office)


@pytest.fixture
def take(tmp_path, settings, editor, office):
    """Brings a file: as text, bytes or a path; checked, and applied if asked."""
    settings.DATA = tmp_path / "data"

    def run(content, *, name="file.csv", apply=False, by=editor, organisation=office, **more):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        job = jobs.start_import(
            file=path,
            name=name,
            by=by,
            organisation=organisation,
            marking=Marking.CLEAR,
            publish=True,
            at=NOON,
            **more,
        )
        jobs.check(job, by=by, at=NOON)
        if apply:
            jobs.apply(job, by=by, at=NOON)
        job.refresh_from_db()
        return job

    return run
