"""What could act is gone from files, or the file is refused; what is harmless stays as it is."""

import hashlib
import io
import shutil
import socket
import struct
import threading
import zipfile

import pikepdf
import pytest
from django.urls import reverse
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from focal.records import attachments, storage
from focal.records.extraction import Unreadable
from focal.records.importing import collect, import_documents
from focal.records.models import Attachment
from focal.safety.files.cleaner import Cleaner, CleaningFailed
from focal.safety.files.images import MAX_SIDE, clean_image
from focal.safety.files.office import find_active
from focal.safety.files.pdf import CannotClean, clean_pdf
from focal.safety.files.reasons import describe_removed
from focal.safety.files.viruses import ScanFailed, scan
from tests.factories import NOON, OrganisationFactory, make_record, make_viewer
from tests.records.documents import files

SCRIPT = "app.beep"


def javascript():
    return Dictionary(S=Name.JavaScript, JS=String(SCRIPT))


def link(pdf, action, **more):
    return pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action, **more)
    )


def attach(pdf):
    stream = pdf.make_stream(b"MZ program")
    spec = Dictionary(Type=Name.Filespec, F=String("x.exe"), EF=Dictionary(F=stream))
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=[String("x"), spec]))


def put(node, **entries):
    for key, value in entries.items():
        node[f"/{key}"] = value


def annotate(pdf, *annotations):
    pdf.pages[0].Annots = Array(annotations)


def annotation(pdf, subtype, **more):
    return pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name("/" + subtype), Rect=[0, 0, 9, 9], **more)
    )


def put_form(pdf, **more):
    field = Dictionary(FT=Name.Tx, T=String("a"), AA=Dictionary(K=javascript()))
    pdf.Root.AcroForm = Dictionary(Fields=[pdf.make_indirect(field)], **more)


def chain(pdf):
    """A harmless action that is followed by one that is not."""
    annotate(
        pdf,
        link(pdf, Dictionary(S=Name.URI, URI=String("https://x.org"), Next=[javascript()])),
    )


def open_with(action):
    return lambda pdf: put(pdf.Root, OpenAction=action)


def link_to(**action):
    return lambda pdf: annotate(pdf, link(pdf, Dictionary(**action)))


def name_script(pdf):
    names = Dictionary(Names=[String("a"), javascript()])
    pdf.Root.Names = Dictionary(JavaScript=names)


def put_xfa(pdf):
    pdf.Root.AcroForm = Dictionary(Fields=[], XFA=pdf.make_stream(b"<xdp/>"))


ACTIVE = {
    "script when opened": ("script", open_with(javascript())),
    "script by name": ("script", name_script),
    "script of a page": (
        "script",
        lambda pdf: put(pdf.pages[0].obj, AA=Dictionary(O=javascript())),
    ),
    "script in a field": ("script", put_form),
    "script after a link": ("script", chain),
    "program started": ("action", open_with(Dictionary(S=Name.Launch, F=String("cmd")))),
    "form sent": ("action", link_to(S=Name.SubmitForm, F=String("http://x"))),
    "file of the reader opened": ("action", link_to(S=Name.GoToR, F=String("\\\\x\\y"))),
    "address that is a script": (
        "action",
        link_to(S=Name.URI, URI=String("java\nscript:alert(1)")),
    ),
    "print at once": ("action", open_with(Dictionary(S=Name.Named, N=Name.Print))),
    "attached file": ("file", attach),
    "attached to the page": (
        "file",
        lambda pdf: annotate(pdf, annotation(pdf, "FileAttachment")),
    ),
    "film": ("media", lambda pdf: annotate(pdf, annotation(pdf, "RichMedia"))),
    "sound": ("media", link_to(S=Name.Sound)),
    "xfa form": ("form", put_xfa),
}


def make_active(path, *changes):
    files.make_pdf(path, [[(12, files.ENGLISH[:60]), (12, "and a second line of text")]])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for change in changes:
            change(pdf)
        pdf.save(path)
    return path


