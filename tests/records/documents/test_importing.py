"""Importing a folder: grouped, known by content, resumable, whole, silent about the hidden."""

from pathlib import Path

import pytest

from focal.directory.models import Membership
from focal.kernel.errors import BadInput, Refused
from focal.records import storage
from focal.records.importing import ImportReport, collect, import_documents, services
from focal.records.importing.sheet import parse_sheet
from focal.records.models import Attachment, Record, State
from focal.records.selectors import get_record
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.vocabulary.services import load_vocabulary
from tests.factories import NOON, OrganisationFactory, PersonFactory, make_viewer
from tests.records.documents import files
from tests.records.documents.test_extraction import make_bad_files

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder


@pytest.fixture
def office():
    organisation = OrganisationFactory()
    return organisation, make_viewer(organisation=organisation)


def bring(folder, office, **more) -> ImportReport:
    organisation, by = office
    return import_documents(collect(folder), by=by, organisation=organisation, at=NOON, **more)


def counts(report):
    return len(report.new), len(report.known), len(report.refused)


def rows():
    return Record.objects.for_system("a test counts").count(), Attachment.objects.count()


def record_of(report, by, place=0):
    return get_record(by, report.new[place].record)


def test_document_in_several_languages_becomes_one_record(folder, office):
    files.make_plain_pdf(folder / "plan" / "en.pdf")
    files.write(folder / "plan" / "mk.txt", files.MACEDONIAN)
    files.make_docx(
        folder / "plan" / "sq.docx",
        files.paragraph("Programi i ri i komunës", "Title") + files.paragraph(files.ALBANIAN),
    )

    report = bring(folder, office, publish=True)

    assert counts(report) == (3, 0, 0)
    assert rows() == (1, 3)
    record = record_of(report, office[1])
    assert (record.title, record.language, record.state) == ("A quiet programme", "en", "published")
    documents = Attachment.objects.order_by("position")
    assert [(each.title, each.language) for each in documents] == [
        ("A quiet programme", "en"),
        ("Programi i ri i komunës", "sq"),
        ("A quiet programme", "mk"),
    ]


def test_text_file_keeps_its_name_as_title(folder, office):
    files.write(folder / "0001.txt", files.ENGLISH)
    files.write(folder / "Notes of May.txt", files.ALBANIAN)

    report = bring(folder, office)

    assert [item.title for item in report.new] == ["0001.txt", "Notes of May.txt"]
    assert [item.language for item in report.new] == ["en", "sq"]
    assert {record_of(report, office[1], place).state for place in (0, 1)} == {State.DRAFT}


def test_folder_of_texts_in_several_languages_gives_its_name(folder, office):
    files.write(folder / "shared-plan" / "en.txt", files.ENGLISH)
    files.write(folder / "shared-plan" / "sq.txt", files.ALBANIAN)

    report = bring(folder, office)

    assert [item.title for item in report.new] == ["Shared plan", "Shared plan"]


def test_second_run_changes_nothing(folder, office):
    files.make_plain_pdf(folder / "en.pdf")
    files.write(folder / "0001.txt", files.ENGLISH)
    first = bring(folder, office)
    before = rows()

    again = bring(folder, office)

    assert counts(again) == (0, 2, 0)
    assert [item.record for item in again.known] == [item.record for item in first.new]
    assert rows() == before


def test_same_file_under_another_name_is_known(folder, office):
    files.write(folder / "a.txt", files.ENGLISH)
    files.write(folder / "b.txt", files.ENGLISH)

    report = bring(folder, office)

    assert [item.file for item in report.new] == ["a.txt"]
    assert [(item.file, item.title) for item in report.known] == [("b.txt", "a.txt")]


def test_same_file_twice_in_one_document_is_refused_once(folder, office):
    files.write(folder / "plan_en.txt", files.ENGLISH)
    files.write(folder / "plan_sq.txt", files.ENGLISH)

    report = bring(folder, office)

    assert counts(report) == (1, 0, 1)
    assert "same file as plan_en.txt" in report.refused[0].reason


