"""What was changed on both sides: decided by a person, row by row, field by field."""

import pytest
from django.urls import reverse

from focal.directory.models import Organisation
from focal.kernel.errors import BadInput, Refused
from focal.mapping import services
from focal.mapping.importing import deciding, jobs
from focal.mapping.models import Initiative, MappingImportRow
from focal.records.content import read_content
from tests.factories import NOON, MembershipFactory, PersonFactory, make_viewer
from tests.mapping.importing import verdicts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_words")]
TABLE = """id;Title;Country;Lead;Summary;Start
A1;Training of teachers;Albania;Office;As it was;1.3.2025
A2;Work in prison;Kosovo;Office;As it was;1.3.2025
"""
NEWER = (
    TABLE.replace("Training of teachers", "Training for teachers")
    .replace("Work in prison", "Work in prisons")
    .replace("As it was;1.3.2025", "From the file;1.4.2025")
)


def find(number):
    titles = {1: "teachers", 2: "prison"}
    return Initiative.objects.for_system("test").get(title__contains=titles[number])


@pytest.fixture
def clash(take, editor):
    """Both records changed here (title, and the first one's summary), and both in the file."""
    take(TABLE, apply=True)
    mine = (
        {"title": "My teachers", "summary": "From here"},
        {"title": "My prison"},
    )
    for number, content in enumerate(mine, start=1):
        services.edit_mapped(
            record=find(number), content=content, base_version=1, by=editor, at=NOON
        )
    return take(NEWER)


def rows(job):
    return list(MappingImportRow.objects.filter(batch=job).order_by("row"))


def apply(job, by):
    jobs.apply(job, by=by, at=NOON)
    job.refresh_from_db()


def tell(record):
    record.refresh_from_db()
    return record.title, record.summary, record.start_date.isoformat()


def test_preview_says_which_fields_both_sides_changed(clash):
    told = [(f["name"], "conflict" in f, f["before"], f["after"]) for f in rows(clash)[0].fields]

    assert verdicts(clash) == {"conflicting": 2}
    assert told == [
        ("title", True, "My teachers", "Training for teachers"),
        ("summary", True, "From here", "From the file"),
        ("start_date", False, "2025-03-01", "2025-04-01"),
    ]


def test_each_row_is_decided_by_itself_and_field_by_field(clash, editor):
    first, second = rows(clash)
    deciding.decide_row(job=clash, key=first.pk, decision="fields", taken=["summary", "start_date"])
    deciding.decide_row(job=clash, key=second.pk, decision="file")

    apply(clash, editor)

    assert tell(find(1)) == ("My teachers", "From the file", "2025-04-01")
    assert tell(find(2)) == ("Work in prisons", "From the file", "2025-04-01")
    assert all(row.is_done for row in rows(clash))


def test_what_nobody_decided_stays_and_can_be_decided_after_applying(clash, editor):
    first, second = rows(clash)
    deciding.decide_row(job=clash, key=first.pk, decision="here")
    apply(clash, editor)
    assert tell(find(2)) == ("My prison", "As it was", "2025-03-01")

    deciding.decide_row(job=clash, key=second.pk, decision="file")
    apply(clash, editor)

    assert tell(find(1)) == ("My teachers", "From here", "2025-03-01")
    assert tell(find(2)) == ("Work in prisons", "From the file", "2025-04-01")


def test_what_was_declined_is_not_asked_again_until_the_file_says_something_else(
    clash, take, editor
):
    deciding.decide_rest(job=clash, decision="here")
    apply(clash, editor)

    again = take(NEWER)
    other_row = take(NEWER + "A3;Third;Albania;Office;;\n")
    newer = take(NEWER.replace("Training for teachers", "Training with teachers"))

    assert verdicts(again) == {"unchanged": 2}
    assert verdicts(other_row) == {"unchanged": 2, "new": 1}
    assert verdicts(newer) == {"conflicting": 1, "unchanged": 1}
    assert [field["name"] for field in rows(newer)[0].fields] == ["title"]