@pytest.mark.parametrize(("code", "change"), ACTIVE.values(), ids=ACTIVE)
def test_what_could_act_is_gone_from_a_pdf(tmp_path, code, change):
    source, target = make_active(tmp_path / "a.pdf", change), tmp_path / "clean.pdf"

    removed = clean_pdf(source, target)

    assert removed == [code]
    assert clean_pdf(target, tmp_path / "again.pdf") == []
    with pikepdf.open(target) as pdf:
        pdf.save(tmp_path / "plain.pdf", compress_streams=False, static_id=True,
                 stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
                 object_stream_mode=pikepdf.ObjectStreamMode.disable)  # fmt: skip
        assert len(pdf.pages) == 1
    plain = (tmp_path / "plain.pdf").read_bytes()
    words = (SCRIPT.encode(), b"JavaScript", b"Launch", b"SubmitForm", b"GoToR", b"EmbeddedFile",
             b"MZ program", b"RichMedia", b"XFA", b"script:", b"/Print")  # fmt: skip
    assert [word for word in words if word in plain] == []
    assert files.ENGLISH[:30].encode() in plain


def test_the_same_file_is_always_cleaned_to_the_same_bytes(tmp_path):
    source = make_active(tmp_path / "a.pdf", *(change for _code, change in ACTIVE.values()))

    first, second = tmp_path / "1.pdf", tmp_path / "2.pdf"
    assert clean_pdf(source, first) == clean_pdf(source, second)

    assert first.read_bytes() == second.read_bytes()


def test_a_harmless_pdf_stays_as_it_is(tmp_path):
    def decorate(pdf):
        pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])
        annotate(
            pdf,
            link(pdf, Dictionary(S=Name.URI, URI=String("https://www.rcc.int"))),
            link(pdf, Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]))),
            link(pdf, Dictionary(S=Name.URI, URI=String("chapter-2.html"))),
            link(pdf, Dictionary(S=Name.Named, N=Name.NextPage)),
        )
        pdf.Root.StructTreeRoot = Dictionary(K=Dictionary(S=Name.P, A=Dictionary(O=Name.Layout)))

    source = make_active(tmp_path / "a.pdf", decorate)

    assert clean_pdf(source, tmp_path / "clean.pdf") == []
    assert not (tmp_path / "clean.pdf").exists()


def test_a_file_that_is_two_things_at_once_is_made_one(tmp_path):
    source = make_active(tmp_path / "a.pdf")
    source.write_bytes(b"<html><script>alert(1)</script>\n" + source.read_bytes())

    assert clean_pdf(source, tmp_path / "clean.pdf") == ["junk"]
    assert (tmp_path / "clean.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("make", [lambda: b"%PDF-1.4 nothing", lambda: b"%PDF-1.7\n" + bytes(99)])
def test_a_pdf_that_cannot_be_looked_into_is_refused(tmp_path, make):
    path = tmp_path / "a.pdf"
    path.write_bytes(make())

    with pytest.raises(CannotClean):
        clean_pdf(path, tmp_path / "clean.pdf")


def test_given_documents_are_left_alone_or_cleaned_once(shared_data, tmp_path):
    for path in sorted((shared_data / "osce").glob("*/en.pdf")):
        target = tmp_path / "clean.pdf"
        target.unlink(missing_ok=True)
        if clean_pdf(path, target):
            assert clean_pdf(target, tmp_path / "again.pdf") == []


# Office


def package(**parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, value in parts.items():
            made.writestr(name, value)
    return zipfile.ZipFile(content)


def relation(kind, target="http://x.org/a", mode="External"):
    start = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    return f'<Relationship Id="1" Type="{start}{kind}" Target="{target}" TargetMode="{mode}"/>'


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"word/vbaProject.bin": b"x"}, "macros"),
        ({"word/vbaData.xml": b"x"}, "macros"),
        ({"word/activeX/activeX1.xml": b"x"}, "controls"),
        ({"word/_rels/settings.xml.rels": relation("attachedTemplate")}, "outside"),
        ({"word/_rels/document.xml.rels": relation("oleObject")}, "outside"),
        ({"word/embeddings/1.bin": OLE + "_VBA_PROJECT".encode("utf-16-le")}, "embedded"),
        ({"word/embeddings/1.bin": OLE + "\x01Ole10Native".encode("utf-16-le")}, "embedded"),
        ({"word/embeddings/a.xlsm": b"PK..xl/vbaProject.bin"}, "macros"),
        ({"word/document.xml": "<w:instrText> DDEAUTO c:\\\\cmd </w:instrText>"}, "macros"),
        ({"content.xml": '<script:event-listener script:language="x"/>'}, "macros"),
        ({"word/_rels/document.xml.rels": relation("hyperlink")}, None),
        ({"word/_rels/document.xml.rels": relation("oleObject", "1.bin", "Internal")}, None),
        ({"word/embeddings/Microsoft_Excel_Sheet1.xlsx": b"PK....xl/workbook.xml"}, None),
        ({"word/embeddings/oleObject1.bin": OLE + "Equation Native".encode("utf-16-le")}, None),
    ],
)  # fmt: skip
def test_office_files_that_could_act_are_refused(parts, code):
    assert find_active(package(**parts)) == code


