"""A find stops publishing and every change that readers would see; a reason lets it go on."""

import json
import random

import pytest
from click.testing import CliRunner
from django.test import Client

from bench.identities import make_jmbg
from focal.audit.models import Entry as LogEntry
from focal.kernel.errors import BadInput
from focal.records import attachments, persons, services
from focal.records.cli_persons import check_persons
from focal.records.importing import collect, import_documents
from focal.records.models import Attachment, NotPersons, Record, State, Translation
from tests.factories import NOON, OrganisationFactory, PersonFactory, make_record, make_viewer
from tests.records.documents import files

pytestmark = pytest.mark.django_db
NUMBER = make_jmbg(random.Random(11))
OTHER = make_jmbg(random.Random(12))
TEXT = f"Marko Marković, JMBG {NUMBER}, came back."
WHY = "The number of a decree."


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"


@pytest.fixture
def organisation():
    return OrganisationFactory()


@pytest.fixture
def editor(organisation):
    return make_viewer(PersonFactory(full_name="Ana"), organisation=organisation)


def make(editor, organisation, state="draft", **content):
    return make_record(by=editor, organisation=organisation, state=state, **content)


def publish(record, editor, **more):
    return services.take_step(record=record, step="publish", by=editor, at=NOON, **more)


def add_document(record, editor, tmp_path, *lines, **more):
    path = files.make_pdf(
        tmp_path / "list.pdf", [[(12, files.ENGLISH[:60])], [(12, t) for t in lines]]
    )
    with attachments.read_document([path.read_bytes()], file_name=path.name) as document:
        return attachments.add_attachment(
            record=record, document=document, by=editor, at=NOON, **more
        )


def log():
    return list(LogEntry.objects.filter(action="record.not_persons").order_by("number"))


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("title", TEXT, "Title"),
        ("summary", TEXT, "Summary"),
        ("body", f"<p>Marko, JMBG {NUMBER[:7]}<strong>{NUMBER[7:]}</strong></p>", "Text"),
        ("sources", [["A list", "", TEXT]], "Sources"),
        ("authors", f"JMBG {NUMBER}", "Authors"),
    ],
)
def test_a_find_in_a_text_stops_publishing_and_says_where(
    editor, organisation, field, value, where
):
    record = make(editor, organisation, **{field: value})

    with pytest.raises(persons.HoldsPersons) as caught:
        publish(record, editor)

    assert [(place.name, place.find.kind) for place in caught.value.places] == [(where, "jmbg")]
    assert NUMBER not in str(caught.value)
    assert Record._base_manager.get().state == State.DRAFT
    assert log() == []


def test_finds_in_translations_and_documents_stop_it_too(editor, organisation, tmp_path):
    record = make(editor, organisation)
    services.save_translation(
        record=record, language="mk", title="Наслов", summary=TEXT, body="", by=editor, at=NOON
    )
    document = add_document(record, editor, tmp_path, f"Marko, JMBG {NUMBER}")

    with pytest.raises(persons.HoldsPersons) as caught:
        publish(record, editor)

    translated, paged = caught.value.places
    assert translated.name.startswith("Translation")
    assert (paged.name, paged.page) == (document.title, 2)
    assert paged.address == f"/documents/{document.reference}/pages/2/"


def test_a_reason_lets_it_go_on_and_is_logged_without_the_number(editor, organisation, tmp_path):
    record = make(editor, organisation, summary=TEXT)
    add_document(record, editor, tmp_path, f"Marko, JMBG {OTHER}")

    publish(record, editor, not_persons=WHY)

    assert Record._base_manager.get().state == State.PUBLISHED
    (entry,) = log()
    assert entry.detail["reason"] == WHY
    assert [(find["kind"], find["page"]) for find in entry.detail["finds"]] == [
        ("jmbg", 0),
        ("jmbg", 2),
    ]
    kept = json.dumps([each.detail for each in LogEntry.objects.all()]) + repr(
        list(NotPersons.objects.values())
    )
    assert NUMBER[:7] not in kept
    assert OTHER[:7] not in kept


def test_the_reason_may_not_hold_the_number_itself(editor, organisation):
    record = make(editor, organisation, summary=TEXT)

    with pytest.raises(BadInput, match="holds such a number itself"):
        publish(record, editor, not_persons=f"{NUMBER} is a decree")

    assert log() == []


def test_what_was_explained_is_not_asked_again_and_what_is_new_is(editor, organisation):
    record = make(editor, organisation, summary=TEXT)
    record = publish(record, editor, not_persons=WHY)
    record = services.take_step(record=record, step="archive", by=editor, at=NOON)
    record = publish(record, editor)

    with pytest.raises(persons.HoldsPersons) as caught:
        services.edit_record(
            record=record,
            content={"summary": f"{TEXT} JMBG {OTHER}"},
            base_version=record.version,
            by=editor,
            at=NOON,
        )

    assert len(caught.value.places) == 1


