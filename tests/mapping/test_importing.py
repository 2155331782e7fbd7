"""Files in and out: previewed, applied once however often, taken back whole; lies told as such."""

import io
import json
from datetime import date

import pytest
import xlsxwriter
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from focal.directory.models import Organisation
from focal.kernel.errors import BadInput
from focal.mapping import services
from focal.mapping.cli import import_initiatives
from focal.mapping.importing import jobs
from focal.mapping.importing.columns import find_header, propose_columns
from focal.mapping.importing.entries import FileNotes
from focal.mapping.importing.sheet import write_errors, write_template
from focal.mapping.importing.tables import open_table, read_day
from focal.mapping.models import (
    ColumnMapping,
    Identifier,
    Initiative,
    InitiativeFunding,
    MappingImport,
    MappingImportRow,
    Need,
)
from focal.mapping.money import read_amount
from focal.mapping.selectors import list_mapped
from focal.records.content import read_content
from focal.records.models import Translation
from focal.sharing.markings import Marking
from tests.factories import NOON, OrganisationFactory, make_viewer
from tests.mapping.importing import problems, verdicts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_words")]


def write_book(rows, **options):
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, **options})
    sheet = book.add_worksheet("Data")
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write(number, place, cell)
    book.close()
    return target.getvalue()


# Tables

# ruff: noqa: E501 -- the files are as wide as they come
TABLE = """id;Title;Country;Municipality;Lead;Donor;Budget;Currency;Start;End;Sector
A1;Training of teachers;Albania;Elbasan;Otvorena ulica;First Donor;1.234,50;EUR;1.3.2025;2026-02-28;Teacher
A2;Work in prison;Kosovo;Prizren;Office;;;;2025;2026;Prison
"""


def test_a_table_comes_in_and_a_second_time_nothing_happens(take, office):
    first = take(TABLE, apply=True)
    again = take(TABLE, apply=True)

    assert verdicts(first) == {"new": 2}
    assert verdicts(again) == {"unchanged": 2}
    one = Initiative.objects.for_system("test").get(title="Training of teachers")
    content = read_content(one)
    street = Organisation.objects.get(name="Otvorena ulica").reference
    donor = Organisation.objects.get(name="First Donor").reference
    assert content["economies"] == ["AL"]
    assert content["places"] == [["AL", "Elbasan"]]
    assert content["topics"] == ["teacher"]
    assert content["partners"] == [[donor, "donor"], [street, "lead"]]
    assert content["funding"] == [[donor, "budget", "1234.50", "EUR", "", "2025-03-01"]]
    assert (content["start_date"], content["end_date"]) == ("2025-03-01", "2026-02-28")
    assert list_mapped(make_viewer(), "initiative").count() == 2
    assert Organisation.objects.filter(name="Office").count() == 1


def test_a_newer_file_changes_what_differs_and_nothing_else(take):
    take(TABLE, apply=True)

    newer = take(TABLE.replace("Elbasan", "Kukës"), apply=True)

    row = MappingImportRow.objects.get(batch=newer, verdict="changed")
    assert verdicts(newer) == {"changed": 1, "unchanged": 1}
    assert row.fields == [
        {"name": "places", "before": "Albania, Elbasan", "after": "Albania, Kukës"}
    ]
    assert Initiative.objects.for_system("test").get(title="Training of teachers").version == 2


def test_what_both_sides_changed_conflicts_and_is_left_alone(take, editor):
    take(TABLE, apply=True)
    record = Initiative.objects.for_system("test").get(title="Training of teachers")
    services.edit_mapped(
        record=record,
        content={"title": "Teachers trained", "summary": "Written here."},
        base_version=1,
        by=editor,
        at=NOON,
    )

    job = take(TABLE.replace("Training of teachers", "Training for teachers"), apply=True)

    record.refresh_from_db()
    assert verdicts(job) == {"conflicting": 1, "unchanged": 1}
    assert (record.title, record.summary) == ("Teachers trained", "Written here.")


def test_an_import_is_taken_back_whole(take, editor):
    take(TABLE, apply=True)
    before = read_content(Initiative.objects.for_system("test").get(title="Work in prison"))
    names = set(Organisation.objects.values_list("name", flat=True))

    more = TABLE.replace("Prizren", "Gjakova") + "A3;New one;Albania;;Third House;;;;;;\n"
    job = take(more, apply=True)
    assert verdicts(job) == {"new": 1, "changed": 1, "unchanged": 1}
    kept = jobs.undo(job, by=editor, at=NOON)

    assert kept == []
    after = read_content(Initiative.objects.for_system("test").get(title="Work in prison"))
    assert after == before
    assert not list_mapped(make_viewer(), "initiative").filter(title="New one").exists()
    assert verdicts(take(more)) == {"new": 1, "changed": 1, "unchanged": 1}
    assert names <= set(Organisation.objects.values_list("name", flat=True))


