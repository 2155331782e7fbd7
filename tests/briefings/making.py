"""A briefing with one block of every kind."""

import struct
import zlib

from focal.records import storage
from focal.records.models import Attachment
from tests.factories import NOON


def make_picture(record, title="A picture"):
    """A white picture of eight by eight dots among the documents of a record."""
    content = make_png(8)
    with storage.stage_stream([content]) as staged:
        staged.keep()
    return Attachment.objects.create(
        record_id=record.pk,
        title=title,
        file_name="picture.png",
        media_type="image/png",
        size=len(content),
        digest=staged.digest,
        added_at=NOON,
    )


def make_png(size):
    """A white square."""
    head = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\x00" + b"\xff" * size) * size)
    parts = [(b"IHDR", head), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def make_every_block(figures):
    """One block of every kind, each with words in English, Greek and Serbian."""
    series, mark = figures[0].series, f"[[figure:{figures[0].reference}]]"
    rich = (
        f"<p>They were {mark}, <strong>not</strong> <a href='https://example.org/'>fewer</a>.</p>"
        "<h3>Below</h3><ul><li>One</li><li>Two</li></ul><ol><li>First</li></ol>"
        "<blockquote><p>Said.</p></blockquote>"
        "<table><tr><th>Where</th><th>What</th></tr><tr><td>Here</td><td>This</td></tr></table>"
    )
    picture = make_picture(series)
    return [
        _block("heading", text=("Where it stands", "Η κατάσταση", "Где смо")),
        _block("text", text=(rich, f"<p>Ήταν {mark}.</p>", f"<p>Било их је {mark}.</p>")),
        _block("figure", observation=figures[0].reference, label=("People", "Άνθρωποι", "Људи")),
        _block("figure", observation=figures[1].reference, label=("Again", "Πάλι", "Опет")),
        _block("chart", record=series.reference, caption=("A chart", "Διάγραμμα", "Графикон")),
        _block("quote", text=("Said so.", "Είπε.", "Рекао је."), source="A paper",
               url="https://example.org/paper"),
        _block("pull", text=("In short", "Με λίγα λόγια", "Укратко")),
        _block("list", title=("Newest", "Νεότερα", "Најновије"),
               query=f"record={series.reference}"),
        _block("coverage", title=("Coverage", "Κάλυψη", "Покривеност"), query=""),
        _block("people", title=("Whom to ask", "Επαφές", "Коме се обратити"),
               lines=("An office\noffice@example.org", "Γραφείο", "Канцеларија")),
        _block("picture", attachment=picture.reference,
               description=("White", "Λευκό", "Бело"), credit=("By nobody", "Κανείς", "Нико")),
    ]  # fmt: skip


def _block(kind, **given):
    """Tuples are words in the three languages, the rest are fields."""
    words = {name: value for name, value in given.items() if isinstance(value, tuple)}
    fields = {name: value for name, value in given.items() if name not in words}
    texts = {
        code: {name: said[place] for name, said in words.items()}
        for place, code in enumerate(("en", "el", "sr"))
    }
    return {"kind": kind, "texts": texts, **fields}