def test_another_language_joins_the_record_that_is_there(folder, office):
    files.write(folder / "plan_en.txt", files.ENGLISH)
    files.write(folder / "plan_sq.txt", files.ALBANIAN)
    first = bring(folder, office)
    files.write(folder / "plan_mk.txt", files.MACEDONIAN)

    second = bring(folder, office)

    assert counts(second) == (1, 2, 0)
    assert second.new[0].record == first.new[0].record
    assert rows() == (1, 3)


def test_what_is_hidden_from_the_importer_is_not_known(folder, office):
    files.write(folder / "quiet-heron.txt", files.ENGLISH)
    secret = bring(folder, office, marking=Marking.AMBER, publish=True)
    other_organisation = OrganisationFactory()
    other = (other_organisation, make_viewer(organisation=other_organisation))

    report = bring(folder, other)

    assert counts(report) == (1, 0, 0)
    assert report.new[0].record != secret.new[0].record
    assert rows() == (2, 2)


def test_what_the_importer_may_read_is_known(folder, office):
    files.write(folder / "heron.txt", files.ENGLISH)
    public = bring(folder, office, publish=True)
    other_organisation = OrganisationFactory()
    other = (other_organisation, make_viewer(organisation=other_organisation))

    report = bring(folder, other)

    assert counts(report) == (0, 1, 0)
    assert report.known[0].record == public.new[0].record


def test_bad_files_are_refused_and_the_good_go_in(folder, office):
    expected = make_bad_files(folder)
    files.write(folder / "also good.txt", files.ALBANIAN)

    report = bring(folder, office, publish=True)

    assert [item.file for item in report.new] == ["also good.txt", "good.pdf"]
    refused = {refusal.file: refusal.reason for refusal in report.refused}
    assert refused.keys() == expected.keys()
    assert [name for name, part in expected.items() if part not in refused[name]] == []
    assert rows() == (2, 2)
    kept = [path.name for path in storage.get_folder().rglob("*") if path.is_file()]
    assert sorted(kept) == sorted(Attachment.objects.values_list("digest", flat=True))


