"""What a contributor changes of what is published waits for somebody who may publish it."""

import os
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from focal.audit.models import Entry
from focal.kernel.errors import Refused
from focal.records import attachments, changes, services, storage
from focal.records.models import Attachment, Portion, SharingRequest, Translation, WorkingCopy
from focal.records.second_eyes import SecondEyesNeeded
from tests.factories import NOON, OrganisationFactory
from tests.records.editing.tools import form_of, path, record_of, reload, viewer_of


@pytest.fixture
def con(sign_in):
    return sign_in("Con", role="contributor")


@pytest.fixture
def record(ana, organisation):
    return record_of(ana, organisation, title="Schools", summary="As it was.", language="en")


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def asked():
    return SharingRequest.objects.get(decided_at__isnull=True)


def review_path(request=None):
    return f"/desk/requests/{(request or asked()).reference}/"


def change(client, record, **fields):
    return client.post(path(record, "edit"), form_of(record, **fields), follow=True)


def test_a_contributors_change_waits_and_an_editor_publishes_it(con, ana, record):
    assert "Send to review" in text(con.get(path(record, "edit")))

    answer = change(con, record, summary="As it should be.")

    assert "Sent to review. Readers see it as it is until then." in text(answer)
    assert "A change by Con" in text(answer)
    assert "You have unsaved changes" not in text(answer)
    assert (reload(record).summary, reload(record).version) == ("As it was.", 1)
    assert "Con has changed &#x27;Schools&#x27;" in text(ana.get("/desk/"))
    page = text(ana.get(review_path()))
    assert "As it should be." in re.sub(r"</?(ins|del|mark)[^>]*>", "", page)

    ana.post(review_path(), {"grant": "1"})

    assert (reload(record).summary, reload(record).version) == ("As it should be.", 2)
    edited = Entry.objects.get(action="record.edited")
    assert (edited.actor_key, edited.detail["confirmed_by"]) == (
        f"person:{con.person.pk}",
        f"person:{ana.person.pk}",
    )
    assert "has published your change" in text(con.get("/desk/"))
    assert "sends the change to review" not in text(ana.get("/desk/"))
    assert not WorkingCopy.objects.exists()


def test_what_is_sent_back_is_its_authors_to_go_on_with(con, ana, record):
    change(con, record, summary="Too long.")
    request = asked()

    ana.post(review_path(), {"refuse": "1", "answer": "Say it shorter."})

    assert reload(record).summary == "As it was."
    desk = text(con.get("/desk/"))
    assert "Say it shorter." in desk
    assert "Not saved yet" in desk
    assert "Too long." in re.sub(r"</?(ins|del)[^>]*>", "", text(con.get(path(record, "edit"))))
    page = text(con.get(review_path(request)))
    assert "Say it shorter." in page
    assert "Too long." in re.sub(r"</?(ins|del)[^>]*>", "", page)
    assert ana.get(review_path(request)).status_code == 302
    assert con.post(review_path(request), {"take_back": "1"}).status_code == 409


def test_the_author_goes_on_writing_and_the_newer_text_takes_the_place(con, ana, record):
    change(con, record, summary="First.")
    first = asked()
    form = text(con.get(path(record, "edit")))
    assert "First." in form
    assert "You have unsaved changes" not in form

    change(con, record, summary="Second.")

    assert asked().wanted["content"] == {"summary": "Second."}
    first.refresh_from_db()
    assert first.is_granted is False
    con.post(review_path(), {"take_back": "1"})
    assert not SharingRequest.objects.filter(decided_at__isnull=True).exists()
    assert WorkingCopy.objects.filter(person=con.person).exists()


def test_nobody_answers_their_own_and_strangers_do_not_see_it(con, sign_in, record):
    change(con, record, summary="Mine.")
    other = sign_in("Oto", role="contributor")
    stranger = sign_in("Stra", place=OrganisationFactory())

    assert con.post(review_path(), {"grant": "1"}).status_code == 403
    assert other.get(review_path()).status_code == 200
    assert other.post(review_path(), {"grant": "1"}).status_code == 403
    assert other.post(review_path(), {"take_back": "1"}).status_code == 409
    assert stranger.get(review_path()).status_code == 403
    assert "Mine." not in text(stranger.get(review_path()))
    assert reload(record).summary == "As it was."


def test_what_was_published_meanwhile_is_kept(con, ana, record):
    change(con, record, summary="By Con.")
    change(ana, record, title="Schools and teachers")

    ana.post(review_path(), {"grant": "1"})

    now = reload(record)
    assert (now.title, now.summary, now.version) == ("Schools and teachers", "By Con.", 3)


def test_what_both_changed_is_sent_back_not_overwritten(con, ana, record):
    change(con, record, summary="By Con.")
    change(ana, record, summary="By Ana.")

    answer = ana.post(review_path(), {"grant": "1"})

    assert answer.status_code == 409
    assert "Somebody has changed the same part meanwhile." in text(answer)
    assert reload(record).summary == "By Ana."


