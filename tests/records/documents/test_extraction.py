"""What is read out of documents, and what is refused with which sentence."""

import os
import signal
from datetime import date

import pytest

from focal.records.extraction import Reader, Unreadable
from focal.records.extraction import reader as reader_module
from focal.records.extraction.outcome import DOCX, HTML, ODT, PDF, TEXT, XML
from tests.records.documents import files


@pytest.fixture(scope="module")
def reader():
    with Reader() as reader:
        yield reader


def read(reader, path, name=""):
    return reader.read(path, declared_name=name or path.name)


def test_pdf_is_read_page_by_page(reader, tmp_path):
    path = files.make_pdf(
        tmp_path / "report.pdf",
        [
            [(24, "Schools and councils together"), *files.as_lines(files.ENGLISH)],
            [(11, "What the council did next with the teachers.")],
        ],
        CreationDate="D:20210930120000Z",
    )

    found = read(reader, path)

    assert found.media_type == PDF
    assert found.is_paged
    assert found.pages == [
        "Schools and councils together\n" + files.ENGLISH.replace(". ", ".\n"),
        "What the council did next with the teachers.",
    ]
    assert found.title == "Schools and councils together"
    assert found.language == "en"
    assert found.issued == date(2021, 9, 30)
    assert found.note == ""


@pytest.mark.parametrize(
    ("claimed", "title"),
    [
        ("Schools and councils", "Schools and councils"),
        ("Microsoft Word - final_v7.doc", "Schools and councils together"),
        ("Untitled", "Schools and councils together"),
        ("Annual budget of another office", "Schools and councils together"),
    ],
)
def test_title_that_a_pdf_claims_counts_when_its_text_bears_it_out(
    reader, tmp_path, claimed, title
):
    path = files.make_pdf(
        tmp_path / "report.pdf",
        [[(24, "Schools and councils together"), *files.as_lines(files.ENGLISH)]],
        Title=claimed,
    )

    assert read(reader, path).title == title


def test_docx_keeps_signs_tabs_tables_and_pages(reader, tmp_path):
    body = (
        files.paragraph("A shared plan", "Title")
        + files.paragraph("Research & development <of> schools")
        + "<w:p><w:r><w:t>One</w:t><w:tab/><w:t>two</w:t></w:r></w:p>"
        + "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        + "<w:ins><w:r><w:t>stays</w:t></w:r></w:ins></w:p>"
        + '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
        + "<w:tbl><w:tr><w:tc>"
        + files.paragraph("left")
        + "</w:tc><w:tc>"
        + files.paragraph("right")
        + "</w:tc></w:tr></w:tbl>"
    )

    found = read(reader, files.make_docx(tmp_path / "plan.docx", body))

    assert found.media_type == DOCX
    assert found.pages == [
        "A shared plan\n\nResearch & development <of> schools\n\nOne two\n\nstays",
        "left\n\nright",
    ]
    assert found.title == "A shared plan"


def test_odt_keeps_spaces_and_lists(reader, tmp_path):
    body = (
        "<text:h>Наслов на извештајот</text:h><text:p>Прв<text:s/>пасус &amp; текст</text:p>"
        "<text:list><text:list-item><text:p>точка</text:p></text:list-item></text:list>"
    )

    found = read(reader, files.make_odt(tmp_path / "izvestaj.odt", body))

    assert found.media_type == ODT
    assert found.pages == ["Наслов на извештајот\n\nПрв пасус & текст\n\nточка"]
    assert found.title == "Наслов на извештајот"


def test_html_gives_what_a_reader_sees(reader, tmp_path):
    page = (
        "<!doctype html><html lang='sq'><head><title>Faqja &amp; më shumë</title><style>p{}</style>"
        "<script>alert('no')</script></head><body><h1>Programi i ri</h1>"
        f"<p>{files.ALBANIAN.replace('komunal', '<b>komunal</b>')}</p><svg><text>no</text></svg>"
        "<noscript>no</noscript><ul><li>një</li><li>dy</li></ul></body></html>"
    )

    found = read(reader, files.write(tmp_path / "faqja.html", page))

    assert found.media_type == HTML
    assert found.pages == [f"Programi i ri\n\n{files.ALBANIAN}\n\nnjë\ndy"]
    assert (found.title, found.language) == ("Programi i ri", "sq")


