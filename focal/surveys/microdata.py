"""The closed store: what the persons asked have answered, by content, in the data folder.

Nothing here has an address. Files are read by `estimation` alone, column by column, and what
leaves is tables above the disclosure threshold. Reading a file that was brought (CSV, SPSS,
Stata) is here as well; it refuses with a sentence what cannot be used.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput

if TYPE_CHECKING:
    import polars as pl

LARGEST = 512 * 1024 * 1024  # bytes of a file that is brought
MOST_ROWS, MOST_COLUMNS = 2_000_000, 3_000
ENCODINGS = ("utf-8-sig", "cp1250", "cp1251", "cp1253")
ENDINGS = (".csv", ".sav", ".zsav", ".dta")


@dataclass(frozen=True, slots=True)
class Microdata:
    """Answers as a table, one row a person, with what the file says of its columns."""

    frame: pl.DataFrame
    texts: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)


def read_file(path: Path) -> Microdata:
    """The answers in a CSV, SPSS or Stata file. BadInput says what cannot be used and why."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise BadInput(
            _("'%(name)s' is none of the formats that can be read: CSV, SPSS (.sav), Stata (.dta).")
            % {"name": path.name}
        )
    if path.stat().st_size > LARGEST:
        raise BadInput(
            _("The file has %(size)s MB; at most %(limit)s MB can be read.")
            % {"size": path.stat().st_size >> 20, "limit": LARGEST >> 20}
        )
    data = _read_csv(path) if ending == ".csv" else _read_package(path, ending)
    rows, columns = data.frame.shape
    if not rows:
        raise BadInput(_("The file has no rows."))
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        raise BadInput(
            _("%(rows)s rows and %(columns)s columns are more than a survey has.")
            % {"rows": rows, "columns": columns}
        )
    return data


def _read_csv(path: Path) -> Microdata:
    import polars as pl  # noqa: PLC0415 -- slow import

    raw = path.read_bytes()
    if b"\x00" in raw[:4096]:
        raise BadInput(_("This is no table of text, whatever its name says."))
    text = _decode(raw)
    first = text.partition("\n")[0]
    separator = max(",;\t|", key=first.count)
    names = [name.strip().strip('"') for name in first.rstrip("\r").split(separator)]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise BadInput(_("Two columns have the same name: %s.") % ", ".join(doubled[:5]))
    try:
        frame = pl.read_csv(
            text.encode(),
            separator=separator,
            infer_schema_length=None,
            null_values=["", "NA", ".", "NaN"],
            decimal_comma=separator == ";" and _has_decimal_commas(text),
        )
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0][:200]
        raise BadInput(_("The table cannot be read: %s") % reason) from None
    return Microdata(frame)


def _decode(raw: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput(_("The letters of this file are in no known encoding; save it as UTF-8."))


def _has_decimal_commas(text: str) -> bool:
    line = text.splitlines()[1] if text.count("\n") else ""
    return any(
        part.count(",") == 1 and part.replace(",", "").lstrip("-").isdigit()
        for part in line.split(";")
    )


def _read_package(path: Path, ending: str) -> Microdata:
    import pyreadstat  # noqa: PLC0415 -- slow import

    read = pyreadstat.read_dta if ending == ".dta" else pyreadstat.read_sav
    try:
        frame, about = read(str(path), output_format="polars", disable_datetime_conversion=True)
    except (pyreadstat.ReadstatError, ValueError, UnicodeDecodeError) as error:
        raise BadInput(
            _("'%(name)s' cannot be read as what its name says: %(reason)s")
            % {"name": path.name, "reason": str(error)[:200]}
        ) from None
    return Microdata(
        frame,
        texts={name: text for name, text in about.column_names_to_labels.items() if text},
        labels=about.variable_value_labels,
    )


# The store


def get_folder() -> Path:
    """Where the answers are kept."""
    return Path(settings.DATA) / "microdata"


def keep(frame: pl.DataFrame) -> str:
    """Put answers into the store; the name of their content (SHA-256). Twice is once."""
    folder = get_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=folder, suffix=".new")
    os.close(descriptor)
    new = Path(name)
    try:
        frame.write_parquet(new, compression="zstd")
        with new.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        new.chmod(0o400)
        new.replace(_place(digest))
    finally:
        new.unlink(missing_ok=True)
    return digest


def load(digest: str, columns: Collection[str]) -> pl.DataFrame:
    """Some columns of the answers kept under a name. FileNotFoundError when they are gone."""
    import polars as pl  # noqa: PLC0415 -- slow import

    return pl.read_parquet(_place(digest), columns=sorted(columns))


def forget(digest: str) -> None:
    """Delete answers that no edition refers to any more."""
    _place(digest).unlink(missing_ok=True)


def _place(digest: str) -> Path:
    if len(digest) != 64 or not digest.isalnum():
        raise ValueError(f"not a digest: {digest!r}")
    return get_folder() / f"{digest}.parquet"
