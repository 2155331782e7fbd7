"""Files that lie: each lie has its sentence, told with row and column; nothing else is lost."""

import io
import zipfile
from datetime import date

import pytest
import xlsxwriter

from focal.mapping.coverage.axes import Axis, Row
from focal.mapping.coverage.cube import make_empty, renew
from focal.mapping.coverage.loading import load_facts
from focal.mapping.coverage.matrix import Filters, Period, count
from focal.mapping.importing import tables
from focal.mapping.models import Initiative, MappingImportRow
from focal.records.content import read_content
from tests.factories import OrganisationFactory
from tests.mapping.importing import verdicts
from tests.mapping.test_importing import IATI

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_words")]
STORED = Initiative.objects.for_system
HEAD = "id;Title;Country;Lead;Budget;Currency;Start;End"
GOOD = "G;A good one;Albania;Office;100;EUR;2025;2026"


def told(job):
    rows = MappingImportRow.objects.filter(batch=job).order_by("row")
    return [(p["row"], p["column"], p["level"], p["reason"]) for row in rows for p in row.problems]


def titles():
    return sorted(STORED("test").values_list("title", flat=True))


@pytest.mark.parametrize(
    ("line", "column", "sentence"),
    [
        ("1;One;Albania;;;;31.31.2025;", "Start", "'31.31.2025' is not a day that can be right."),
        ("1;One;Albania;;;;soon;", "Start", "'soon' is not a day that can be right."),
        ("1;One;Albania;;;;;3026-01-01", "End", "'3026-01-01' is not a day that can be right."),
        ("1;One;Albania;;;;2026;2025", "End",
         "It ends (2025-01-01) before it starts (2026-01-01)."),
        ("1;One;Albania;;-5;EUR;;", "Budget", "An amount cannot be below zero (-5)."),
        ("1;One;Albania;;much;EUR;;", "Budget", "'much' is not an amount of money."),
        ("1;One;Albania;;5;XXQ;;", "Currency",
         "'XXQ' is not a currency. Use its three letters, such as EUR or RSD."),
        ("1;One;Albania;;5;;;", "Budget", "Say in which currency the amount is."),
        ("1;One;Atlantis;;;;;", "Country", "'Atlantis' is not an economy of the region."),
        ("1;;Albania;;;;;", "Title", "It has no title."),
        (";One;Albania;;;;;", "identifier", "It has no identifier: it could come in twice."),
        ("G;One;Albania;;;;;", "identifier", "It is the same as row 2."),
        ("1;One;Albania;;#REF!;EUR;;", "Budget", "Its formula failed: #REF!."),
    ],
)  # fmt: skip
def test_row_that_lies_is_refused_with_its_sentence_and_the_others_come_in(
    take, line, column, sentence
):
    job = take(f"{HEAD}\n{GOOD}\n{line}\n", apply=True)

    assert told(job) == [(3, column, "error", sentence)]
    assert verdicts(job) == {"new": 1, "refused": 1}
    assert titles() == ["A good one"]


def change(old, new):
    assert old in IATI
    return IATI.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "column", "sentence"),
    [
        (change('percentage="40"', 'percentage="130"'), "recipient-country",
         "'130' is not a share between 0 and 100 %; it is left out."),
        (change('percentage="20"', 'percentage="95"'), "recipient-country",
         "The shares make 135 % together; they are scaled to 100 %."),
        (change('iso-date="2026-12-31"', 'iso-date="2020-12-31"'), "activity-date",
         "It ends (2020-12-31) before it starts (2025-01-01); the end is left out."),
        (change('iso-date="2025-01-01" type="2"', 'iso-date="2025-13-01" type="2"'),
         "activity-date", "'2025-13-01' is not a date; it is left out."),
        (change('iso-date="2025-01-01" type="2"', 'iso-date="0205-01-01" type="2"'),
         "activity-date", "'0205-01-01' cannot be right; it is left out."),
        (change('default-currency="USD"', 'default-currency="ZZZ"'), "value",
         "'ZZZ' is not a currency; the amount is left out."),
        (change('default-currency="USD"', ""), "value",
         "An amount has no currency; it is left out."),
        (change(">1000<", ">a lot<"), "value", "'a lot' is not an amount; it is left out."),
    ],
)  # fmt: skip
def test_activity_that_lies_comes_in_without_the_lie_and_says_so(take, text, column, sentence):
    job = take(text, name="file.xml", apply=True)

    assert (1, column, "warning", sentence) in told(job)
    assert verdicts(job) == {"new": 2, "refused": 1}
    assert titles() == ["Prison work", "Prison work: Albania"]


def test_spending_below_zero_is_left_out_and_told(take):
    job = take(IATI, name="file.xml", apply=True)

    assert told(job)[0] == (
        1, "value", "warning", "spent of 2025 is below zero (-50); it is left out.",
    )  # fmt: skip
    record = STORED("test").get(title="Prison work")
    assert [row[1] for row in read_content(record)["funding"]] == ["budget", "committed"]


def test_letters_of_two_alphabets_in_one_name_are_read_as_one(take):
    OrganisationFactory(name="Beograd centar")

    job = take(f"{HEAD}\n1;One;Albania;Beоgrad centar;;;;\n", apply=True)

    assert told(job) == [
        (2, "Lead", "warning",
         "'Beоgrad centar' mixes Latin, Cyrillic or Greek letters; read in one alphabet."),
    ]  # fmt: skip
    assert [str(each) for each in STORED("test").get().organisations.all()] == ["Beograd centar"]