# Pictures


def make_photo(path, size=(60, 40), **more):
    picture = Image.new("RGB", size, "navy")
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAMERA"
    exif[0x0112] = 6  # turned
    exif[0x8825] = {1: "N", 2: (42.0, 39.0, 0.0)}  # where it was taken
    picture.save(path, exif=exif, **more)
    with path.open("ab") as file:
        file.write(b"HIDDENTAIL")
    return path


@pytest.mark.parametrize(
    ("ending", "media_type"),
    [("jpg", "image/jpeg"), ("png", "image/png"), ("webp", "image/webp")],
)
def test_a_picture_is_drawn_anew_without_what_stands_beside_it(tmp_path, ending, media_type):
    source, target = make_photo(tmp_path / f"a.{ending}"), tmp_path / "clean"

    removed = clean_image(source, target, media_type)
    again = clean_image(source, tmp_path / "again", media_type)

    assert removed == again == ["metadata"]
    content = target.read_bytes()
    assert content == (tmp_path / "again").read_bytes()
    assert b"SECRETCAMERA" in source.read_bytes()
    assert b"SECRETCAMERA" not in content
    assert b"HIDDENTAIL" not in content
    with Image.open(target) as picture:
        assert picture.size == (40, 60)
        assert not picture.getexif()


def test_a_huge_picture_is_made_smaller_and_a_bomb_refused(tmp_path, monkeypatch):
    source = tmp_path / "a.png"
    Image.new("L", (MAX_SIDE + 100, 10)).save(source)

    assert clean_image(source, tmp_path / "clean", "image/png") == ["metadata", "size"]
    monkeypatch.setattr("focal.safety.files.images.MAX_PIXELS", 1000)
    with pytest.raises(CannotClean, match="too_large"):
        clean_image(source, tmp_path / "clean", "image/png")
    source.write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(CannotClean, match="broken"):
        clean_image(source, tmp_path / "clean", "image/png")


# The process


def test_a_file_is_cleaned_in_a_process_of_its_own(tmp_path):
    source = make_active(tmp_path / "a.pdf", ACTIVE["script when opened"][1])
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4 nothing")

    with Cleaner() as cleaner:
        with cleaner.clean(source, "application/pdf") as cleaned:
            assert cleaned.removed == ("script",)
            assert cleaned.path.read_bytes().startswith(b"%PDF-")
        assert not cleaned.path.exists()
        with (
            pytest.raises(CleaningFailed, match="damaged"),
            cleaner.clean(tmp_path / "b.pdf", "application/pdf"),
        ):
            pass
        with cleaner.clean(source, "text/plain") as untouched:
            assert untouched.path == source


def test_a_cleaner_that_takes_too_long_is_ended_and_the_file_refused(tmp_path):
    source = make_active(tmp_path / "a.pdf")

    with (
        Cleaner(seconds=0) as cleaner,
        pytest.raises(CleaningFailed, match="too long"),
        cleaner.clean(source, "application/pdf"),
    ):
        pass
    assert cleaner._process is None


# The scanner


class FakeScanner(threading.Thread):
    """A clamd that says what it is told to and keeps what it was sent."""

    def __init__(self, answer):
        super().__init__(daemon=True)
        self.answer, self.received = answer, b""
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.listening.getsockname()[1]}"

    def run(self):
        connection, _peer = self.listening.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while size := struct.unpack("!L", stream.read(4))[0]:
                self.received += stream.read(size)
            connection.sendall(self.answer + b"\0")
        self.listening.close()


@pytest.fixture
def scanner(settings):
    def make(answer):
        fake = FakeScanner(answer)
        settings.CLAMD_ADDRESS = fake.address
        return fake

    return make


