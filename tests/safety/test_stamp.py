"""Who took a document and its marking stand on every page, however the page is made."""

import io

import pikepdf
import pypdfium2 as pdfium
import pytest

from focal.kernel.errors import BadInput
from focal.safety.stamp import stamp_pdf
from tests.safety.pdfs import make_pdf, read_boxes, words

LINE = "Released to Ђорђе Петровић · Αθηνά Παπαδοπούλου · Šemsa Čengić, 26 November 2026 at 09:05"


def stamp(content, line=LINE, marking="AMBER"):
    return stamp_pdf(io.BytesIO(content), line=line, marking=marking)


def text_of(content):
    with pdfium.PdfDocument(content) as document:
        return [
            " ".join(page.get_textpage().get_text_bounded().replace("\r\n", " ").split())
            for page in document
        ]


def test_every_page_says_who_took_it_and_its_marking():
    stamped = stamp(make_pdf({"content": words("First")}, {"content": words("Second")}))

    for page, own in zip(text_of(stamped), ("First", "Second"), strict=True):
        assert own in page
        assert LINE in page
        assert page.count("TLP:AMBER") == 2


PAGES = {
    "plain": {},
    "turned right": {"rotate": 90},
    "upside down": {"rotate": 180},
    "turned left": {"rotate": 270},
    "cropped": {"box": [-50, -70, 500, 900], "crop": [100, 100, 460, 700]},
    "cropped beyond its paper": {"box": [0, 0, 400, 300], "crop": [-90, -90, 9000, 9000]},
    "cropped and turned": {"box": [-50, -70, 500, 900], "crop": [100, 100, 460, 700], "rotate": 90},
    "corners the wrong way round": {"box": [595, 842, 0, 0]},
    "a box of nothing": {"box": [0, 0, 0, 0]},
    "with units of its own": {"box": [0, 0, 200, 200], "unit": 3},
    "a card": {"box": [0, 0, 150, 90]},
    "a poster": {"box": [0, 0, 2400, 3300]},
    "scaled and not put back": {"content": b"q 0.01 0 0 0.01 0 0 cm q BT /F1 9 Tf"},
    "put back too often": {"content": b"Q Q ET EMC 0.01 0 0 0.01 0 0 cm Q"},
    "a string that never ends": {"content": b"q (and so on \\( forever <</A ["},
    "clipped to nothing": {"content": b"0 0 1 1 re W n"},
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_the_stamp_stands_upright_at_head_and_foot(page):
    (places,) = read_boxes(stamp(make_pdf(page)), "TLP:AMBER")

    head, foot = sorted(places, key=lambda box: box[1])
    for left, top, right, bottom in (head, foot):
        assert 500 < left < right <= 1000, "on the right, within the page, and not mirrored"
        assert 0 <= top < bottom <= 1000
        assert right - left > bottom - top or page.get("box") == [0, 0, 150, 90]
    assert head[3] < 250
    assert foot[1] > 750


def test_the_stamp_is_drawn_over_what_the_page_paints():
    dark = make_pdf({"content": b"q 0 0 0.4 rg 0 0 595 842 re f 0.01 0 0 0.01 0 0 cm"})

    with pdfium.PdfDocument(stamp(dark)) as document:
        picture = document[0].render(scale=2).to_pil()
    assert max(picture.crop((20, 1640, 700, 1680)).convert("L").getextrema()) > 200


def test_pages_that_share_what_they_draw_with_keep_it():
    pdf = pikepdf.open(io.BytesIO(make_pdf({"content": words("Shared")}, {})))
    shared = pdf.make_indirect(pdf.pages[0].obj.Resources)
    parent = pdf.Root.Pages
    parent.Resources = shared
    parent.Rotate = 90
    for page in pdf.pages:
        del page.obj.Resources
        page.obj.Contents = pdf.make_stream(words("Shared"))
    target = io.BytesIO()
    pdf.save(target)

    stamped = stamp(target.getvalue())

    assert all("Shared" in page and LINE in page for page in text_of(stamped))
    with pikepdf.open(io.BytesIO(stamped)) as again:
        names = [list(page.resources.XObject.keys()) for page in again.pages]
    assert [len(each) for each in names] == [1, 1]


def test_for_readers_who_listen_the_stamp_is_no_part_of_the_text():
    with pikepdf.open(io.BytesIO(stamp(make_pdf({"content": words("Text")})))) as pdf:
        content = pdf.pages[0].Contents
        data = (
            b"".join(part.read_bytes() for part in content)
            if isinstance(content, pikepdf.Array)
            else content.read_bytes()
        )

    before, after = data.split(b"/FocalStamp")
    assert before.rindex(b"/Artifact") > before.index(b"Tj")
    assert after.split() == [after.split()[0], b"Do", b"Q", b"EMC"]


def test_what_the_line_says_is_only_text():
    line = '#panic() \\ $x$ "quoted" */ @ref <tag> \x00\x07 \n second line'

    (page,) = text_of(stamp(make_pdf(), line=line))

    assert '#panic() \\ $x$ "quoted" */ @ref <tag> second line' in page


@pytest.mark.parametrize("marking", ["RED", "TLP:RED", "amber+strict", "CLEAR", "GREEN"])
def test_the_marking_is_written_as_tlp_writes_it(marking):
    (page,) = text_of(stamp(make_pdf(), marking=marking))

    assert page.count("TLP:" + marking.upper().removeprefix("TLP:")) == 2


def test_the_same_stamp_gives_the_same_bytes():
    content = make_pdf({"content": words("Same")})

    assert stamp(content) == stamp(content)


def test_what_cannot_be_opened_is_refused_in_a_sentence():
    with pytest.raises(BadInput, match="protected by a password"):
        stamp(make_pdf(encryption="secret"))
    with pytest.raises(BadInput, match="damaged"):
        stamp(b"%PDF-1.7 and nothing more")
    assert stamp_pdf(io.BytesIO(make_pdf()), line="", marking="RED")
