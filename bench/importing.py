"""How many documents of 20 pages a minute come in until their words can be searched.

PDFs made here, each page with text of its own, go the whole way: read in the reading process,
grouped, stored, written in a transaction each, and delivered to the word index. Where the
given OSCE documents are at hand, they are measured as well. `python -m bench importing`.
"""

from __future__ import annotations

import time
from pathlib import Path

from bench.apart import SHARED, make_data_folder, run_apart

DOCUMENTS, PAGES, LINES = 60, 20, 42
TARGET = 20  # documents a minute
GIVEN = SHARED / "osce"


def run(documents: int = DOCUMENTS) -> dict[str, object]:
    """Documents a minute, made and given, and where the time goes."""
    with make_data_folder() as folder:
        made = folder / "made"
        made.mkdir()
        write_documents(made, documents)
        figures: dict[str, object] = {
            "target_documents_per_minute": TARGET,
            "made": {
                "pages_each": PAGES,
                **run_apart(measure, str(made), folder=folder / "data-made"),
            },
        }
        if GIVEN.is_dir():
            figures["given_osce"] = run_apart(measure, str(GIVEN), folder=folder / "data-given")
    return figures


def write_documents(folder: Path, count: int) -> None:
    """PDFs whose words are drawn as they are in texts: few often, most seldom."""
    from bench.corpus import make_documents, make_tables

    texts = []
    for document in make_documents(200, make_tables(7), 7):
        texts += [text.body or text.summary for text in document.texts]
    words = [word for text in texts for word in text.split() if word.isascii() and word.isalnum()]
    place = 0
    for number in range(count):
        pages = []
        for _page in range(PAGES):
            lines = []
            for _line in range(LINES):
                line = [words[(place + offset) % len(words)] for offset in range(11)]
                place += 11 + number % 3
                lines.append(" ".join(line)[:100])
            pages.append(lines)
        (folder / f"report {number:03}.pdf").write_bytes(make_pdf(pages))


def make_pdf(pages: list[list[str]]) -> bytes:
    """A plain PDF of lines of ASCII text."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 "
               b"/BaseFont /Helvetica >>"]  # fmt: skip
    kids = []
    for lines in pages:
        content = "BT /F1 10 Tf 14 TL 60 790 Td\n" + "".join(f"({line}) Tj T*\n" for line in lines)
        stream = (content + "ET").encode("ascii")
        objects.append(b"<< /Length %d >> stream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode()
    written, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj %s endobj\n" % (number, body)
    table = "".join(f"{at:010} 00000 n \n" for at in places)
    written += (
        f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF"
    ).encode()
    return bytes(written)


def measure(source: str) -> dict[str, object]:
    """Import a folder in this process and deliver it to the word index."""

    from django.core.management import call_command
    from django.utils import timezone

    from focal.directory.models import Organisation
    from focal.outbox.services import deliver_all
    from focal.records.importing import collect, import_documents
    from focal.records.models import AttachmentPage
    from focal.search.services import status
    from focal.sharing.viewer import Viewer
    from focal.vocabulary.services import load_vocabulary

    call_command("migrate", verbosity=0)
    load_vocabulary(at=timezone.now())
    organisation = Organisation.objects.create(name="Bench", is_secretariat=True)
    deliver_all("words")  # the empty index is made before the clock starts
    start = time.perf_counter()
    report = import_documents(
        collect(source),
        by=Viewer.for_organisation(organisation, name="bench"),
        organisation=organisation,
        at=timezone.now(),
        publish=True,
    )
    taken_in = time.perf_counter()
    deliver_all("words")
    searchable = time.perf_counter()
    assert status()["words"]["done"] == len(report.new_records)
    return {
        "documents": len(report.new),
        "records": len(report.new_records),
        "pages": AttachmentPage.objects.count(),
        "seconds_to_read_and_store": round(taken_in - start, 2),
        "seconds_to_words_searchable": round(searchable - start, 2),
        "documents_per_minute": round(len(report.new) / (searchable - start) * 60),
    }