def test_xml_gives_the_words_between_its_tags(reader, tmp_path):
    text = f"<?xml version='1.0'?><law><title>Ligji i ri</title><para>{files.ALBANIAN}</para></law>"

    found = read(reader, files.write(tmp_path / "ligji.xml", text))

    assert found.media_type == XML
    assert found.pages == [f"Ligji i ri\n\n{files.ALBANIAN}"]
    assert (found.title, found.language) == ("Ligji i ri", "sq")


def test_text_is_read_in_parts_and_has_no_title(reader, tmp_path):
    text = "\n\n".join(f"{number}. {files.ENGLISH}" for number in range(60))

    found = read(reader, files.write(tmp_path / "long.txt", text))

    assert found.media_type == TEXT
    assert found.title == ""
    assert "\n\n".join(found.pages) == text
    assert len(found.pages) > 1
    assert max(map(len, found.pages)) <= 4_500


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (files.MACEDONIAN, "utf-8"),
        (files.MACEDONIAN, "utf-8-sig"),
        (files.MACEDONIAN, "utf-16"),
        (files.MACEDONIAN, "utf-16-le"),
        (files.MACEDONIAN, "cp1251"),
        (files.MACEDONIAN, "iso8859-5"),
        (files.BOSNIAN, "cp1250"),
        (files.BOSNIAN, "iso8859-2"),
        (files.ALBANIAN, "cp1252"),
        (
            "Belediye meclisi gençler için okullarla bir program hazırladı ve şiddeti önlüyor.",
            "cp1254",
        ),
        (
            "Το δημοτικό συμβούλιο συμφώνησε με τα σχολεία για ένα πρόγραμμα για τους νέους.",
            "cp1253",
        ),
        ("Consiliul a convenit cu şcolile un program pentru tineri în această ţară.", "cp1250"),
    ],
)
def test_text_is_read_in_whatever_encoding_it_came(reader, tmp_path, text, encoding):
    found = read(reader, files.write(tmp_path / "text.txt", text, encoding))

    assert found.pages == [text]


def test_text_is_cleaned_of_what_no_database_holds(reader, tmp_path):
    path = tmp_path / "odd.txt"
    path.write_bytes(b"A\x00 word\r\nand \x1b[1m another \xed\xa0\x80 one\x0c here for you")

    [page] = read(reader, path).pages

    assert not any(ord(character) < 32 and character != "\n" for character in page)
    assert page.encode("utf-8")
    assert "\ud800" not in page


def test_long_pdf_is_cut_with_a_note(reader, tmp_path, monkeypatch):
    path = files.make_long_pdf(tmp_path / "long.pdf", 10_000)

    found = read(reader, path)

    assert len(found.pages) == 2_000
    assert (found.note, found.note_values) == ("cut_pages", {"read": 2000, "all": 10000})


