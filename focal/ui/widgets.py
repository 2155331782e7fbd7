"""Form widgets that the whole platform shares."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_SELECTED = mark_safe(" selected")


class LongSelectMultiple(forms.SelectMultiple):
    """A list of hundreds: people, organisations. Choices without groups.

    Django renders two templates for each option, which is most of the time that such a page
    takes; here the options are joined. The HTML is the same.
    """

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        given = {"name": name, **self.build_attrs(self.attrs, attrs), "multiple": True}
        chosen = set(self.format_value(value))
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            ((key, _SELECTED if str(key) in chosen else "", label) for key, label in self.choices),
        )
        return format_html("<select{}>\n{}\n</select>", flatatt(given), options)
