"""PDFs made for one test each."""

import io

import pypdfium2 as pdfium
from pikepdf import Array, Dictionary, Encryption, Name, Pdf


def make_pdf(*pages, encryption=None, **catalogue):
    """A PDF of the pages, each a dict: box, rotate, crop, unit, content."""
    pdf = Pdf.new()
    for page in pages or ({},):
        pdf.add_blank_page(page_size=(595, 842))
        node = pdf.pages[-1].obj
        if "box" in page:
            node.MediaBox = Array(page["box"])
        if "crop" in page:
            node.CropBox = Array(page["crop"])
        if "rotate" in page:
            node.Rotate = page["rotate"]
        if "unit" in page:
            node.UserUnit = page["unit"]
        if "content" in page:
            node.Contents = pdf.make_stream(page["content"])
            font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
            node.Resources = Dictionary(Font=Dictionary(F1=font))
    for key, value in catalogue.items():
        pdf.Root[f"/{key}"] = value
    return save(pdf, encryption=encryption)


def save(pdf, encryption=None):
    target = io.BytesIO()
    locked = Encryption(owner="o", user=encryption) if encryption else False
    pdf.save(target, encryption=locked)
    return target.getvalue()


def words(text):
    """Content that writes a line of text."""
    return b"BT /F1 14 Tf 72 400 Td (%s) Tj ET" % text.encode()


def read_boxes(content, text):
    """For each page: where `text` stands as the page is seen, in thousandths from the top left."""
    with pdfium.PdfDocument(content) as document:
        found = []
        for page in document:
            page_text = page.get_textpage()
            search = page_text.search(text)
            places = []
            while (hit := search.get_next()) is not None:
                rects = [page_text.get_charbox(i) for i in range(hit[0], hit[0] + hit[1])]
                places.append(_to_seen(page, rects))
            found.append(places)
            search.close()
            page_text.close()
            page.close()
        return found


def _to_seen(page, rects):
    import ctypes

    import pypdfium2.raw as raw

    points = []
    for left, bottom, right, top in rects:
        for x, y in ((left, bottom), (right, top)):
            device = ctypes.c_int(), ctypes.c_int()
            raw.FPDF_PageToDevice(page.raw, 0, 0, 1000, 1000, 0, x, y, *map(ctypes.byref, device))
            points.append((device[0].value, device[1].value))
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