def test_taking_it_back_undoes_decisions_too(clash, take, editor):
    first, second = rows(clash)
    deciding.decide_row(job=clash, key=first.pk, decision="fields", taken=["title"])
    deciding.decide_row(job=clash, key=second.pk, decision="here")
    apply(clash, editor)

    kept = jobs.undo(clash, by=editor, at=NOON)

    assert kept == []
    assert tell(find(1)) == ("My teachers", "From here", "2025-03-01")
    assert find(2).version == 2


def test_change_between_preview_and_applying_is_not_written_over(take, editor):
    take(TABLE, apply=True)
    job = take(NEWER)
    assert verdicts(job) == {"changed": 2}
    services.edit_mapped(
        record=find(1), content={"title": "Just now teachers"}, base_version=1, by=editor, at=NOON
    )

    apply(job, editor)

    assert tell(find(1)) == ("Just now teachers", "As it was", "2025-03-01")
    assert tell(find(2))[0] == "Work in prisons"
    assert verdicts(job) == {"changed": 1, "conflicting": 1}
    row = rows(job)[0]
    assert row.problems[-1]["reason"] == "It was changed here after the file was read."
    assert row.fields[0]["before"] == "Just now teachers"
    deciding.decide_row(job=job, key=row.pk, decision="file")
    apply(job, editor)
    assert tell(find(1))[0] == "Training for teachers"


def test_organisation_of_a_declined_field_is_not_made(take, editor):
    take(TABLE, apply=True)
    services.edit_mapped(
        record=find(1), content={"title": "My teachers", "partners": []}, base_version=1,
        by=editor, at=NOON,
    )  # fmt: skip
    job = take(NEWER.replace("Albania;Office", "Albania;House of nowhere"))
    deciding.decide_row(job=job, key=rows(job)[0].pk, decision="fields", taken=["title"])

    apply(job, editor)

    assert find(1).title == "Training for teachers"
    assert read_content(find(1))["partners"] == []
    assert not Organisation.objects.filter(name="House of nowhere").exists()


def test_decisions_that_cannot_be_are_refused(clash, take, editor):
    key = rows(clash)[0].pk
    with pytest.raises(BadInput, match="not one of the choices"):
        deciding.decide_row(job=clash, key=key, decision="theirs")
    with pytest.raises(BadInput, match="owner"):
        deciding.decide_row(job=clash, key=key, decision="fields", taken=["owner"])
    with pytest.raises(Refused, match="nothing to decide"):
        deciding.decide_row(job=take(TABLE), key=key, decision="file")


def test_page_takes_decisions_and_nobody_else_finds_it(client, take, office, editor):
    person = MembershipFactory(organisation=office, person=PersonFactory()).person
    viewer = make_viewer(person)
    take(TABLE, apply=True)
    services.edit_mapped(
        record=find(1), content={"title": "My teachers"}, base_version=1, by=editor, at=NOON
    )
    job = take(NEWER, by=viewer)
    row = next(row for row in rows(job) if row.verdict == "conflicting")
    page = reverse("mapping:import_job", args=[job.reference])
    url = reverse("mapping:import_decide", args=[job.reference])

    client.force_login(MembershipFactory(person=PersonFactory()).person)
    assert client.post(url, {"row": row.pk, "decision": "file"}).status_code == 404
    client.force_login(person)
    shown = client.get(page).content.decode()
    given = {"row": row.pk, "decision": "fields", "field-title": "here", "field-summary": "file"}
    answer = client.post(url, given)

    row.refresh_from_db()
    assert (row.decision, row.taken) == ("fields", ["summary"])
    assert answer.url == f"{page}?verdict=conflicting&page=1#row-{row.pk}"
    assert "changed on both sides" in shown
    assert "Training for teachers" in shown
