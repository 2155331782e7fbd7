"""The report of a cycle: what stands in it, and what changed since the one before."""

import io

import pikepdf
import pytest
from django.utils import timezone

from focal.mapping.coverage.cycles import make_report
from focal.mapping.services import edit_mapped
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from focal.vocabulary.services import load_vocabulary
from tests.factories import NOON, OrganisationFactory, PersonFactory, make_viewer
from tests.mapping.coverage.test_pages import make

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def editor(db):
    load_vocabulary(NOON)
    owner = OrganisationFactory(name="Owning ministry", reference="owningministry")
    return make_viewer(PersonFactory(email="editor@example.org"), organisation=owner)


def report(viewer=ANONYMOUS, cycle="2027-2028"):
    return make_report(viewer, "need", cycle, language="en", today=TODAY)


def titles(lines):
    return [line.shown.title for line in lines]


def test_report_tells_what_is_new_changed_and_gone_since_the_last_cycle(editor):
    make(editor, "need", "Dropped", cycle="2025-2026")
    kept = make(editor, "need", "Kept", cycle="2025-2026", priority="medium")
    edit_mapped(
        record=kept, content={"cycle": "2027-2028", "priority": "high"}, base_version=kept.version,
        by=editor, at=timezone.now(),
    )  # fmt: skip
    make(editor, "need", "Fresh", cycle="2027-2028")

    made = report()

    assert (made.before, titles(made.lines)) == ("2025-2026", ["Fresh", "Kept"])
    assert (titles(made.new), titles(made.gone)) == (["Fresh"], ["Dropped"])
    assert [line.change for line in made.changed] == ["priority: Medium → High"]


def test_year_is_a_cycle_of_all_that_holds_in_it(editor):
    make(editor, "need", "This year only", start_date=f"{TODAY.year}-01-01")
    make(editor, "need", "Over", start_date=f"{TODAY.year - 1}-01-01",
         end_date=f"{TODAY.year - 1}-12-31")  # fmt: skip

    made = report(cycle=str(TODAY.year))

    assert (titles(made.lines), titles(made.gone)) == (["This year only"], ["Over"])


def test_report_is_as_closed_as_its_most_closed_line_and_hides_what_is_hidden(editor):
    make(editor, "need", "Open", cycle="2027-2028")
    make(editor, "need", "Closed", cycle="2027-2028", marking=Marking.AMBER)

    assert (report().marking, titles(report().lines)) == ("CLEAR", ["Open"])
    assert (report(editor).marking, titles(report(editor).lines)) == ("AMBER", ["Closed", "Open"])


def test_report_leaves_as_pdf_and_workbook(client, editor):
    make(editor, "need", "Ментори #in \\ prisons", cycle="2027-2028", economies=["XK"])

    paper = client.get("/mapping/cycles/report.pdf?kind=need&cycle=2027-2028")
    book = client.get("/mapping/cycles/report.xlsx?kind=need&cycle=2027-2028")
    page = client.get("/mapping/cycles/?kind=need&cycle=2027-2028")

    with pikepdf.open(io.BytesIO(paper.content)) as pdf:
        assert len(pdf.pages) >= 1
    assert book.content[:2] == b"PK"
    assert "Kosovo*" in page.content.decode()