def test_what_was_changed_since_stays_when_an_import_is_taken_back(take, editor):
    job = take(TABLE, apply=True)
    record = Initiative.objects.for_system("test").get(title="Work in prison")
    services.edit_mapped(
        record=record, content={"summary": "Mine."}, base_version=1, by=editor, at=NOON
    )

    kept = jobs.undo(job, by=editor, at=NOON)

    record.refresh_from_db()
    assert kept == ["Work in prison: It has been changed since, and stays as it is now."]
    assert (record.state, record.summary) == ("published", "Mine.")


def test_a_stranger_can_neither_change_nor_learn_of_what_is_not_theirs(take, tmp_path):
    other = OrganisationFactory(name="Stranger")
    stranger = make_viewer(organisation=other)
    take(TABLE, apply=True)
    hidden = Initiative.objects.for_system("test").get(title="Work in prison")
    Identifier.objects.filter(record_id=hidden.pk).update(scheme=f"table:{other.reference}")
    visible = Initiative.objects.for_system("test").get(title="Training of teachers")
    Identifier.objects.filter(record_id=visible.pk).update(scheme=f"table:{other.reference}")
    from focal.records.services import set_sharing

    owner = make_viewer(organisation=hidden.owner_organisation)
    set_sharing(record=hidden, marking=Marking.AMBER, releases=(), by=owner, at=NOON)

    job = take(TABLE, by=stranger, organisation=other)

    assert verdicts(job) == {"new": 1, "refused": 1}
    assert MappingImportRow.objects.get(batch=job, verdict="new").title == "Work in prison"


def test_rows_that_lie_are_refused_with_row_column_and_reason(take):
    job = take(
        "id;Title;Country;Budget;Currency;Start;End\n"
        "1;One;Albania;-5;EUR;;\n"
        "2;Two;Albania;5;XXQ;;\n"
        "3;Three;Albania;;;31.31.2025;\n"
        "4;Four;Albania;;;2026;2025\n"
        "5;Five;Atlantis;;;;\n"
        "6;;Albania;;;;\n"
        "1;Again;Albania;;;;\n"
        ";Without;Albania;;;;\n"
        "9;Nine;Albania;#REF!;EUR;;\n"
        "10;Ten;Albania;10;EUR;2025;2026\n",
        apply=True,
    )

    assert verdicts(job) == {"refused": 9, "new": 1}
    assert problems(job) == [
        (2, "Budget", "error"),
        (3, "Currency", "error"),
        (4, "Start", "error"),
        (5, "End", "error"),
        (6, "Country", "error"),
        (7, "Title", "error"),
        (8, "identifier", "error"),
        (9, "identifier", "error"),
        (10, "Budget", "error"),
    ]


def test_rows_of_one_activity_become_one_initiative_with_its_places(take):
    job = take(
        "#org+impl,#activity,#adm2,#country\nWho,What,Where,Country\n".replace(
            "#org+impl,#activity,#adm2,#country\nWho,What,Where,Country\n",
            "Who,What,Where,Country\n#org+impl,#activity,#adm2,#country\n",
        )
        + "House,Work with youth,Kukës,Albania\n"
        "House,Work with youth,Shkodër,Albania\n"
        "House,Something else,Shkodër,Albania\n",
        apply=True,
    )

    assert verdicts(job) == {"new": 2}
    record = Initiative.objects.for_system("test").get(title="Work with youth")
    assert read_content(record)["places"] == [["AL", "Kukës"], ["AL", "Shkodër"]]


def test_a_corrected_mapping_is_remembered_for_the_next_table(take, editor, office):
    table = "Nummer;Was;Wo\n1;Training;Albania\n"
    first = take(table)
    columns = {"Nummer": "identifier", "Was": "title", "Wo": "economy"}
    jobs.correct_columns(
        job=first, headings=("Nummer", "Was", "Wo"), columns=columns, name="Ours", at=NOON
    )
    jobs.check(first, by=editor, at=NOON)

    second = take(table.replace("1;", "2;"))

    assert ColumnMapping.objects.get().columns == columns
    assert verdicts(second) == {"new": 1}
    assert second.mapping_name == "Ours"