def test_import_that_is_killed_has_whole_records_and_goes_on(folder, office, monkeypatch):
    for name in ("a", "b", "c"):
        files.write(folder / f"{name}_en.txt", f"{name} {files.ENGLISH}")
        files.write(folder / f"{name}_sq.txt", f"{name} {files.ALBANIAN}")
    added = services.add_attachment

    def die_at_the_fourth(**arguments):
        if Attachment.objects.count() == 3:
            raise KeyboardInterrupt
        return added(**arguments)

    monkeypatch.setattr(services, "add_attachment", die_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        bring(folder, office)
    assert rows() == (1, 2)  # the second record had one of its two documents: none of it stays

    monkeypatch.setattr(services, "add_attachment", added)
    report = bring(folder, office)

    assert counts(report) == (4, 2, 0)
    assert rows() == (3, 6)


def test_progress_tells_of_every_file(folder, office):
    files.write(folder / "a.txt", files.ENGLISH)
    files.write(folder / "b.txt", files.ALBANIAN)
    told = []

    bring(folder, office, progress=lambda *step: told.append(step))

    assert told == [(0, 2, "a.txt"), (1, 2, "b.txt"), (2, 2, "")]


def test_contributor_cannot_publish_but_can_bring_drafts(folder):
    organisation = OrganisationFactory()
    contributor = make_viewer(organisation=organisation, role=Membership.Role.CONTRIBUTOR)
    files.write(folder / "a.txt", files.ENGLISH)

    with pytest.raises(Refused, match="Contributors cannot publish"):
        bring(folder, (organisation, contributor), publish=True)
    assert rows() == (0, 0)
    assert counts(bring(folder, (organisation, contributor))) == (1, 0, 0)


def test_reader_cannot_bring_anything(folder):
    organisation = OrganisationFactory()
    files.write(folder / "a.txt", files.ENGLISH)

    with pytest.raises(Refused):
        bring(folder, (organisation, make_viewer(PersonFactory())))
    assert rows() == (0, 0)


def test_job_without_a_person_owns_nothing_red(folder):
    organisation = OrganisationFactory(is_secretariat=True)
    job = Viewer.for_organisation(organisation, name="import")
    files.write(folder / "a.txt", files.ENGLISH)

    with pytest.raises(BadInput, match="belongs to a person"):
        bring(folder, (organisation, job), marking=Marking.RED)
    assert counts(bring(folder, (organisation, job), publish=True)) == (1, 0, 0)


class TestSheet:
    @pytest.fixture(autouse=True)
    def _vocabulary(self):
        load_vocabulary(at=NOON)

    def test_sheet_says_more_about_the_files(self, folder, office):
        source = OrganisationFactory(acronym="QHI", name="Quiet Heron Institute")
        files.write(folder / "0001.txt", files.ENGLISH)
        sheet = parse_sheet(
            "file,title,language,date,economies,topics,summary,marking,kind,organisation\n"
            "0001.txt,A better title,en,31.5.2024,Kosovo; AL,"
            "rehabilitation,What it says,GREEN,practice,qhi\n"
        )
        assert sheet.faults == {}

        report = bring(folder, office, sheet=sheet, publish=True)

        record = record_of(report, office[1])
        assert (record.title, record.summary, record.marking, record.kind) == (
            "A better title",
            "What it says",
            Marking.GREEN,
            "practice",
        )
        assert record.issued_date.isoformat() == "2024-05-31"
        assert sorted(record.economies.values_list("code", flat=True)) == ["AL", "XK"]
        assert list(record.topics.values_list("key", flat=True)) == ["rehabilitation"]
        assert list(record.organisations.all()) == [source]

    @pytest.mark.parametrize(
        ("cells", "fault"),
        [
            ("x.txt,,klingon,,,", "'klingon' is not a language"),
            ("x.txt,,,yesterday,,", "'yesterday' is not a date"),
            ("x.txt,,,,Atlantis,", "'Atlantis' is not an economy"),
            ("x.txt,,,,,SECRET", "'SECRET' is not a marking"),
        ],
    )
    def test_fault_of_a_row_refuses_its_file_alone(self, folder, office, cells, fault):
        files.write(folder / "x.txt", files.ENGLISH)
        files.write(folder / "y.txt", files.ALBANIAN)
        sheet = parse_sheet(f"file,title,language,date,economies,marking\n{cells}\ny.txt,Y,,,,\n")

        report = bring(folder, office, sheet=sheet)

        assert [item.title for item in report.new] == ["Y"]
        assert [refusal.file for refusal in report.refused] == ["x.txt"]
        assert report.refused[0].reason.startswith("Row 2 of the sheet: ")
        assert fault in report.refused[0].reason

    def test_row_for_a_file_that_is_not_there_is_told(self, folder, office):
        files.write(folder / "x.txt", files.ENGLISH)

        report = bring(folder, office, sheet=parse_sheet("file;title\nx.txt;X\ngone.pdf;Gone\n"))

        assert [item.title for item in report.new] == ["X"]
        assert [(r.file, "not here" in r.reason) for r in report.refused] == [("gone.pdf", True)]

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("title\nX\n", "no column 'file'"),
            ("file,colour\nx.txt,red\n", "colour"),
            ("file,title\n,No file\n", "names no file"),
        ],
    )
    def test_sheet_that_cannot_be_used_is_refused_whole(self, text, fault):
        with pytest.raises(BadInput, match=fault):
            parse_sheet(text)

    def test_economies_are_proposed_from_the_words(self, folder, office):
        files.write(
            folder / "a.txt", f"A report from Montenegro and North Macedonia. {files.ENGLISH}"
        )

        report = bring(folder, office)

        economies = record_of(report, office[1]).economies.values_list("code", flat=True)
        assert sorted(economies) == ["ME", "MK"]
