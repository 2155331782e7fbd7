"""Pages of documents: reading with marks, the picture, the original, and who is told nothing."""

import re

import pytest
from django.urls import reverse

from focal.records import attachments, storage
from focal.records.models import Attachment
from focal.records.reading import join_lines, open_page
from focal.sharing.markings import Marking
from tests.factories import (
    NOON,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    make_record,
    make_viewer,
)
from tests.records.documents import files

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"


@pytest.fixture
def library(tmp_path):
    """A published record with a PDF in English and a text in Albanian, and its editor."""
    organisation = OrganisationFactory()
    person = PersonFactory()
    editor = make_viewer(person, organisation=organisation)
    record = make_record(by=editor, organisation=organisation, title="Quiet heron")
    pdf = add(record, editor, files.make_plain_pdf(tmp_path / "plan.pdf"))
    text = add(record, editor, files.write(tmp_path / "plani.txt", files.ALBANIAN))
    return record, pdf, text, person


def add(record, by, path):
    with attachments.read_document([path.read_bytes()], file_name=path.name) as document:
        return attachments.add_attachment(record=record, document=document, by=by, at=NOON)


def page_of(attachment, number=1, query=""):
    return reverse("records:document_page", args=[attachment.reference, number]) + query


def marked(response):
    return re.findall(r"<mark>([^<]*)</mark>", response.content.decode())


def test_page_shows_its_text_with_the_words_marked(client, library):
    _record, pdf, _text, _person = library

    response = client.get(page_of(pdf, 1, "?q=councils teachers and"))

    assert response.status_code == 200
    assert [word.lower() for word in marked(response)] == ["council", "teachers"]


def test_words_are_marked_whatever_their_accents(client, library):
    _record, _pdf, text, _person = library

    assert marked(client.get(page_of(text, 1, "?q=keshilli"))) == ["Këshilli"]


def test_passage_is_marked_where_no_word_is(client, library):
    _record, pdf, _text, _person = library
    passage = "Teachers and parents will meet every month"

    response = client.get(page_of(pdf, 1), {"q": "mësuesit", "passage": f"… {passage} …"})

    assert marked(response) == [passage]


def test_page_leads_to_its_neighbours_the_original_and_other_languages(client, library):
    _record, pdf, text, _person = library

    shown = client.get(page_of(pdf, 1, "?q=council")).content.decode()

    assert page_of(pdf, 2) + "?q=council" in shown
    assert reverse("records:document_download", args=[pdf.reference]) in shown
    assert page_of(text, 1) in shown
    assert reverse("records:document_picture", args=[pdf.reference, 1]) + "?q=council" in shown


def test_page_number_can_be_typed(client, library):
    _record, pdf, _text, _person = library
    address = reverse("records:document", args=[pdf.reference])

    response = client.get(address, {"page": "2", "q": "council"})

    assert (response.status_code, response["Location"]) == (302, page_of(pdf, 2) + "?q=council")
    assert client.get(address, {"page": "3"}).status_code == 200
    assert client.get(address, {"page": "9" * 40}).status_code == 200


def test_document_lists_the_pages_that_hold_the_words(client, library):
    _record, pdf, _text, _person = library

    found = client.get(reverse("records:document", args=[pdf.reference]), {"q": "quiet programme"})
    other = client.get(reverse("records:document", args=[pdf.reference]), {"q": "zebra"})

    assert [hit.number for hit in found.context["hits"]] == [1]
    assert other.context["hits"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "question", ["", "*", '"', "a" * 10_000, "\x00", "😀", "-council", "()[]{}\\", "\ud800"]
)
def test_any_question_gets_a_page(client, library, question):
    _record, pdf, _text, _person = library
    question = question.encode("utf-8", "surrogatepass").decode("utf-8", "replace")

    for address in (page_of(pdf), reverse("records:document", args=[pdf.reference])):
        assert client.get(address, {"q": question}).status_code == 200


def test_picture_is_drawn_once_and_marked_for_each_question(client, library, settings):
    _record, pdf, _text, _person = library
    address = reverse("records:document_picture", args=[pdf.reference, 1])

    plain, marked = client.get(address), client.get(address, {"q": "council"})

    assert (plain.status_code, plain["Content-Type"]) == (200, "image/webp")
    assert plain.content[:4] == b"RIFF"
    assert marked.content != plain.content
    assert client.get(address, {"q": "zebra"}).content == plain.content
    drawn = storage.get_picture_folder(pdf.digest)
    assert sorted(path.name for path in drawn.iterdir()) == ["1.json", "1.webp"]


def test_only_pages_of_a_pdf_have_pictures(client, library):
    _record, pdf, text, _person = library

    for attachment, number in ((text, 1), (pdf, 3), (pdf, 999_999)):
        address = reverse("records:document_picture", args=[attachment.reference, number])
        assert client.get(address).status_code == 404