def test_a_table_of_one_economy_needs_no_column_for_it(take, editor):
    job = take("id;Title\n1;Training\n")
    assert (job.state, "economy" in job.problem) == ("failed", True)

    jobs.set_constant(job, "economy", "AL")
    jobs.check(job, by=editor, at=NOON)

    assert verdicts(job) == {"new": 1}


def test_merged_headings_belong_to_the_columns_below_them(tmp_path):
    target = tmp_path / "merged.xlsx"
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 0, 1, "Project", book.add_format())
    sheet.merge_range(0, 2, 0, 3, "Dates", book.add_format())
    sheet.write_row(1, 0, ["id", "title", "start", "end"])
    sheet.write_row(2, 0, ["1", "One", "2025", "2026"])
    book.close()

    header = find_header(open_table(target, FileNotes()))

    assert header.columns == ("Project / id", "Project / title", "Dates / start", "Dates / end")
    assert propose_columns(header) == {
        "Project / id": "identifier",
        "Project / title": "title",
        "Dates / start": "start_date",
        "Dates / end": "end_date",
    }


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"", b"PK\x03\x04broken"])
def test_what_is_no_table_says_so_and_nothing_is_lost(take, content):
    job = take(content, name="file.xlsx")

    assert job.state == "failed"
    assert job.problem
    assert not Initiative.objects.for_system("test").exists()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-05-03", date(2026, 5, 3)),
        ("3.5.2026", date(2026, 5, 3)),
        ("03/05/2026", date(2026, 5, 3)),
        ("2026", date(2026, 1, 1)),
        ("May 2026", date(2026, 5, 1)),
        ("", None),
    ],
)
def test_days_are_read_as_they_are_written_here(text, day):
    assert read_day(text) == day


@pytest.mark.parametrize("text", ["31.2.2026", "soon", "3026-01-01", "1.1.0026"])
def test_days_that_cannot_be_right_are_refused(text):
    with pytest.raises(BadInput):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1 234", "1234"),
        ("1.234", "1234"),
        ("1,5", "1.5"),
        ("0.125", "0.12"),
        ("1.234.567", "1234567"),
        (12.5, "12.5"),
    ],
)
def test_amounts_are_read_as_they_are_written_here(text, amount):
    from decimal import Decimal

    assert read_amount(text) == round(Decimal(amount), 2)


# IATI

IATI = """<iati-activities version="2.03"><iati-activity xml:lang="en" default-currency="USD"
 hierarchy="1" last-updated-datetime="2025-11-09T17:20:13Z">
<iati-identifier>XX-1</iati-identifier><reporting-org ref="XX"><narrative>House</narrative></reporting-org>
<title><narrative>Prison work</narrative><narrative xml:lang="sq">Puna në burg</narrative></title>
<description type="1"><narrative>In three prisons.</narrative></description>
<participating-org role="1"><narrative>First Donor</narrative></participating-org>
<activity-status code="2"/>
<activity-date iso-date="2025-01-01" type="2"/><activity-date iso-date="2026-12-31" type="3"/>
<recipient-country code="AL" percentage="40"/><recipient-country code="ME"/>
<recipient-country code="KE" percentage="20"/>
<sector vocabulary="1" code="15137" percentage="100"/>
<budget type="1"><period-start iso-date="2025-01-01"/><value value-date="2025-01-01">1000</value></budget>
<transaction><transaction-type code="2"/><value value-date="2025-02-01" currency="EUR">600</value></transaction>
<transaction><transaction-type code="2"/><value value-date="2025-03-01" currency="EUR">400</value></transaction>
<transaction><transaction-type code="3"/><value value-date="2025-04-01" currency="EUR">-50</value></transaction>
</iati-activity>
<iati-activity hierarchy="2"><iati-identifier>XX-1-1</iati-identifier>
<title><narrative>Prison work: Albania</narrative></title>
<recipient-country code="AL"/><related-activity type="1" ref="XX-1"/></iati-activity>
<iati-activity><iati-identifier>XX-2</iati-identifier><title><narrative>Elsewhere</narrative></title>
<recipient-country code="KE"/></iati-activity></iati-activities>"""