def test_old_code_page_is_named(take):
    text = "id;Τίτλος;Χώρα\n1;Εκπαίδευση εκπαιδευτικών για την πρόληψη;Μαυροβούνιο\n"

    job = take(text.encode("cp1253"), apply=True)

    assert job.notes == ["It is read as cp1253. Look whether its letters are right."]
    assert titles() == ["Εκπαίδευση εκπαιδευτικών για την πρόληψη"]


def test_two_million_rows_are_refused_before_they_are_read(take, monkeypatch):
    monkeypatch.setattr(tables, "_count_lines", lambda path: 2_000_000)

    job = take(f"{HEAD}\n{GOOD}\n")

    assert (job.state, job.problem) == (
        "failed", "It has 2000000 rows; at most 100000 can be read at once. Divide it.",
    )  # fmt: skip
    assert not MappingImportRow.objects.exists()


def write_book(*, with_macros):
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["id", "Title", "Country"])
    sheet.write_row(1, 0, ["1", "", "Albania"])
    sheet.write_formula(1, 1, '="A " & "title"', None, "A title")
    book.close()
    if with_macros:
        with zipfile.ZipFile(target, "a") as archive:
            archive.writestr("xl/vbaProject.bin", b"macro")
    return target.getvalue()


FORMULAS = "One cell holds a formula. What counts is the value it had when it was saved."
MACROS = "It holds macros. They are not run and not looked at."


@pytest.mark.parametrize(
    ("with_macros", "notes"), [(False, [FORMULAS]), (True, [MACROS, FORMULAS])]
)
def test_formulas_and_macros_are_told_and_values_taken(take, with_macros, notes):
    job = take(write_book(with_macros=with_macros), name="book.xlsm", apply=True)

    assert job.notes == notes
    assert titles() == ["A title"]


def test_spreadsheet_that_unpacks_to_too_much_is_refused(take, monkeypatch):
    monkeypatch.setattr(tables, "MOST_UNPACKED", 1024)

    job = take(write_book(with_macros=False), name="book.xlsx")

    assert job.state == "failed"
    assert job.problem.startswith("Unpacked, this spreadsheet is larger than")


# Hierarchies, in the newer and in the older standard

OLDER = """<iati-activities version="1.01" xmlns:ir="http://example.org/registry">
<iati-activity default-currency="GBP" hierarchy="1"><ir:registry-record xmlns:ir="x" file-id="y"/>
<iati-identifier>GB-1</iati-identifier><title>Rule of law</title>
<recipient-region code="89">Kosovo</recipient-region>
<activity-date type="start-planned" iso-date="2009-01-01Z"/>
<activity-date type="end-planned" iso-date="2009-12-31Z"/>
<related-activity type="2" ref="GB-1-1"/><sector vocabulary="DAC" code="15137"/>
<transaction><transaction-type code="C"/><value value-date="2009-05-01">5000</value></transaction>
</iati-activity>
<iati-activity default-currency="GBP" hierarchy="2"><iati-identifier>GB-1-1</iati-identifier>
<title>Rule of law</title><recipient-region code="89">Kosovo</recipient-region>
<activity-date type="start-planned" iso-date="2009-01-01Z"/>
<activity-date type="end-planned" iso-date="2009-12-31Z"/>
<related-activity type="1" ref="GB-1"/><sector vocabulary="DAC" code="15137"/>
<transaction><transaction-type code="C"/><value value-date="2009-05-01">5000</value></transaction>
</iati-activity></iati-activities>"""
NEWER = (
    OLDER.replace("1.01", "2.03")
    .replace("<title>Rule of law</title>", "<title><narrative>Rule of law</narrative></title>")
    .replace('region code="89">Kosovo</recipient-region>', 'country code="XK"/>')
    .replace("start-planned", "1").replace("end-planned", "3").replace('code="C"', 'code="2"')
)  # fmt: skip


@pytest.mark.parametrize("text", [OLDER, NEWER], ids=["1.01", "2.03"])
def test_whole_and_part_of_the_same_name_are_two_records_and_their_money_counts_once(take, text):
    """As a publisher's file has it: both state the whole amount, under one title."""
    for expected in ({"new": 2}, {"unchanged": 2}):
        assert verdicts(take(text, name="file.xml", apply=True)) == expected

    whole, part = STORED("test").order_by("pk")
    facts = load_facts([whole.reference, part.reference])
    assert part.parent_id == whole.pk
    assert (whole.title, part.title) == ("Rule of law", "Rule of law")
    assert len({round(fact.euro, 2) for fact in facts}) == 1
    assert count_money(facts) == pytest.approx(facts[0].euro)


def count_money(facts):
    cube = renew(make_empty("test"), facts, [], 1)
    matrix = count(
        cube,
        cube.get_visible(["public"], []),
        Axis("topic", (Row("prison", "prison", "", "Prison", 0, ()),)),
        Filters(Period.of_years(2009, 2009), date(2010, 1, 1)),
        economies=("XK",),
        rows=(0,),
    )
    return matrix.total.euro
