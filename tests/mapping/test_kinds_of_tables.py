"""Tables of needs and of responses come in as what they are."""

import pytest

from focal.kernel.errors import BadInput
from focal.mapping.importing import jobs
from focal.mapping.importing.columns import Header, propose_columns, propose_kind
from focal.mapping.importing.sheet import write_template
from focal.mapping.models import ColumnMapping, Initiative, MappingImportRow, Need, Response
from focal.records.content import read_content
from tests.factories import NOON
from tests.mapping.importing import problems, verdicts
from tests.mapping.test_importing import edit_template

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_words")]
NEEDS = """id;Need;Country;Topic;Priority;Kind of need;Cycle;Status;Donor
N1;Training of judges;Albania;Prison;High;Legislative;2026-2027;open;First Donor
N2;Another law;Kosovo;Prison;висок;ligjore;2026-2027;partially met;
"""
RESPONSES = """id;Title;Country;Type of response;Status;Start
R1;Law on prevention;Albania;Law;in force;2024
R2;National strategy;Montenegro;Strategy;usvojen;1.2.2025
"""


def test_table_of_needs_comes_in_as_needs_and_once(take):
    job = take(NEEDS, apply=True)
    again = take(NEEDS)

    first, second = (Need.objects.for_system("test").get(title__startswith=t) for t in "TA")
    assert (verdicts(job), verdicts(again)) == ({"new": 2}, {"unchanged": 2})
    assert (first.need_type, first.priority, first.status, first.cycle) == (
        "legislative", "high", "open", "2026-2027",
    )  # fmt: skip
    assert (second.need_type, second.priority, second.status) == (
        "legislative", "high", "partly_met",
    )  # fmt: skip
    assert read_content(first)["economies"] == ["AL"]
    assert read_content(first)["topics"] == ["prison"]
    assert job.notes == ["Needs have no field for: Donor. These columns are left out."]
    assert not Initiative.objects.for_system("test").exists()


def test_table_of_responses_comes_in_as_responses_and_once(take):
    job = take(RESPONSES, apply=True)

    told = {
        r.title: (r.response_type, r.status, r.start_date.isoformat())
        for r in Response.objects.for_system("test")
    }
    assert verdicts(job) == {"new": 2}
    assert told == {
        "Law on prevention": ("law", "running", "2024-01-01"),
        "National strategy": ("strategy", "adopted", "2025-02-01"),
    }
    assert verdicts(take(RESPONSES)) == {"unchanged": 2}


def test_kind_can_be_said_and_is_remembered_with_the_columns(take, editor, office):
    table = "Nr;Title;Country\n1;Training;Albania\n"
    first = take(table)
    assert MappingImportRow.objects.get(batch=first).kind == "initiative"
    headings = ("Nr", "Title", "Country")
    columns = {"Nr": "identifier", "Title": "title", "Country": "economy", "=kind": "need"}
    jobs.correct_columns(job=first, headings=headings, columns=columns, name="Ours", at=NOON)

    second = take(table, apply=True)

    assert ColumnMapping.objects.get().columns == columns
    assert Need.objects.for_system("test").get().title == "Training"
    assert verdicts(second) == {"new": 1}


def test_same_number_in_two_lists_is_two_entries(take):
    take("id;Title;Country\n1;Training;Albania\n", apply=True)

    job = take("id;Title;Country\n1;Lack of training;Albania\n", kind="need", apply=True)

    assert verdicts(job) == {"new": 1}
    assert Initiative.objects.for_system("test").get().title == "Training"
    assert Need.objects.for_system("test").get().title == "Lack of training"


def test_needs_without_names_and_numbers_are_known_by_what_they_say(take):
    table = "Topic;Country;Priority\nPrison;Albania;high\nPrison;Kosovo;low\n"

    job = take(table, kind="need", apply=True)

    told = {(n.title, *read_content(n)["economies"]) for n in Need.objects.for_system("test")}
    assert verdicts(job) == {"new": 2}
    assert told == {("Prison", "AL"), ("Prison", "XK")}
    assert verdicts(take(table, kind="need")) == {"unchanged": 2}


def test_what_is_none_of_the_choices_is_told(take):
    job = take("id;Need;Country;Priority\n1;One;Albania;enormous\n", apply=True)

    row = MappingImportRow.objects.get(batch=job)
    assert problems(job) == [(2, "Priority", "warning")]
    assert row.problems[0]["reason"] == "'enormous' is not one of the choices; it is left out."
    assert Need.objects.for_system("test").get().priority == "medium"


def test_table_of_needs_has_to_say_what_for(take):
    job = take("id;Country;Priority\n1;Albania;high\n", kind="need")

    assert job.state == "failed"
    assert job.problem == (
        "No column is known as title, topic or measure. Say which column holds what."
    )


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        (("id", "Need", "Country"), "need"),
        (("Nr", "Nevoja", "Shteti", "Prioriteti"), "need"),
        (("id", "Title", "Country", "Priority"), "need"),
        (("Закон", "Држава"), "response"),
        (("id", "Title", "Country", "Kind of response"), "response"),
        (("id", "Title", "Country", "Donor"), "initiative"),
        (("Organisation", "Sector", "District"), "initiative"),
    ],
)
def test_headings_tell_what_the_rows_are(headings, kind):
    assert propose_kind(propose_columns(Header(headings, (), 2))) == kind


def test_template_of_one_kind_holds_that_sheet_alone_and_comes_back(take, editor, office):
    made = write_template(
        viewer=editor, organisation=office, language="en", at=NOON, kinds=("need",)
    )

    job = take(
        edit_template(
            made, {("Needs", 3, "title"): "A need", ("Needs", 3, "economies"): "Albania"}
        ),
        name="t.xlsx",
        apply=True,
    )

    assert verdicts(job) == {"new": 1}
    assert Need.objects.for_system("test").get().title == "A need"
    with pytest.raises(BadInput):
        write_template(viewer=editor, organisation=office, language="en", at=NOON, kinds=("x",))
