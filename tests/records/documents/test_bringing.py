"""The drop area: files are kept, the worker reads them, the page tells what became of them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from focal.directory.models import Membership
from focal.outbox.models import Entry
from focal.outbox.services import deliver
from focal.records.importing import jobs
from focal.records.models import Attachment, ImportJob, Record
from focal.records.services import take_step
from tests.factories import (
    NOON,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    make_record,
    make_viewer,
)
from tests.records.documents import files

pytestmark = pytest.mark.django_db
ADDRESS = "/library/import/"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"


@pytest.fixture
def editor(client):
    person = PersonFactory()
    MembershipFactory(person=person, organisation=OrganisationFactory(acronym="OWN"))
    client.force_login(person)
    return person


def upload(name, text=files.ENGLISH):
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def send(client, *uploads, paths=(), **more):
    organisation = client.get(ADDRESS).context["form"].fields["organisation"].choices[0][0]
    data = {"organisation": organisation, "marking": "GREEN", "files": list(uploads), **more}
    if paths:
        data["files_paths"] = list(paths)
    return client.post(ADDRESS, data)


def work():
    while deliver("imports", at=NOON):
        pass


def record_count():
    return Record.objects.for_system("a test counts").count()


def get_only_job():
    return ImportJob.objects.get()


def test_dropped_files_are_read_by_the_worker_and_told_on_the_page(client, editor, settings):
    make_record(title="of others, and not counted")
    before = record_count()
    odd = upload("c.pdf", "plain words"), upload("d.txt")
    response = send(client, upload("a.txt"), upload("b.txt", files.ALBANIAN), *odd)
    job = get_only_job()
    assert response["Location"] == reverse("records:import_job", args=[job.reference])
    assert record_count() == before
    assert "0 of 4" in client.get(response["Location"]).content.decode()

    work()

    shown = client.get(response["Location"]).content.decode()
    assert "2 documents came in (2 records), 1 known, 1 refused." in shown
    assert "2 records still wait" in shown
    assert "it is plain text" in shown
    assert set(
        Record.objects.visible_to(make_viewer(editor))
        .exclude(state="published")
        .values_list("title", "state", "marking")
    ) == {("a.txt", "draft", "GREEN"), ("b.txt", "draft", "GREEN")}
    assert list((settings.DATA / "imports").iterdir()) == []


def test_folder_keeps_its_paths(client, editor):
    send(
        client,
        upload("en.txt"),
        upload("sq.txt", files.ALBANIAN),
        paths=["reports/plan/en.txt", "reports/plan/sq.txt"],
    )

    work()

    assert record_count() == 1
    assert [item["file"] for item in get_only_job().report["new"]] == [
        "reports/plan/en.txt",
        "reports/plan/sq.txt",
    ]


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/a//b/./c.txt", "a/b/c.txt"),
        ("C:\\docs\\a.txt", "C:/docs/a.txt"),
        ("a\x00b\n.txt", "a b .txt"),
        ("", "file"),
    ],
)
def test_path_is_a_label(path, clean):
    assert jobs.clean_path(path) == clean


def test_sheet_among_the_files_says_more(client, editor):
    send(client, upload("a.txt"), upload("metadata.csv", "file,title\na.txt,A better title\n"))

    work()

    assert [item["title"] for item in get_only_job().report["new"]] == ["A better title"]


def test_file_that_is_too_large_is_refused_and_the_rest_goes_in(client, editor, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    send(client, upload("a.txt"), upload("large.txt", "word " * 1000))

    work()

    report = get_only_job().report
    assert [item["file"] for item in report["new"]] == ["a.txt"]
    assert [item["file"] for item in report["refused"]] == ["large.txt"]


def test_interrupted_import_goes_on_and_counts_its_own_as_new(client, editor, monkeypatch):
    send(client, upload("a.txt"), upload("b.txt", files.ALBANIAN))
    note = jobs._note_progress

    def die_at_the_second(job, done, name):
        if done == 1:
            raise KeyboardInterrupt
        note(job, done, name)

    monkeypatch.setattr(jobs, "_note_progress", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        work()
    assert record_count() == 1
    monkeypatch.setattr(jobs, "_note_progress", note)

    work()

    assert record_count() == 2
    report = get_only_job().report
    assert sorted(item["file"] for item in report["new"]) == ["a.txt", "b.txt"]
    assert report["known"] == []


def test_job_that_was_done_is_not_done_twice(client, editor):
    send(client, upload("a.txt"))
    work()

    jobs.handle([get_only_job().reference])

    assert record_count() == 1


def test_undo_deletes_drafts_and_keeps_what_was_published(client, editor):
    send(client, upload("a.txt"), upload("b.txt", files.ALBANIAN))
    work()
    job = get_only_job()
    by = make_viewer(editor)
    kept = Record.objects.visible_to(by).get(title="a.txt")
    take_step(record=kept, step="publish", by=by, at=NOON)

    client.post(reverse("records:import_undo", args=[job.reference]))

    assert [record.title for record in Record.objects.visible_to(by)] == ["a.txt"]
    assert Attachment.objects.count() == 1
    job.refresh_from_db()
    assert job.undone_at is not None


def test_undo_waits_for_the_end(client, editor):
    send(client, upload("a.txt"))
    address = reverse("records:import_undo", args=[get_only_job().reference])

    assert "under way" in client.post(address, follow=True).content.decode()


def test_import_is_seen_by_its_owner_alone(client, editor):
    send(client, upload("a.txt"))
    job = get_only_job()
    other = PersonFactory()
    MembershipFactory(person=other, organisation=OrganisationFactory())
    client.force_login(other)

    for name, method in (("import_job", client.get), ("import_undo", client.post)):
        hidden = method(reverse(f"records:{name}", args=[job.reference]))
        missing = method(reverse(f"records:{name}", args=["z" * 14]))
        assert (hidden.status_code, missing.status_code) == (404, 404)


def test_title_of_a_record_that_is_out_of_sight_is_not_shown(client, editor):
    send(client, upload("quiet-heron.txt"))
    work()
    job = get_only_job()
    Membership.objects.all().delete()
    Record.objects.for_system("a test moves it").update(owner_person=None, title="grey-owl")
    from focal.records.models import RecordAudience

    RecordAudience.objects.all().delete()
    MembershipFactory(person=editor, organisation=OrganisationFactory())

    shown = client.get(reverse("records:import_job", args=[job.reference])).content.decode()

    assert "grey-owl" not in shown
    assert "<td><span" in shown  # the row stays, without its record


def test_form_says_what_is_missing(client, editor):
    response = client.post(ADDRESS, {"marking": "GREEN"})

    assert response.status_code == 422
    assert not ImportJob.objects.exists()
    assert not Entry.objects.filter(consumer="imports").exists()


def test_contributor_is_not_offered_to_publish(client):
    person = PersonFactory()
    MembershipFactory(person=person, role=Membership.Role.CONTRIBUTOR)
    client.force_login(person)

    assert "publish" not in client.get(ADDRESS).context["form"].fields


def test_visitor_is_asked_to_sign_in_and_reader_is_told_why_not(client):
    assert client.get(ADDRESS).status_code == 302
    client.force_login(PersonFactory())

    response = client.get(ADDRESS)

    assert response.status_code == 403
    assert "Only contributors and editors" in response.content.decode()