def test_a_clean_file_passes_the_scanner_whole(tmp_path, scanner):
    content = b"x" * 200_000
    (tmp_path / "a").write_bytes(content)
    fake = scanner(b"stream: OK")

    scan(tmp_path / "a")

    fake.join(5)
    assert fake.received == content


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"stream: Eicar-Test-Signature FOUND", r"found something in it \(Eicar-Test-Signature\)"),
        (b"INSTREAM size limit exceeded. ERROR", "too large for the virus scanner"),
        (b"", "cannot be reached"),
        (b"something else", "cannot be reached"),
    ],
)
def test_whatever_else_the_scanner_says_nothing_is_taken_in(tmp_path, scanner, answer, sentence):
    (tmp_path / "a").write_bytes(b"x")
    fake = scanner(answer)

    with pytest.raises(ScanFailed, match=sentence):
        scan(tmp_path / "a")
    fake.join(5)


def test_without_its_scanner_nothing_is_taken_in(tmp_path, settings):
    (tmp_path / "a").write_bytes(b"x")
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.CLAMD_ADDRESS = f"127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(ScanFailed, match="cannot be reached"):
        scan(tmp_path / "a")
    settings.CLAMD_ADDRESS = str(tmp_path / "no.socket")
    with pytest.raises(ScanFailed, match="cannot be reached"):
        scan(tmp_path / "a")


# Taken in


@pytest.fixture
def desk(db, settings, tmp_path):
    settings.DATA = tmp_path / "data"
    organisation = OrganisationFactory()
    editor = make_viewer(organisation=organisation)
    return make_record(by=editor, organisation=organisation), editor, organisation


def address_of(attachment, name, *more):
    return reverse(f"records:{name}", args=[attachment.reference, *more])


def take_in(path, record, editor):
    with attachments.read_document([path.read_bytes()], file_name=path.name) as document:
        return attachments.add_attachment(record=record, document=document, by=editor, at=NOON)


def test_what_is_served_is_the_cleaned_file_and_a_note_says_so(desk, client, tmp_path):
    record, editor, _organisation = desk
    source = make_active(tmp_path / "a.pdf", ACTIVE["script when opened"][1], attach)

    attachment = take_in(source, record, editor)
    served = client.get(address_of(attachment, "document_download"))

    content = b"".join(served.streaming_content)
    assert SCRIPT.encode() in source.read_bytes()
    assert SCRIPT.encode() not in content
    assert hashlib.sha256(content).hexdigest() == attachment.digest
    assert attachment.original_digest == hashlib.sha256(source.read_bytes()).hexdigest()
    assert attachment.note == describe_removed(["script", "file"])
    page = client.get(address_of(attachment, "document")).content.decode()
    assert "Removed from the file for safety: programs (scripts), attached files." in page
    assert served.headers["Content-Disposition"].startswith("attachment")
    assert served.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert served.headers["X-Content-Type-Options"] == "nosniff"


def test_a_cleaned_file_is_known_when_it_comes_again(desk, tmp_path):
    _record, editor, organisation = desk
    source = make_active(tmp_path / "folder" / "a.pdf", ACTIVE["script when opened"][1])
    common = {"by": editor, "organisation": organisation, "at": NOON}

    first = import_documents(collect(source.parent), **common)
    again = import_documents(collect(source.parent), **common)
    attachment = Attachment.objects.get()
    (tmp_path / "served").mkdir()
    shutil.copy(storage.get_path(attachment.digest), tmp_path / "served" / "b.pdf")
    served = import_documents(collect(tmp_path / "served"), **common)

    assert (len(first.new), len(again.new), len(again.known)) == (1, 0, 1)
    assert (len(served.new), len(served.known)) == (0, 1)
    assert "programs (scripts)" in first.new[0].note


def test_a_picture_is_shown_on_its_page_and_served_sealed(desk, client, tmp_path):
    record, editor, _organisation = desk

    attachment = take_in(make_photo(tmp_path / "a.jpg"), record, editor)

    page = client.get(address_of(attachment, "document"))
    picture = client.get(address_of(attachment, "document_picture", 1))
    assert page.status_code == 200
    assert address_of(attachment, "document_picture", 1) in page.content.decode()
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert picture.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert b"SECRETCAMERA" not in b"".join(picture.streaming_content)
    assert client.get(address_of(attachment, "document_page", 1)).status_code == 404


def test_what_the_scanner_finds_is_not_kept(desk, scanner, tmp_path):
    record, editor, _organisation = desk
    scanner(b"stream: Eicar FOUND")

    with pytest.raises(Unreadable, match="Eicar"):
        take_in(make_active(tmp_path / "a.pdf"), record, editor)

    assert not Attachment.objects.exists()
    assert [path for path in storage.get_folder().rglob("*") if path.is_file()] == []