def test_unmarking_a_paragraph_waits_as_well(con, ana, organisation):
    record = record_of(
        ana, organisation, marking="CLEAR", body='<p>Open.</p><p data-marking="AMBER">Kept.</p>'
    )

    change(con, record, body="<p>Open.</p><p>Kept.</p>")

    assert reload(record).body == "<p>Open.</p>"
    assert Portion.objects.get(record_id=record.pk).html == '<p data-marking="AMBER">Kept.</p>'
    ana.post(review_path(), {"grant": "1"})
    assert reload(record).body == "<p>Open.</p><p>Kept.</p>"


def test_who_does_not_read_all_of_it_does_not_review_it(con, ana, sign_in, organisation):
    office = OrganisationFactory(is_secretariat=True)
    sec = sign_in("Sec", place=office)
    record = record_of(
        ana, organisation, marking="CLEAR", body='<p>Open.</p><p data-marking="AMBER">Kept.</p>'
    )
    change(con, record, body='<p>Opened.</p><p data-marking="AMBER">Kept.</p>')

    assert sec.get(review_path()).status_code == 403
    assert "Kept." not in text(sec.get("/desk/"))
    assert "Kept." not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_the_secretariat_publishes_where_it_sees_the_record(con, sign_in, record):
    sec = sign_in("Sec", place=OrganisationFactory(is_secretariat=True))
    change(con, record, summary="New.")

    assert "Publish" in text(sec.get(review_path()))
    sec.post(review_path(), {"grant": "1"})

    assert reload(record).summary == "New."


def test_a_change_that_nobody_could_publish_is_refused_at_once(sign_in, organisation):
    con = sign_in("Con", role="contributor")
    record = record_of(sign_in("Gone", role="editor"), organisation, marking="AMBER")
    record.owner_organisation.memberships.filter(role="editor").delete()

    answer = change(con, record, summary="New.")

    assert "nobody who could confirm it" in text(answer)
    assert not SharingRequest.objects.exists()


def test_a_translation_and_its_removal_wait(con, ana, record):
    sent = {"title": "Shkollat", "summary": "", "body": "<p>E re.</p>", "origin": "human"}
    con.post(path(record, "translate", "sq"), sent | {"base_version": "0"})
    assert not Translation.objects.exists()
    assert "Shkollat" in text(con.get(path(record, "translate", "sq")))

    ana.post(review_path(), {"grant": "1"})
    assert Translation.objects.get().title == "Shkollat"

    con.post(path(record, "translate", "sq", "remove"))
    assert Translation.objects.exists()
    ana.post(review_path(), {"grant": "1"})
    assert not Translation.objects.exists()


def test_an_earlier_version_comes_back_by_review(con, ana, record):
    change(ana, record, summary="Changed.")

    con.post(path(record, "restore", 1), {"base_version": "2"})

    assert reload(record).summary == "Changed."
    ana.post(review_path(), {"grant": "1"})
    assert reload(record).summary == "As it was."


def test_what_identifies_somebody_stops_at_its_author(con, ana, record):
    number = "EMŠO 0101006500006"

    stopped = change(con, record, summary=number)
    assert stopped.status_code == 422
    assert not SharingRequest.objects.exists()
    change(con, record, summary=number, not_persons="It is the example of the law.")
    ana.post(review_path(), {"grant": "1"})

    assert reload(record).summary == number


def documents_of(record):
    rows = Attachment.objects.filter(record_id=record.pk, is_current=True).order_by("position")
    return [(row.title, row.version) for row in rows]


def bring(client, record, content=b"The plan of the municipal council.", **fields):
    file = SimpleUploadedFile(fields.pop("name", "plan.txt"), content)
    sent = {"deed": "add", "file": file, **fields}
    return client.post(path(record, "documents"), sent, follow=True)


@pytest.fixture
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.mark.usefixtures("_own_folder")
def test_a_contributors_document_waits_and_an_editor_publishes_it(con, ana, sign_in, record):
    stranger = sign_in("Stra", place=OrganisationFactory())
    assert "Move up" not in text(con.get(path(record, "documents")))

    answer = bring(con, record)

    assert "Sent to review. Readers see it as it is until then." in text(answer)
    assert "A change by Con" in text(answer)
    assert (documents_of(record), storage.remove_unused([], older_than=1e9)) == ([], 0)
    file = f"{review_path()}file"
    assert stranger.get(file).status_code == 404
    assert b"".join(con.get(file)) == b"The plan of the municipal council."
    given = ana.get(file)
    assert b"".join(given) == b"The plan of the municipal council."
    assert given["Content-Disposition"] == 'attachment; filename="plan.txt"'
    assert "sandbox" in given["Content-Security-Policy"]
    assert "plan.txt" in text(ana.get(review_path()))

    ana.post(review_path(), {"grant": "1"})

    assert documents_of(record) == [("plan", 1)]
    added = Entry.objects.get(action="record.document_added")
    assert (added.actor_key, added.detail["confirmed_by"]) == (
        f"person:{con.person.pk}",
        f"person:{ana.person.pk}",
    )
    assert "has published your change" in text(con.get("/desk/"))