OLD_IATI = """<iati-activities version="1.01"><iati-activity default-currency="GBP">
<iati-identifier>GB-1-1</iati-identifier><title xml:lang="EN">Rule of law</title>
<title xml:lang="sq">Sundimi i ligjit</title>
<description>Support to the police.</description>
<recipient-region code="89">Kosovo</recipient-region>
<activity-status code="2">Implementation</activity-status>
<activity-date type="start-planned" iso-date="2009-01-01Z">2009-01-01Z</activity-date>
<participating-org role="Funding">First Donor</participating-org>
<participating-org role="Implementing">House</participating-org>
<transaction><transaction-type code="C"/><value value-date="2009-05-01">5000</value></transaction>
</iati-activity></iati-activities>"""


def test_iati_comes_in_with_languages_shares_money_and_hierarchy(take):
    job = take(IATI, name="file.xml", apply=True)

    assert job.format == "iati"
    assert verdicts(job) == {"new": 2, "refused": 1}
    whole = Initiative.objects.for_system("test").get(title="Prison work")
    part = Initiative.objects.for_system("test").get(title="Prison work: Albania")
    content = read_content(whole)
    donor = Organisation.objects.get(name="First Donor").reference
    assert part.parent_id == whole.pk
    assert content["economy_shares"] == [["", "20"], ["AL", "40"], ["ME", "40"]]
    assert content["topics"] == ["prison"]
    assert content["funding"] == [
        [donor, "budget", "1000.00", "USD", "", "2025-01-01"],
        [donor, "committed", "1000.00", "EUR", "", "2025-03-01"],
    ]
    assert Translation.objects.get(record_id=whole.pk).title == "Puna në burg"
    assert whole.last_confirmed_date == date(2025, 11, 9)
    assert problems(job) == [
        (1, "value", "warning"),
        (3, "recipient-country", "error"),
    ]


def test_iati_comes_in_once_however_often_it_is_brought(take):
    take(IATI, name="file.xml", apply=True)

    again = take(IATI, name="file.xml", apply=True)

    assert verdicts(again) == {"unchanged": 2, "refused": 1}
    assert Initiative.objects.for_system("test").count() == 2
    assert InitiativeFunding.objects.count() == 2


def test_old_iati_says_the_same_in_text(take):
    take(OLD_IATI, name="file.xml", apply=True)

    record = Initiative.objects.for_system("test").get()
    content = read_content(record)
    assert (record.title, record.status) == ("Rule of law", "running")
    assert content["economies"] == ["XK"]
    assert content["start_date"] == "2009-01-01"
    assert sorted(role for _reference, role in content["partners"]) == ["donor", "implementer"]
    assert content["funding"][0][1:4] == ["committed", "5000.00", "GBP"]


def test_iati_that_breaks_off_keeps_what_stood_before(take):
    job = take(IATI[: IATI.index("<iati-activity><iati-identifier>XX-2")], name="f.xml", apply=True)

    assert verdicts(job) == {"new": 2}
    assert job.notes[0].startswith("The file is broken after activity 2")


def test_iati_reads_no_other_file(take, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("quiet heron")
    evil = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>' + IATI.replace(
        "Prison work</narrative>", "Prison &e; work</narrative>", 1
    )

    take(evil, name="file.xml", apply=True)

    titles = list(Initiative.objects.for_system("test").values_list("title", flat=True))
    assert not any("heron" in title for title in titles)


# The template


def make_one(editor, office, kind="initiative", **content):
    return services.create_mapped(
        kind=kind,
        content={"title": "Training of teachers", "language": "en", "economies": ["AL"], **content},
        owner_organisation=office,
        by=editor,
        at=NOON,
        confirmed=date(2025, 1, 1),
        publish=True,
    )


