"""Documents made by code: good ones, and the bad ones that people and programs bring."""

import zipfile
from pathlib import Path

import pikepdf

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Override PartName="/word/document.xml" ContentType="application/{kind}'
    '.main+xml"/></Types>'
)
DOCX_KIND = "vnd.openxmlformats-officedocument.wordprocessingml.document"
MACRO_KIND = "vnd.ms-word.document.macroEnabled"
ENGLISH = (
    "The municipal council has agreed with the schools on a programme for young people. "
    "Teachers and parents will meet every month and learn how to speak about violence."
)
ALBANIAN = (
    "Këshilli komunal është marrë vesh me shkollat për një program për të rinjtë. "
    "Mësuesit dhe prindërit do të takohen çdo muaj dhe do të mësojnë si të flasin për dhunën."
)
MACEDONIAN = (
    "Советот на општината се договори со училиштата за програма за младите. "
    "Наставниците и родителите ќе се среќаваат секој месец и ќе учат како да зборуваат."
)
BOSNIAN = (
    "Općinsko vijeće se dogovorilo sa školama o programu za mlade u saradnji s porodicama. "
    "Nastavnici i roditelji će se sastajati svake sedmice i učiti kako da govore o nasilju."
)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def make_pdf(path: Path, pages: list[list[tuple[int, str]]], **info: str) -> Path:
    """A PDF whose pages are lines of (size, text) in Helvetica."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with pikepdf.new() as pdf:
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        for lines in pages:
            page = pdf.add_blank_page(page_size=(595, 842))
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
            stream, down = "", 780
            for size, text in lines:
                shown = text.replace("(", r"\(").replace(")", r"\)")
                stream += f"BT /F1 {size} Tf 60 {down} Td ({shown}) Tj ET\n"
                down -= size + 6
            page.Contents = pdf.make_stream(stream.encode("latin-1"))
        for name, value in info.items():
            pdf.docinfo[f"/{name}"] = value
        pdf.save(path)
    return path


def as_lines(text: str) -> list[tuple[int, str]]:
    """Its sentences, each on a line that fits the page."""
    return [(10, sentence.strip() + ".") for sentence in text.split(".") if sentence.strip()]


def make_plain_pdf(path: Path, text: str = ENGLISH, title: str = "A quiet programme") -> Path:
    return make_pdf(path, [[(24, title), *as_lines(text)], as_lines(text)])


def make_long_pdf(path: Path, count: int) -> Path:
    """Many pages that share one content, written by hand: libraries take long for that many."""
    content = b"BT /F1 9 Tf 60 700 Td (The council met the teachers of the schools.) Tj ET"
    kids = " ".join(f"{number} 0 R" for number in range(5, count + 5))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {count} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >> stream\n%s\nendstream" % (len(content), content),
    ]
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 3 0 R >> >> >>"
    )
    written, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate([*objects, *[page] * count], start=1):
        places.append(len(written))
        written += b"%d 0 obj %s endobj\n" % (number, body)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    written += (
        f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(places) + 1} /Root 1 0 R >>\n"
        f"startxref\n{len(written)}\n%%EOF"
    ).encode()
    path.write_bytes(written)
    return path


def make_encrypted_pdf(path: Path) -> Path:
    plain = make_plain_pdf(path.with_suffix(".plain"))
    with pikepdf.open(plain) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    plain.unlink()
    return path


def make_scanned_pdf(path: Path) -> Path:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.save(path)
    return path


def paragraph(text: str, style: str = "") -> str:
    kept = text.replace("&", "&amp;").replace("<", "&lt;")
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{look}<w:r><w:t xml:space="preserve">{kept}</w:t></w:r></w:p>'


def make_docx(path: Path, body: str, *, kind: str = DOCX_KIND, **more: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", TYPES.format(kind=kind))
        package.writestr(
            "word/document.xml",
            f'<?xml version="1.0"?><w:document xmlns:w="{WORD}">'
            f"<w:body>{body}</w:body></w:document>",
        )
        for name, content in more.items():
            package.writestr(f"word/{name}", content)
    return path


def make_zip_bomb(path: Path) -> Path:
    """A few hundred kilobytes that would be half a gigabyte."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", TYPES.format(kind=DOCX_KIND))
        with package.open("word/document.xml", "w", force_zip64=True) as part:
            for _megabyte in range(300):
                part.write(b"a" * (1 << 20))
    return path


def make_odt(path: Path, body: str) -> Path:
    names = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
        for prefix in ("office", "text", "table")
    )
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {names}><office:body><office:text>'
            f"{body}</office:text></office:body></office:document-content>",
        )
    return path


def make_huge(path: Path, size: int = 300 * 1024 * 1024) -> Path:
    """A file that says it is 300 MB and takes no room."""
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(size)
    return path