@pytest.mark.slow
@pytest.mark.usefixtures("_own_folder")
def test_a_newer_version_a_name_and_a_removal_of_a_document_wait(con, ana, record):
    bring(ana, record)
    document = Attachment.objects.get(record_id=record.pk).reference

    bring(con, record, b"The plan of the ministry, revised.", deed="replace", document=document)
    assert documents_of(record) == [("plan", 1)]
    ana.post(review_path(), {"grant": "1"})
    assert documents_of(record) == [("plan", 2)]

    document = Attachment.objects.get(record_id=record.pk, is_current=True).reference
    label = {"deed": "label", "document": document, "title": "The plan", "language": "en"}
    con.post(path(record, "documents"), label)
    assert "The plan" in text(ana.get(review_path()))
    ana.post(review_path(), {"grant": "1"})
    assert documents_of(record) == [("The plan", 2)]

    con.post(path(record, "documents"), {"deed": "remove", "document": document})
    assert documents_of(record) == [("The plan", 2)]
    ana.post(review_path(), {"grant": "1"})
    assert documents_of(record) == []


@pytest.mark.usefixtures("_own_folder")
def test_a_document_that_is_sent_back_is_not_kept_and_its_author_is_told_why(con, ana, record):
    bring(con, record)
    request = asked()
    digest = request.wanted["digest"]

    ana.post(review_path(), {"refuse": "1", "answer": "It is the old one."})

    assert documents_of(record) == []
    assert "It is the old one." in text(con.get("/desk/"))
    assert "plan.txt" in text(con.get(review_path(request)))
    assert con.get(f"{review_path(request)}file").status_code == 404
    os.utime(storage.get_path(digest), (0, 0))
    assert attachments.clean_storage() == 1


@pytest.mark.usefixtures("_own_folder")
def test_a_document_that_waits_keeps_its_file_until_its_author_takes_it_back(con, record):
    bring(con, record)
    os.utime(storage.get_path(asked().wanted["digest"]), (0, 0))
    assert attachments.clean_storage() == 0

    con.post(review_path(), {"take_back": "1"})

    assert attachments.clean_storage() == 1


@pytest.mark.usefixtures("_own_folder")
def test_a_document_that_waits_leaves_unsent_text_alone(con, ana, record):
    change(con, record, summary="By Con.")
    con.post(review_path(), {"take_back": "1"})
    bring(con, record)

    ana.post(review_path(), {"grant": "1"})

    assert WorkingCopy.objects.filter(person=con.person).exists()


@pytest.mark.usefixtures("_own_folder")
def test_a_document_with_persons_in_it_stops_at_its_author(con, ana, record):
    number = "EMŠO 0101006500006".encode()

    assert bring(con, record, number).status_code == 422
    assert not SharingRequest.objects.exists()
    bring(con, record, number, not_persons="It is the example of the law.")
    assert "It is the example of the law." in text(ana.get(review_path()))
    ana.post(review_path(), {"grant": "1"})

    assert documents_of(record) == [("plan", 1)]


@pytest.mark.slow
@pytest.mark.usefixtures("_own_folder")
def test_what_is_gone_meanwhile_is_not_replaced(con, ana, record):
    bring(ana, record)
    document = Attachment.objects.get(record_id=record.pk).reference
    bring(con, record, b"The plan, revised.", deed="replace", document=document)
    ana.post(path(record, "documents"), {"deed": "remove", "document": document})

    answer = ana.post(review_path(), {"grant": "1"})

    assert answer.status_code == 409
    assert "This document is not here any more." in text(answer)


def test_the_order_of_documents_is_changed_by_editors(con, record):
    with pytest.raises(Refused, match="an editor of the organisation has to change it"):
        attachments.order_attachments(record=record, references=[], by=viewer_of(con), at=NOON)


def test_services_let_no_contributor_by(con, record):
    viewer = viewer_of(con)

    with pytest.raises(SecondEyesNeeded):
        services.edit_record(
            record=record, content={"title": "X"}, base_version=1, by=viewer, at=NOON
        )
    with pytest.raises(SecondEyesNeeded):
        services.save_translation(
            record=record, language="sq", title="X", summary="", body="", by=viewer, at=NOON
        )
    with pytest.raises(SecondEyesNeeded):
        services.remove_translation(record=record, language="sq", by=viewer, at=NOON)
    with pytest.raises(SecondEyesNeeded):
        attachments.remove_attachment(record=record, attachment=Attachment(), by=viewer, at=NOON)


@pytest.mark.parametrize("state", ["draft", "in_review"])
def test_drafts_are_changed_at_once(con, organisation, state):
    record = record_of(con, organisation, state=state)

    change(con, record, summary="New.")

    assert reload(record).summary == "New."
    assert changes.list_waiting(record) == []


def test_the_owner_of_a_red_record_changes_it_at_once(con, organisation):
    record = record_of(con, organisation, marking="RED")

    change(con, record, summary="New.")

    assert reload(record).summary == "New."
