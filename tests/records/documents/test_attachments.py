"""The documents of a record: whole changes, logged, told to search, or refused."""

import os
from pathlib import Path

import pytest

from focal.audit.models import Entry as LogEntry
from focal.directory.models import Membership
from focal.kernel.errors import BadInput, Refused
from focal.outbox.models import Entry
from focal.records import attachments, storage
from focal.records.extraction import Unreadable
from focal.records.models import Attachment, AttachmentPage
from focal.records.reading import open_document
from tests.factories import NOON, OrganisationFactory, make_record, make_viewer
from tests.records.documents import files

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"


@pytest.fixture
def desk():
    organisation = OrganisationFactory()
    editor = make_viewer(organisation=organisation)
    record = make_record(by=editor, organisation=organisation, state="draft")
    Entry.objects.all().delete()
    return record, editor


def add(record, by, path: Path, **more):
    with attachments.read_document([path.read_bytes()], file_name=path.name) as document:
        return attachments.add_attachment(record=record, document=document, by=by, at=NOON, **more)


def replace(record, attachment, by, path: Path):
    with attachments.read_document([path.read_bytes()], file_name=path.name) as document:
        return attachments.replace_attachment(
            record=record, attachment=attachment, document=document, by=by, at=NOON
        )


def log():
    entries = LogEntry.objects.filter(action__contains="document").order_by("number")
    return list(entries.values_list("action", "target_key"))


def told():
    rows = Entry.objects.filter(consumer="words").order_by("id")
    return list(rows.values_list("key", "revokes"))


def current(record):
    rows = Attachment.objects.filter(record_id=record.pk, is_current=True)
    return list(rows.order_by("position").values_list("reference", flat=True))


def test_added_document_has_its_pages_its_file_and_is_told(desk, tmp_path):
    record, editor = desk
    path = files.make_plain_pdf(tmp_path / "plan.pdf")

    added = add(record, editor, path)

    assert (added.title, added.language, added.page_count) == ("A quiet programme", "en", 2)
    assert storage.get_path(added.digest).read_bytes() == path.read_bytes()
    pages = AttachmentPage.objects.filter(attachment_id=added.pk).order_by("number")
    assert [page.number for page in pages] == [1, 2]
    assert "municipal council" in pages[0].text
    assert log() == [("record.document_added", record.reference)]
    assert told() == [(record.reference, False)]


def test_documents_stand_in_the_order_they_came_and_can_be_put_in_another(desk, tmp_path):
    record, editor = desk
    added = [
        add(record, editor, files.write(tmp_path / f"{name}.txt", f"{name} {files.ENGLISH}"))
        for name in "abc"
    ]
    order = [each.reference for each in added]
    assert current(record) == order

    attachments.order_attachments(
        record=record, references=[order[2], order[0]], by=editor, at=NOON
    )

    assert current(record) == [order[2], order[0], order[1]]


def test_replaced_document_stays_readable_as_an_older_version(desk, tmp_path):
    record, editor = desk
    first = add(record, editor, files.write(tmp_path / "a.txt", files.ENGLISH), title="Plan")

    second = replace(record, first, editor, files.write(tmp_path / "b.txt", files.ALBANIAN))

    assert current(record) == [second.reference]
    assert (second.version, second.title, second.language) == (2, "Plan", "sq")
    assert open_document(editor, first.reference).newer == second
    assert open_document(editor, second.reference).older == (first,)
    assert told()[-1] == (record.reference, True)
    with pytest.raises(BadInput, match="newer version"):
        replace(record, first, editor, tmp_path / "a.txt")


def test_replacing_by_the_same_file_is_not_an_event(desk, tmp_path):
    record, editor = desk
    path = files.write(tmp_path / "a.txt", files.ENGLISH)
    first = add(record, editor, path)
    events = log()

    assert replace(record, first, editor, path) == first
    assert log() == events


def test_removed_document_is_gone_with_its_versions_and_its_file(desk, tmp_path):
    record, editor = desk
    first = add(record, editor, files.write(tmp_path / "a.txt", files.ENGLISH))
    second = replace(record, first, editor, files.write(tmp_path / "b.txt", files.ALBANIAN))

    attachments.remove_attachment(record=record, attachment=second, by=editor, at=NOON)

    assert not Attachment.objects.exists()
    assert not AttachmentPage.objects.exists()
    assert told()[-1] == (record.reference, True)
    for digest in (first.digest, second.digest):
        os.utime(storage.get_path(digest), (0, 0))
    assert attachments.clean_storage() == 2


@pytest.mark.parametrize("role", [None, Membership.Role.MEMBER])
def test_others_change_nothing(desk, tmp_path, role):
    record, editor = desk
    mine = add(record, editor, files.write(tmp_path / "a.txt", files.ENGLISH))
    stranger = (
        make_viewer(organisation=record.owner_organisation, role=role)
        if role
        else make_viewer(organisation=OrganisationFactory())
    )
    events = log()

    for deed in (
        lambda: add(record, stranger, files.write(tmp_path / "b.txt", files.ALBANIAN)),
        lambda: replace(record, mine, stranger, tmp_path / "b.txt"),
        lambda: attachments.remove_attachment(record=record, attachment=mine, by=stranger, at=NOON),
        lambda: attachments.order_attachments(record=record, references=[], by=stranger, at=NOON),
        lambda: attachments.edit_attachment(
            record=record, attachment=mine, title="x", language="", by=stranger, at=NOON
        ),
    ):
        with pytest.raises(Refused, match="Only the organisation"):
            deed()
    assert log() == events
    assert current(record) == [mine.reference]


def test_unreadable_document_leaves_nothing(desk, tmp_path):
    record, editor = desk

    with pytest.raises(Unreadable, match="password"):
        add(record, editor, files.make_encrypted_pdf(tmp_path / "locked.pdf"))

    assert not Attachment.objects.exists()
    assert [path for path in storage.get_folder().rglob("*") if path.is_file()] == []