def test_original_is_kept_not_opened(client, library, tmp_path):
    _record, pdf, _text, _person = library

    response = client.get(reverse("records:document_download", args=[pdf.reference]))

    assert b"".join(response.streaming_content) == (tmp_path / "plan.pdf").read_bytes()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    again = client.get(
        reverse("records:document_download", args=[pdf.reference]),
        headers={"If-None-Match": response["ETag"]},
    )
    assert again.status_code == 304


def test_web_page_is_never_served_to_run(client, library, tmp_path):
    record, _pdf, _text, person = library
    page = files.write(
        tmp_path / "page.html",
        f"<html><body><script>alert(1)</script>{files.ENGLISH}</body></html>",
    )
    html = add(record, make_viewer(person), page)

    response = client.get(reverse("records:document_download", args=[html.reference]))
    shown = client.get(page_of(html)).content.decode()

    response.close()
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]
    assert "alert(1)" not in shown


ADDRESSES = (
    ("records:document", ()),
    ("records:document_page", (1,)),
    ("records:document_picture", (1,)),
    ("records:document_download", ()),
)


@pytest.mark.parametrize(("name", "more"), ADDRESSES)
def test_hidden_document_answers_like_one_that_is_not_there(
    client, library, name, more, django_assert_num_queries
):
    record, pdf, _text, person = library
    from focal.records.services import set_sharing

    set_sharing(record=record, marking=Marking.AMBER, releases=[], by=make_viewer(person), at=NOON)
    missing = "z" * 14

    def ask(reference):
        response = client.get(reverse(name, args=[reference, *more]))
        body = response.content.decode().replace(reference, "REFERENCE")
        return response.status_code, body

    assert ask(pdf.reference) == ask(missing)
    assert ask(missing)[0] == 404


@pytest.mark.parametrize("count", [1, 4])
def test_page_costs_the_same_for_any_number_of_documents(
    client, library, tmp_path, count, django_assert_max_num_queries
):
    record, pdf, _text, person = library
    for number in range(count):
        add(
            record,
            make_viewer(person),
            files.write(tmp_path / f"{number}.txt", f"{number} {files.ENGLISH}"),
        )

    client.get(page_of(pdf))
    with django_assert_max_num_queries(6):
        client.get(page_of(pdf))


def test_lines_of_a_paragraph_are_joined_and_stay_in_place():
    text = (
        "A heading\n"
        "This is a line of text that is as wide as the page of the report\n"
        "and goes on here until the paragraph ends in the middle of it.\n"
        "Another paragraph starts and is about as wide as the page there\n"
        "short.\n"
        "• a bullet"
    )

    joined = join_lines(text)

    assert len(joined) == len(text)
    assert joined.split("\n") == [
        "A heading",
        "This is a line of text that is as wide as the page of the report and goes on here until "
        "the paragraph ends in the middle of it. Another paragraph starts and is about as wide as "
        "the page there short.",
        "• a bullet",
    ]


@pytest.mark.slow
class TestManaging:
    @pytest.fixture
    def address(self, client, library):
        client.force_login(library[3])
        return reverse("records:attachments", args=[library[0].reference])

    def test_editor_adds_replaces_renames_moves_and_removes(
        self, client, library, address, tmp_path
    ):
        record, pdf, text, _person = library

        def do(deed, attachment=None, **more):
            reference = attachment.reference if attachment else ""
            return client.post(address, {"deed": deed, "document": reference, **more}, follow=True)

        def titles():
            rows = Attachment.objects.filter(record_id=record.pk, is_current=True)
            return list(rows.order_by("position").values_list("title", flat=True))

        with files.write(tmp_path / "new.txt", files.MACEDONIAN).open("rb") as file:
            assert "has been added" in do("add", file=file).content.decode()
        do("up", text)
        do("label", pdf, title="The plan", language="")
        assert titles() == ["plani", "The plan", "new"]
        with files.make_plain_pdf(tmp_path / "v2.pdf", title="A newer one").open("rb") as file:
            assert "version 2" in do("replace", pdf, file=file).content.decode()
        do("remove", text)
        assert titles() == ["The plan", "new"]

    def test_unreadable_file_is_refused_beside_the_form(self, client, address, tmp_path):
        with files.make_scanned_pdf(tmp_path / "scan.pdf").open("rb") as file:
            response = client.post(address, {"deed": "add", "file": file})

        assert response.status_code == 422
        assert "looks scanned" in response.content.decode()

    @pytest.mark.parametrize("deed", ["remove", "up", "label", "replace", "dance", ""])
    def test_what_is_not_there_is_refused(self, client, address, deed):
        assert client.post(address, {"deed": deed, "document": "nothing"}).status_code == 422

    def test_reader_may_not(self, client, library):
        reader = PersonFactory()
        MembershipFactory(person=reader)
        client.force_login(reader)

        address = reverse("records:attachments", args=[library[0].reference])

        assert client.get(address).status_code == 403
        assert client.post(address, {"deed": "remove"}).status_code == 403


def test_page_of_a_document_is_read_through_the_record(library):
    _record, pdf, _text, person = library

    assert open_page(make_viewer(person), pdf.reference, 2).number == 2
    assert open_page(make_viewer(person), pdf.reference, 3) is None
