"""Fields that the pages for editing need and Django does not bring.

Each keeps what was typed as it was typed, so that a mistake or a broken connection costs
nobody a word: `value_from_datadict` is the raw text, and `to_raw` turns a clean value back
into what a form would send.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from html import unescape
from itertools import zip_longest
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.html import escape, strip_tags
from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput
from focal.records.content import clean_html, clean_line, clean_text
from focal.records.portions import require_whole

KNOWN_TAG = re.compile(
    r"</?(?:p|br|h[1-6]|ul|ol|li|blockquote|strong|b|em|i|sub|sup|a|hr|table|thead|tbody|tr|th|td)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
DATE = re.compile(r"(\d{1,2})\s*[./]\s*(\d{1,2})\s*[./]\s*(\d{4})\.?")
ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
REFERENCE = re.compile(r"(?<![0-9a-z])[0-9a-z]{14}(?![0-9a-z])")


def make_rich(text: str) -> str:
    """Cleaned HTML of what was typed: rich text as it is, plain text as paragraphs."""
    text = clean_text(text)
    if not KNOWN_TAG.search(text):
        parts = (part.strip() for part in re.split(r"\n\s*\n", text))
        return "".join(
            f"<p>{escape(unescape(part))}</p>".replace("\n", "<br>") for part in parts if part
        )
    cleaned = clean_html(text)
    says_something = unescape(strip_tags(cleaned)).strip()
    return cleaned if says_something or "<hr" in cleaned or "<table" in cleaned else ""


class RichTextField(forms.CharField):
    """Rich text: an editor where scripts run, otherwise a box that takes paragraphs.

    `takes_portions`: its paragraphs may carry a marking of their own. That is for texts of
    records, which are kept apart by it; all other text is read whole by whoever reads it.
    """

    widget = forms.Textarea
    is_rich = True

    def __init__(self, *, takes_portions: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.takes_portions = takes_portions

    def clean(self, value: Any) -> str:
        text = make_rich(super().clean(value))
        if not self.takes_portions:
            try:
                require_whole(text)
            except BadInput as problem:
                raise ValidationError(str(problem)) from None
        return text


class TolerantDateField(forms.Field):
    """A day as people write it here (3.5.2026) or as machines do (2026-05-03); gives ISO."""

    widget = forms.TextInput

    def prepare_value(self, value: Any) -> Any:
        found = ISO_DATE.fullmatch(value) if isinstance(value, str) else None
        if not found:
            return value
        year, month, day = (int(part) for part in found.groups())
        return f"{day}.{month}.{year}"

    def to_python(self, value: Any) -> str:
        text = str(value or "").strip()
        if not text:
            return ""
        if found := DATE.fullmatch(text):
            day, month, year = (int(part) for part in found.groups())
        elif found := ISO_DATE.fullmatch(text):
            year, month, day = (int(part) for part in found.groups())
        else:
            raise ValidationError(
                _("'%s' cannot be read as a date. Write day, month and year: 3.5.2026.") % text
            )
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            raise ValidationError(_("The day %s does not exist.") % text) from None


class SearchedSelect(forms.SelectMultiple):
    """A chooser whose entries are also found by further words (`words` by value)."""

    def __init__(self, *args: Any, words: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words or {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if words := self.words.get(str(value)):
            option["attrs"]["data-words"] = words
        return option


# Finds the record that a typed text means: (reference, title), or None.
FindRecord = Callable[[str], tuple[str, str] | None]


def find_reference(text: str) -> str:
    """The reference in a typed text, which may be the whole address of a record."""
    found = REFERENCE.search(text)
    return found.group() if found else ""


class RecordField(forms.CharField):
    """One record: its reference, or the address of its page. Gives the reference."""

    is_record = True

    def __init__(self, *, find: FindRecord, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.find = find

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return _find_or_refuse(self.find, text)[0] if text else ""


def _find_or_refuse(find: FindRecord, text: str) -> tuple[str, str]:
    found = find(text)
    if found is None:
        raise ValidationError(
            _("No record that you can see belongs to '%s'. Choose one from the list.") % text[:80]
        )
    return found


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table of rows; `kind` is text, url or record."""

    name: str
    label: str
    kind: str = "text"
    limit: int = 500


class Rows(forms.Widget):
    """Rows of text boxes, sent as `<field>-<column>` once for each row."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = tuple(columns)

    def value_from_datadict(self, data: Any, _files: Any, name: str) -> list[list[str]]:
        lists = [data.getlist(f"{name}-{column.name}") for column in self.columns]
        return [list(row) for row in zip_longest(*lists, fillvalue="")]

    def value_omitted_from_data(self, data: Any, _files: Any, name: str) -> bool:
        return all(f"{name}-{column.name}" not in data for column in self.columns)


class RowsField(forms.Field):
    """A list of rows. Empty rows are left out; errors say which row they are about."""

    is_rows = True

    def __init__(
        self,
        *,
        columns: Sequence[Column],
        needs: str,
        add_label: str,
        find: FindRecord | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(required=False, widget=Rows(columns), **kwargs)
        self.columns, self.needs, self.find, self.add_label = columns, needs, find, add_label
        self.row_errors: dict[int, str] = {}
        self.wrong_cells: set[tuple[int, str]] = set()

    def clean(self, value: Any) -> list[list[str]]:
        rows, self.row_errors, self.wrong_cells = [], {}, set()
        for number, row in enumerate(value or []):
            texts = [clean_line(str(text)) for text in row]
            if not any(texts):
                continue
            rows.append(
                [
                    self._clean(number, column, text)
                    for column, text in zip(self.columns, texts, strict=True)
                ]
            )
        if self.row_errors:
            raise ValidationError(
                [
                    _("Row %(number)s: %(error)s") % {"number": number + 1, "error": error}
                    for number, error in self.row_errors.items()
                ]
            )
        return rows

    def _clean(self, number: int, column: Column, text: str) -> str:
        """One cell; what is wrong with it is written down under its row."""
        try:
            return self._read(column, text)
        except ValidationError as error:
            known = self.row_errors.get(number, "")
            self.row_errors[number] = " ".join(filter(None, [known, *error.messages]))
            self.wrong_cells.add((number, column.name))
            return text

    def _read(self, column: Column, text: str) -> str:
        if not text and column.name == self.needs:
            raise ValidationError(
                _("'%s' is missing. To remove the row, empty all of it.") % column.label
            )
        if len(text) > column.limit:
            raise ValidationError(
                _("'%(label)s' is too long: %(length)s characters, at most %(limit)s fit.")
                % {"label": column.label, "length": len(text), "limit": column.limit}
            )
        if column.kind == "url" and text:
            return _clean_url(text)
        if column.kind == "record" and text and self.find:
            return _find_or_refuse(self.find, text)[0]
        return text


def _clean_url(text: str) -> str:
    if re.match(r"(?i)www\.", text):
        text = f"https://{text}"
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        raise ValidationError(
            _("'%s' is not an address of the web. It begins with https://") % text[:100]
        ) from None
    return text


def change_rows(rows: list[list[str]], width: int, command: str, at: int) -> list[list[str]]:
    """The rows after a button without scripts: add, remove, up or down."""
    rows = [list(row) for row in rows]
    if command == "add":
        rows.append([""] * width)
    elif command == "remove" and 0 <= at < len(rows):
        del rows[at]
    elif command == "up" and 0 < at < len(rows):
        rows[at - 1], rows[at] = rows[at], rows[at - 1]
    elif command == "down" and 0 <= at < len(rows) - 1:
        rows[at + 1], rows[at] = rows[at], rows[at + 1]
    return rows
