"""The form as the template draws it: sections, rows, choosers of records."""

from __future__ import annotations

from typing import Any

from django.forms import BoundField

from focal.records.forms.editing import RecordForm, Section
from focal.records.forms.editing_fields import RecordField, RichTextField, RowsField, find_reference
from focal.records.models import Record

LONG_ENOUGH_TO_JOIN = frozenset({"summary", "body"})


def show_sections(form: RecordForm) -> list[dict[str, Any]]:
    """The sections of the form with their fields, and whether a folded one stands open."""
    titles = _read_titles(form)
    return [_show_section(form, section, titles) for section in form.get_sections()]


def _show_section(form: RecordForm, section: Section, titles: dict[str, str]) -> dict[str, Any]:
    bounds = [form[name] for name in section.fields]
    has_errors = any(bound.errors for bound in bounds)
    has_values = any(_says_something(bound) for bound in bounds)
    return {
        "key": section.key,
        "title": section.title,
        "is_folded": section.is_folded,
        "is_open": has_errors or has_values or form.at_work_on in section.fields,
        "entries": [_show_entry(bound, titles) for bound in bounds],
    }


def _says_something(bound: BoundField) -> bool:
    value = bound.value()
    if isinstance(value, list):
        return any(any(row) if isinstance(row, list) else row for row in value)
    return bool(value)


def _show_entry(bound: BoundField, titles: dict[str, str]) -> dict[str, Any]:
    field = bound.field
    if isinstance(field, RowsField):
        return {"shape": "rows", "field": bound, "rows": show_rows(bound, field, titles)}
    if isinstance(field, RichTextField):
        return {"shape": "rich", "field": bound}
    if isinstance(field, RecordField):
        return {"shape": "record", "field": bound, "title": titles.get(str(bound.value() or ""))}
    return {"shape": "plain", "field": bound}


def show_rows(bound: BoundField, field: RowsField, titles: dict[str, str]) -> list[dict[str, Any]]:
    """The rows as they stand, and an empty one when there is none."""
    values = list(bound.value() or [])
    if not values:
        values = [[""] * len(field.columns)]
    return [
        {
            "number": at + 1,
            "at": at,
            "error": field.row_errors.get(at, "") if bound.errors else "",
            "cells": [
                {
                    "name": f"{bound.name}-{column.name}",
                    "id": f"{bound.auto_id}_{at}_{column.name}",
                    "label": column.label,
                    "kind": column.kind,
                    "value": text,
                    "is_wrong": bool(bound.errors) and (at, column.name) in field.wrong_cells,
                    "title": titles.get(text, "") if column.kind == "record" else "",
                }
                for column, text in zip(field.columns, row, strict=False)
            ],
        }
        for at, row in enumerate(values)
    ]


def _read_titles(form: RecordForm) -> dict[str, str]:
    """The titles of the records that the form names and its viewer sees."""
    texts = [str(form["supersedes"].value() or "")]
    if "items" in form.fields:
        texts += [row[0] for row in form["items"].value() or () if row]
    by_text = {text: find_reference(text) for text in texts}
    titles = dict(
        Record.objects.visible_to(form.viewer)
        .filter(reference__in=[reference for reference in by_text.values() if reference])
        .values_list("reference", "title")
    )
    return {text: titles[reference] for text, reference in by_text.items() if reference in titles}