def edit_template(content, changes):
    """The template with cells changed, as a spreadsheet program would write it."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    target = io.BytesIO()
    written = xlsxwriter.Workbook(target, {"in_memory": True})
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        keys = rows[0] if rows else []
        for (sheet, row, field), value in changes.items():
            if sheet == name:
                while len(rows) < row:
                    rows.append([""] * len(keys))
                rows[row - 1][keys.index(field)] = value
        sheet = written.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    written.close()
    return target.getvalue()


WHOLE = {
    "status": "running",
    "topics": ["teacher"],
    "target_groups": ["teachers"],
    "start_date": "2025-01-01",
    "places": [["AL", "Elbasan"]],
    "partners": [["officeofficeof", "lead"]],
    "funding": [
        ["officeofficeof", "budget", "1234.50", "EUR", "", "2025-03-01"],
        ["", "spent", "", "", "to_50k", ""],
    ],
}


def test_template_comes_back_as_it_went_without_an_event(take, editor, office):
    make_one(editor, office, **WHOLE)
    make_one(editor, office, "need", title="A need", priority="high")
    made = write_template(viewer=editor, organisation=office, language="en", at=NOON)

    job = take(made, name="t.xlsx")

    assert job.format == "sheet"
    assert (verdicts(job), problems(job)) == ({"unchanged": 2}, [])


def test_template_brings_changes_new_rows_and_confirmations(take, editor, office):
    one = make_one(editor, office, **WHOLE)
    need = make_one(editor, office, "need", title="A need")
    made = write_template(viewer=editor, organisation=office, language="en", at=NOON)

    changed = edit_template(
        made,
        {
            ("Initiatives", 3, "title"): "Training of more teachers",
            ("Initiatives", 3, "money"): "2000 EUR Second Donor",
            ("Initiatives", 4, "title"): "A new one",
            ("Initiatives", 4, "economies"): "Albania; Montenegro",
            ("Needs", 3, "still_true"): "yes",
        },
    )
    job = take(changed, name="t.xlsx", apply=True)

    one.refresh_from_db()
    donor = Organisation.objects.get(name="Second Donor").reference
    assert verdicts(job) == {"new": 1, "changed": 2}
    assert one.title == "Training of more teachers"
    assert read_content(one)["funding"] == [[donor, "budget", "2000.00", "EUR", "", ""]]
    new = Initiative.objects.for_system("test").get(title="A new one")
    assert read_content(new)["economies"] == ["AL", "ME"]
    need = Need.objects.for_system("test").get(pk=need.pk)
    assert need.last_confirmed_date > date(2025, 1, 1)


def test_template_tells_errors_and_conflicts_beside_their_cells(take, editor, office):
    one = make_one(editor, office, **WHOLE)
    two = make_one(editor, office, title="Two")
    made = write_template(viewer=editor, organisation=office, language="en", at=NOON)
    services.edit_mapped(
        record=two, content={"title": "Two, here"}, base_version=1, by=editor, at=NOON
    )
    changed = edit_template(
        made,
        {
            ("Initiatives", 3, "money"): "much",
            ("Initiatives", 3, "economies"): "Atlantis",
            ("Initiatives", 4, "title"): "Two, there",
        },
    )

    job = take(changed, name="t.xlsx", apply=True)

    assert verdicts(job) == {"refused": 1, "conflicting": 1}
    assert problems(job) == [
        (3, "economies", "error"),
        (3, "money", "error"),
        (4, "title", "warning"),
    ]
    one.refresh_from_db()
    assert one.version == 1
    sheet = write_errors(MappingImportRow.objects.filter(batch=job).order_by("pk"), name="Errors")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()
    assert [[*row[:2], row[4]] for row in rows[1:]] == [
        ["Initiatives", 3.0, "economies"],
        ["Initiatives", 3.0, "money"],
        ["Initiatives", 4.0, "title"],
    ]


def test_template_holds_only_what_its_taker_may_see_and_no_formulas(editor, office):
    make_one(editor, office, title="=1+1")
    red = make_one(editor, office, title="Quiet heron")
    from focal.records.services import set_sharing

    set_sharing(record=red, marking=Marking.RED, releases=(), by=editor, at=NOON)
    colleague = make_viewer(organisation=office)

    made = write_template(viewer=colleague, organisation=office, language="en", at=NOON)

    rows = CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python()
    assert [row[2] for row in rows[2:] if row[2]] == ["=1+1"]


# The command


def test_command_says_what_happened_and_a_dry_run_changes_nothing(take, office, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(TABLE + "A3;;Albania;;;;;;;;\n")

    def run(*more):
        done = CliRunner().invoke(
            import_initiatives, [str(path), "--organisation", "OFF", "--json", *more]
        )
        told = json.loads(done.output)
        return (
            done.exit_code,
            {key: len(told[key]) for key in ("new", "unchanged", "refused")},
            told,
        )

    dry = run("--dry-run")
    assert dry[:2] == (2, {"new": 2, "unchanged": 0, "refused": 1})
    assert not Initiative.objects.for_system("test").exists()
    assert not MappingImport.objects.exists()
    assert run()[1] == {"new": 2, "unchanged": 0, "refused": 1}
    again = run("--format", "table")
    assert again[1] == {"new": 0, "unchanged": 2, "refused": 1}
    assert again[2]["refused"][0]["problems"] == [
        {"row": 4, "column": "Title", "reason": "It has no title.", "level": "error"}
    ]
