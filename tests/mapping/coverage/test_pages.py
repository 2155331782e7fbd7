"""Coverage as people meet it: pages, files, the command; each viewer's from what they may see."""

import csv
import io
import json
from datetime import date

import pytest
from click.testing import CliRunner
from django.utils import timezone

from focal.mapping.coverage.cli import coverage
from focal.mapping.coverage.loading import load_facts, rebuild
from focal.mapping.coverage.rules import Reading
from focal.mapping.models import CoverageFact, CoverageState
from focal.mapping.services import confirm_mapped, create_mapped
from focal.outbox.services import deliver_all
from focal.records.services import take_step
from focal.sharing.markings import Marking
from focal.vocabulary.services import load_vocabulary
from tests.factories import NOON, OrganisationFactory, PersonFactory, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
THIS_YEAR = {"start_date": f"{timezone.localdate().year}-01-01"}


@pytest.fixture
def editor(db):
    load_vocabulary(NOON)
    return make_viewer(PersonFactory(email="editor@example.org"), organisation=_owner())


def _owner():
    return OrganisationFactory(name="Owning ministry", reference="owningministry")


def make(editor, kind, title, *, marking=Marking.CLEAR, confirmed=None, **content):
    from focal.directory.models import Organisation

    return create_mapped(
        kind=kind,
        content={
            "title": title,
            "language": "en",
            "economies": ["AL"],
            "topics": ["prison"],
            **THIS_YEAR,
            **content,
        },
        owner_organisation=Organisation.objects.get(pk=min(editor.writes_for)),
        by=editor,
        at=timezone.now(),
        marking=marking,
        confirmed=confirmed,
        publish=True,
    )


def read_cell(client, query=""):
    """The cell of Albania and prison, as the matrix shows it."""
    deliver_all("coverage")
    response = client.get(f"/mapping/coverage/?by=topic&economy=AL{query}")
    row = next(row for row in response.context["rows"] if row.row.slug == "prison")
    return row.cells[0]


def test_cell_leads_from_a_gap_to_the_need_and_those_behind_it(client, editor):
    need = make(editor, "need", "Mentors in prisons")

    cell = read_cell(client)

    assert cell.cell.reading == Reading.GAP
    page = client.get(cell.url)
    groups = {
        group.kind: [row.shown.title for row in group.rows] for group in page.context["groups"]
    }
    assert groups == {"need": ["Mentors in prisons"], "response": [], "initiative": []}
    assert [contact.organisation.name for contact in page.context["contacts"]] == [
        "Owning ministry"
    ]
    assert f"/mapping/{need.reference}/" in page.content.decode()


def test_stale_need_is_unknown_and_known_again_by_one_confirmation(client, editor):
    need = make(editor, "need", "Mentors", confirmed=date(2020, 1, 1))
    assert read_cell(client).cell.reading == Reading.UNKNOWN

    confirm_mapped(record=need, by=editor, at=timezone.now())

    assert read_cell(client).cell.reading == Reading.GAP


def test_each_viewer_is_answered_from_what_they_may_see(client, editor):
    make(editor, "need", "Mentors")
    make(editor, "initiative", "A quiet project", marking=Marking.AMBER, status="running")

    for_all = read_cell(client)
    client.force_login(
        _person(editor), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    for_owner, as_public = read_cell(client), read_cell(client, "&eyes=public")

    assert (for_all.cell.reading, for_owner.cell.reading) == (Reading.GAP, Reading.THIN)
    assert as_public.cell == for_all.cell
    notes = client.get("/mapping/coverage/?by=topic&economy=AL").context["notes"]
    assert any("not for the public" in note for note in notes)


def _person(viewer):
    from focal.directory.models import Person

    return Person.objects.get(pk=viewer.person_id)


def test_withdrawn_record_is_gone_before_the_facts_have_heard(client, editor):
    need = make(editor, "need", "Mentors")
    assert read_cell(client).cell.numbers.needs == 1

    take_step(record=need, step="withdraw", by=editor, at=timezone.now(), reason="Wrong.")

    response = client.get("/mapping/coverage/?by=topic&economy=AL")
    assert response.context["matrix"].total.needs == 0
    assert read_cell(client).cell.numbers.needs == 0


def test_facts_can_be_dropped_and_made_again(client, editor):
    make(editor, "need", "Mentors")
    before = read_cell(client).cell
    CoverageFact.objects.all().delete()
    CoverageState.objects.all().delete()
    assert read_cell(client).cell.numbers.needs == 0

    rebuild()

    assert read_cell(client).cell == before


def test_fact_of_an_initiative_holds_its_shares_funders_and_money(editor):
    donor = OrganisationFactory(name="A donor", reference="adonoradonoraa")
    record = make(
        editor,
        "initiative",
        "Mentoring",
        economies=["AL", "RS"],
        status="running",
        funding=[
            [donor.reference, "budget", "999", "EUR", "", ""],
            [donor.reference, "committed", "1142.20", "USD", "", "2020-06-01"],
            [donor.reference, "committed", "5", "RSD", "", ""],
        ],
        economy_shares=[["AL", "75"], ["RS", "25"]],
    )

    (fact,) = load_facts([record.reference])

    assert fact.economies == {"AL": 0.75, "RS": 0.25}
    assert fact.funders == (donor.pk,)
    assert (round(fact.euro, 1), fact.unconverted, fact.has_money) == (1000.0, True, True)


@pytest.mark.parametrize("what", ["matrix", "map", "timeline"])
def test_each_view_leaves_as_a_table_and_a_workbook(client, editor, what):
    make(editor, "need", "Mentors")
    deliver_all("coverage")

    table = client.get(f"/mapping/coverage/files/{what}.csv?by=topic&economy=AL&economy=XK")
    book = client.get(f"/mapping/coverage/files/{what}.xlsx?by=topic&economy=AL&economy=XK")

    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert rows[-1][0].startswith("* This designation")
    assert len(rows) > 3
    assert book.content[:2] == b"PK"


def test_map_names_economies_by_the_vocabulary_with_the_asterisk(client, editor):
    make(editor, "need", "Mentors", economies=["XK"])
    deliver_all("coverage")

    picture = client.get("/mapping/coverage/files/map.svg?by=topic")

    text = picture.content.decode()
    assert picture["Content-Type"] == "image/svg+xml"
    assert "Kosovo*" in text
    assert "Macedonia" in text


def test_command_prints_the_cells_that_a_viewer_sees(editor):
    make(editor, "need", "Mentors", marking=Marking.GREEN)
    deliver_all("coverage")

    def ask(who):
        arguments = ["--by", "topic", "--economy", "AL", "--as", who, "--json"]
        answer = json.loads(CliRunner().invoke(coverage, arguments, catch_exceptions=False).output)
        return next(cell for cell in answer["cells"] if cell["code"] == "prison")

    assert ask("anonymous")["reading"] == "unknown"
    assert (ask("editor@example.org")["reading"], ask("editor@example.org")["needs"]) == ("gap", 1)


def test_what_cannot_be_asked_is_refused_by_the_command_and_left_out_by_the_page(client, editor):
    from focal.kernel.errors import BadInput

    with pytest.raises(BadInput, match="not a year"):
        CliRunner().invoke(coverage, ["--by", "topic", "--period", "soon"], catch_exceptions=False)
    assert client.get("/mapping/coverage/?by=topic&from=soon&group=nobody").status_code == 200
    assert client.get("/mapping/coverage/cell/?by=topic&node=prison").status_code == 404