def test_changes_of_what_is_out_are_stopped_and_kept_out(editor, organisation, tmp_path):
    record = make(editor, organisation, state="published")
    common = {"record": record, "by": editor, "at": NOON}

    with pytest.raises(persons.HoldsPersons):
        services.edit_record(content={"title": TEXT}, base_version=1, **common)
    with pytest.raises(persons.HoldsPersons):
        services.save_translation(language="mk", title="Т", summary="", body=TEXT, **common)
    with pytest.raises(persons.HoldsPersons):
        add_document(record, editor, tmp_path, f"Marko, JMBG {NUMBER}")

    assert Record._base_manager.get().title == "A title"
    assert not Translation.objects.exists()
    assert not Attachment.objects.exists()
    assert log() == []


def test_drafts_may_be_written_and_saved(editor, organisation):
    record = make(editor, organisation, summary=TEXT)

    saved = services.edit_record(
        record=record, content={"title": TEXT}, base_version=1, by=editor, at=NOON
    )

    assert saved.version == 2


def test_documents_brought_with_a_find_stay_drafts_and_say_why(editor, organisation, tmp_path):
    folder = tmp_path / "folder"
    files.write(folder / "good.txt", files.ENGLISH)
    files.write(folder / "list.txt", f"{files.ENGLISH}\n{TEXT}")

    report = import_documents(
        collect(folder), by=editor, organisation=organisation, at=NOON, publish=True
    )

    states = dict(Record._base_manager.values_list("title", "state"))
    assert states == {"good.txt": "published", "list.txt": "draft"}
    notes = {item.file: item.note for item in report.new}
    assert notes["good.txt"] == ""
    assert notes["list.txt"].startswith("Kept as a draft. This seems to identify persons: unique")
    assert NUMBER not in json.dumps(report.to_plain())


def sign_in(editor):
    from focal.directory.models import Person

    client = Client()
    client.force_login(Person.objects.get(pk=editor.person_id))
    return client


def test_the_page_shows_the_place_and_goes_on_with_a_reason(editor, organisation):
    record = make(editor, organisation, summary=TEXT)
    client, path = sign_in(editor), f"/records/{record.reference}/step/publish/"

    refused = client.post(path)
    done = client.post(path, {"not_persons": WHY})

    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Marko Marković, JMBG •••••••••••" in page
    assert 'name="not_persons"' in page
    assert NUMBER not in page
    assert done.status_code == 302
    assert Record._base_manager.get().state == State.PUBLISHED


def test_the_form_of_a_record_that_is_out_keeps_the_text_and_takes_the_reason(editor, organisation):
    record = make(editor, organisation, state="published")
    client, path = sign_in(editor), f"/records/{record.reference}/edit/"
    data = {"title": "Novi naslov", "language": "en", "summary": TEXT, "base_version": "1"}

    refused = client.post(path, data)
    done = client.post(path, {**data, "not_persons": WHY})

    assert refused.status_code == 422
    assert 'name="not_persons"' in refused.content.decode()
    assert "Novi naslov" in refused.content.decode()
    assert done.status_code == 302
    assert [entry.detail["reason"] for entry in log()] == [WHY]


def test_the_command_tells_kind_place_and_confidence_and_no_number(tmp_path, transactional_db):
    listed = files.write(tmp_path / "list.txt", f"One line.\n{TEXT}\n")
    clean = files.write(tmp_path / "clean.md", files.ENGLISH)
    broken = files.write(tmp_path / "broken.pdf", "%PDF-1.4 nothing")

    result = CliRunner().invoke(check_persons, [str(listed), str(clean), str(broken), "--json"])

    told = json.loads(result.stdout)
    (find,) = told["finds"]
    assert (find["file"], find["kind"], find["place"]["page"]) == (str(listed), "jmbg", 1)
    assert f"One line.\n{TEXT}"[find["place"]["offset"] :].startswith(NUMBER)
    assert 0.9 < find["confidence"] < 1
    assert NUMBER not in result.stdout
    assert [each["file"] for each in told["unreadable"]] == [str(broken)]
    assert result.exit_code == 2


def test_the_command_reads_workbooks_and_fails_on_request(tmp_path):
    import xlsxwriter

    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Name", "EGN"])
        sheet.write_row(1, 0, ["Ivan Ivanov", 7501020018])

    plain = CliRunner().invoke(check_persons, [str(path)])
    strict = CliRunner().invoke(check_persons, [str(path), "--fail"])

    assert (plain.exit_code, strict.exit_code) == (0, 1)
    assert "1 found in 1 files." in plain.stdout


def test_the_form_of_a_need_stops_and_goes_on_as_well(editor, organisation):
    from focal.vocabulary.models import Concept, Economy

    Economy.objects.get_or_create(code="AL")
    Concept.objects.get_or_create(key="prison", scheme="topics")
    client = sign_in(editor)
    data = {
        "title": "Training", "language": "en", "summary": TEXT, "economies": "AL",
        "topics": "prison", "organisation": organisation.reference, "marking": "CLEAR",
        "publish": "yes",
    }  # fmt: skip

    refused = client.post("/mapping/needs/new/", data)
    done = client.post("/mapping/needs/new/", {**data, "not_persons": WHY})

    assert refused.status_code == 422
    assert 'name="not_persons"' in refused.content.decode(), refused.context["form"].errors
    assert done.status_code == 302
    assert [entry.detail["reason"] for entry in log()] == [WHY]