def make_bad_files(folder):
    """Name of the file and what its refusal says."""
    good = files.make_plain_pdf(folder / "good.pdf")
    (folder / "truncated.pdf").write_bytes(good.read_bytes()[:300])
    (folder / "noise.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 40)
    files.make_encrypted_pdf(folder / "locked.pdf")
    files.make_scanned_pdf(folder / "scan.pdf")
    files.make_zip_bomb(folder / "bomb.docx")
    files.make_docx(folder / "macros.docx", files.paragraph("x"), kind=files.MACRO_KIND)
    files.make_docx(folder / "hidden.docx", files.paragraph("x"), **{"vbaProject.bin": b"MZ"})
    files.make_docx(folder / "word.pdf", files.paragraph(files.ENGLISH))
    (folder / "broken.docx").write_bytes((folder / "word.pdf").read_bytes()[:200])
    (folder / "empty.txt").write_bytes(b"")
    files.write(folder / "blank.txt", " \n\t \n")
    files.write(folder / "signs.txt", "--- ... !!! ---")
    files.write(folder / "text.pdf", files.ENGLISH)
    (folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 20)
    files.write(
        folder / "laughs.xml",
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>',
    )
    files.write(folder / "open.xml", "<?xml version='1.0'?><a>never closed")
    files.write(folder / "notes.md", files.ENGLISH)
    (folder / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    (folder / "locked.docx").write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900) + "EncryptedPackage".encode("utf-16-le")
    )
    files.make_huge(folder / "huge.pdf")
    return {
        "truncated.pdf": "damaged",
        "noise.pdf": "damaged",
        "locked.pdf": "password",
        "scan.pdf": "looks scanned",
        "bomb.docx": "unpack to far more",
        "macros.docx": "macros",
        "hidden.docx": "macros",
        "word.pdf": "it is a Word document",
        "broken.docx": "damaged",
        "empty.txt": "is empty",
        "blank.txt": "is empty",
        "signs.txt": "no text",
        "text.pdf": "it is plain text",
        "picture.txt": "is a picture",
        "binary.txt": "not a document",
        "laughs.xml": "document type",
        "open.xml": "damaged",
        "notes.md": "ending in .md",
        "old.doc": "old version of Office",
        "locked.docx": "password",
        "huge.pdf": "at most",
    }


def test_bad_files_are_refused_with_a_sentence_and_the_reader_goes_on(reader, tmp_path):
    expected = make_bad_files(tmp_path)

    said = {}
    for name in expected:
        with pytest.raises(Unreadable) as refusal:
            read(reader, tmp_path / name)
        said[name] = str(refusal.value)

    assert [n for n, part in expected.items() if part not in said[n] or said[n][-1] != "."] == []
    assert read(reader, tmp_path / "good.pdf").title == "A quiet programme"


def test_missing_file_and_folder_are_refused(reader, tmp_path):
    for path in (tmp_path, tmp_path / "nothing.pdf"):
        with pytest.raises(Unreadable, match="not an ordinary file"):
            read(reader, path)


def test_document_that_outlasts_its_time_is_refused_and_the_next_is_read(tmp_path, monkeypatch):
    good = files.write(tmp_path / "good.txt", files.ENGLISH)

    with Reader(seconds=30) as reader:
        reader.read(good, declared_name="good.txt")
        monkeypatch.setattr(reader, "_seconds", 0)
        os.kill(reader._process.pid, signal.SIGSTOP)  # it will not answer, however long one waits
        with pytest.raises(Unreadable, match="too long"):
            reader.read(good, declared_name="good.txt")
        monkeypatch.setattr(reader, "_seconds", 30)

        assert reader.read(good, declared_name="good.txt").language == "en"


def test_document_that_crashes_the_reader_costs_itself_alone(tmp_path):
    good = files.write(tmp_path / "good.txt", files.ENGLISH)

    with Reader() as reader:
        reader.read(good, declared_name="good.txt")
        reader._process.kill()
        with pytest.raises(Unreadable):
            reader.read(good, declared_name="good.txt")

        assert reader.read(good, declared_name="good.txt").language == "en"


def test_reading_process_cannot_write_files(tmp_path, monkeypatch):
    monkeypatch.setattr(
        reader_module.sys, "executable", _make_probe(tmp_path, reader_module.sys.executable)
    )

    with Reader() as reader, pytest.raises(Unreadable):
        reader.read(files.write(tmp_path / "a.txt", "abc"), declared_name="a.txt")
    assert (tmp_path / "probe").read_bytes() == b""


def _make_probe(folder, python):
    """An interpreter that takes on the child's limits and then tries to write."""
    script = folder / "python"
    script.write_text(
        f"#!{python}\n"
        "from focal.records.extraction.child import _limit\n"
        f"file = open({str(folder / 'probe')!r}, 'wb', buffering=0)\n"
        "_limit()\n"
        "file.write(b'written')\n"
    )
    script.chmod(0o755)
    return str(script)
