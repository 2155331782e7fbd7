"""The components as template tags: `{% load ui %}`. docs/ui.md shows each of them."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, widgets
from django.template.context import Context
from django.template.loader import render_to_string
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from focal.ui.components import Cell, Table
from focal.ui.deeds import list_deeds

register = template.Library()

SPRITE = "ui/vendor/bootstrap-icons/icons.svg"
MARKINGS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """A pictogram of the sprite; without a label it is decoration."""
    css = f"icon icon-{size}" if size else "icon"
    use = format_html('<use href="{}#{}"></use>', static(SPRITE), name)
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}">{}</svg>', css, label, use)
    return format_html('<svg class="{}" aria-hidden="true">{}</svg>', css, use)


@register.simple_tag
def marking_badge(marking: str, title: str = "") -> SafeString:
    """A marking of the Traffic Light Protocol 2.0, in the colours it prescribes."""
    if marking not in MARKINGS:
        return SafeString("")
    colour = marking.partition("+")[0].lower()
    tip = format_html(' title="{}"', title) if title else ""
    return format_html('<span class="marking marking-{}"{}>TLP:{}</span>', colour, tip, marking)


@register.simple_tag(takes_context=True)
def block_text(context: Context, name: str) -> SafeString:
    """The text of a block of this page once more, fit for an attribute."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    if block is None:
        return SafeString("")
    text = " ".join(strip_tags(block.render(context)).split())
    return mark_safe(text.replace('"', "&quot;"))  # noqa: S308 -- the block escaped its values


@register.simple_block_tag
def card(content: str, css: str = "") -> SafeString:
    """A bordered piece of content."""
    return format_html('<div class="card-plain {}">{}</div>', css, mark_safe(content))  # noqa: S308


@register.simple_block_tag
def panel(content: str, css: str = "") -> SafeString:
    """A tinted piece of content; css="panel-warm" for what needs attention."""
    return format_html('<div class="panel {}">{}</div>', css, mark_safe(content))  # noqa: S308


@register.simple_block_tag
def notice(content: str, kind: str = "info") -> SafeString:
    """A sentence that wants to be seen: info, success, warning or error."""
    name = {"success": "check-circle", "warning": "exclamation-triangle"}.get(kind, "info-circle")
    if kind == "error":
        name = "exclamation-triangle"
    role = "alert" if kind == "error" else "note"
    return format_html(
        '<div class="notice notice-{}" role="{}">{}<div>{}</div></div>',
        kind,
        role,
        icon(name),
        mark_safe(content),  # noqa: S308
    )


@register.inclusion_tag("ui/_page_header.html")
def page_header(
    title: str,
    lede: str = "",
    kicker: str = "",
    marking: str = "",
    is_long: bool = False,
    language: str = "",
    published: object = None,
    updated: object = None,
) -> dict[str, Any]:
    """A page's title and what it is; `is_long` for titles of documents."""
    return {
        "title": title,
        "lede": lede,
        "kicker": kicker,
        "marking": marking,
        "is_long": is_long,
        "language": language,
        "published": published,
        "updated": updated,
    }


@register.inclusion_tag("ui/_deeds.html", takes_context=True)
def deeds(context: Context, place: str, key: str) -> dict[str, Any]:
    """Buttons that apps above offer at a place of this page (`ui.deeds`)."""
    request = context["request"]
    return {"deeds": list_deeds(request, place, key), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("ui/_freshness.html")
def freshness(
    published: object = None, updated: object = None, checked: object = None
) -> dict[str, Any]:
    """When something was published, changed and last checked."""
    return {"published": published, "updated": updated, "checked": checked}


@register.inclusion_tag("ui/_teaser.html")
def teaser(item: object, level: int = 3) -> dict[str, Any]:
    """One thing in a list (components.Teaser, or anything with its attributes)."""
    return {"item": item, "level": level}


@register.inclusion_tag("ui/_teasers.html")
def teasers(items: object, level: int = 3) -> dict[str, Any]:
    """A list of teasers."""
    return {"items": items, "level": level}


@register.inclusion_tag("ui/_figure.html")
def figure(item: object, is_large: bool = False) -> dict[str, Any]:
    """A large number with all that makes it honest (components.Figure)."""
    return {"item": item, "is_large": is_large}


@register.inclusion_tag("ui/_data_table.html")
def data_table(table: Table) -> dict[str, Any]:
    """A dense table with a caption (components.Table)."""
    numbers = [column.is_number for column in table.columns]
    rows = [
        [
            (cell if isinstance(cell, Cell) else Cell(str(cell)), is_number)
            for cell, is_number in zip(row, numbers, strict=True)
        ]
        for row in table.rows
    ]
    return {"table": table, "rows": rows}


@register.inclusion_tag("ui/_facet.html")
def facet_group(facet: object) -> dict[str, Any]:
    """Values to narrow a list by, with counts (components.Facet)."""
    return {"facet": facet}


@register.inclusion_tag("ui/_tabs.html")
def tabs(items: object, label: str) -> dict[str, Any]:
    """Views of one thing, each with an address of its own (components.Link)."""
    return {"items": items, "label": label}


@register.inclusion_tag("ui/_breadcrumbs.html")
def breadcrumbs(*items: object) -> dict[str, Any]:
    """The way here: pairs of label and address, `{% breadcrumbs "Home" "/" "Topics" "" %}`."""
    pairs = [
        {"label": items[at], "url": items[at + 1] if at + 1 < len(items) else ""}
        for at in range(0, len(items), 2)
    ]
    return {"items": pairs}


@register.inclusion_tag("ui/_empty_state.html")
def empty_state(
    title: str, text: str = "", action_label: str = "", action_url: str = ""
) -> dict[str, Any]:
    """What a list says when it has nothing, and what to do next."""
    return {"title": title, "text": text, "action_label": action_label, "action_url": action_url}


@register.inclusion_tag("ui/_progress.html")
def progress_line(label: str, done: int, total: int) -> dict[str, Any]:
    """How far a long work is."""
    return {"label": label, "done": done, "total": total}


@register.inclusion_tag("ui/_diff.html")
def diff(parts: object) -> dict[str, Any]:
    """A text with what came and what went (components.compare_texts)."""
    return {"parts": parts}


@register.inclusion_tag("ui/_pagination.html", takes_context=True)
def pagination(context: Context, page: Page, parameter: str = "page") -> dict[str, Any]:
    """The pages of a list; the rest of the address stays as it is."""
    query = context["request"].GET.copy() if "request" in context else None

    def address(number: int) -> str:
        if query is None:
            return f"?{parameter}={number}"
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    gap = page.paginator.ELLIPSIS
    numbers = [
        {"number": number, "url": "" if number == gap else address(int(number))}
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    ]
    return {
        "page": page,
        "numbers": numbers,
        "gap": gap,
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "next": address(page.next_page_number()) if page.has_next() else "",
    }


# Forms ---------------------------------------------------------------------------------------


def _css_of(widget: widgets.Widget) -> str:
    """Bootstrap's class for a widget; none for those that bring their own look."""
    if isinstance(widget, widgets.CheckboxInput):
        return "form-check-input"
    if isinstance(widget, widgets.RadioSelect | widgets.CheckboxSelectMultiple):
        return ""
    if isinstance(widget, widgets.Select):
        return "form-select"
    if isinstance(widget, widgets.Input | widgets.Textarea):
        return "form-control"
    return ""


def _shape_of(widget: widgets.Widget) -> str:
    """Which template draws the field."""
    if isinstance(widget, widgets.RadioSelect | widgets.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, widgets.CheckboxInput):
        return "checkbox"
    if isinstance(widget, widgets.FileInput):
        return "file"
    return "plain"


@register.simple_tag
def field(
    bound: BoundField, help_text: str = "", chooser: bool | None = None, **attrs: Any
) -> SafeString:
    """A form field with label, help and error beside it; further arguments become attributes.

    Underscores in their names become hyphens. A `<select multiple>` becomes a chooser that
    searches where JavaScript runs; `chooser=True` asks for one on a single select.
    """
    widget = bound.field.widget
    if bound.is_hidden:
        return SafeString(str(bound.errors) + str(bound))
    shape = _shape_of(widget)
    given = {name.replace("_", "-"): value for name, value in attrs.items()}
    if widget.attrs.get("placeholder") == bound.label:
        given.setdefault("placeholder", "")  # it would say the label twice, and vanish
    css = " ".join(filter(None, [widget.attrs.get("class"), _css_of(widget), given.get("class")]))
    if css:
        given["class"] = css
    wants_chooser = isinstance(widget, widgets.SelectMultiple) if chooser is None else chooser
    if wants_chooser and shape == "plain":
        given |= {"data-chooser": "", "data-placeholder": given.get("placeholder", _("Search"))}
    text = help_text or bound.help_text
    described = [f"{bound.auto_id}_helptext"] if text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    if described:
        given["aria-describedby"] = " ".join(described)
    if shape == "choices" and bound.errors:
        given["aria-invalid"] = "true"
    context = {
        "field": bound,
        "shape": shape,
        "help": text,
        "is_multiple": getattr(widget, "allow_multiple_selected", False),
        "input": "" if shape == "choices" else bound.as_widget(attrs=given),
        "input_id": bound.id_for_label or bound.auto_id,
    }
    return render_to_string("ui/_field.html", context)


@register.simple_tag
def form_fields(form: BaseForm) -> SafeString:
    """All fields of a form, one below the other."""
    return SafeString("".join(field(bound) for bound in form))


@register.inclusion_tag("ui/_error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, Any]:
    """What has to be mended, at the top of the page, each line leading to its field.

    A box to tick says a whole sentence beside itself: its label would read like an answer.
    """
    entries = []
    for form in forms:
        entries += [{"text": error, "target": ""} for error in form.non_field_errors()]
        for bound in form:
            target = bound.id_for_label or bound.auto_id
            is_box = isinstance(bound.field.widget, widgets.CheckboxInput)
            label = "" if is_box else bound.label
            entries += [{"text": error, "target": target, "label": label} for error in bound.errors]
    return {"entries": entries}


@register.inclusion_tag("ui/_save_state.html")
def save_state() -> dict[str, Any]:
    """Where autosave.js says whether what was typed is safe."""
    return {}


@register.simple_tag
def file_size(size: int | None) -> str:
    """A size as people say it: 1.4 MB."""
    amount = float(size or 0)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    text = f"{amount:.0f}" if unit in {"B", "kB"} else f"{amount:.1f}"
    return f"{text}\N{NO-BREAK SPACE}{unit}"


@register.simple_tag
def script_words() -> dict[str, str]:
    """The sentences that scripts say, in the reader's language."""
    return {
        "remove": _("Remove"),
        "nothing_found": _("Nothing found"),
        "suggestions": _("{count} suggestions. Use the arrow keys."),
        "no_suggestions": _("No suggestions"),
        "chosen": _("{count} chosen"),
        "filter": _("Search in this list"),
        "saving": _("Saving …"),
        "saved": _("Saved at {time}"),
        "unsaved": _("Not saved yet"),
        "save_failed": _("Could not be saved. It is tried again."),
        "too_many": _("These are too many files to send at once: {count} at most."),
        "uploading": _("Sending {percent} %"),
        "reading": _("Everything has arrived and is being read …"),
        "upload_failed": _("The files could not be sent. Check the connection and try again."),
        "files_chosen": _("{count} files, {size}"),
        "theme_light": _("Light"),
        "theme_dark": _("Dark"),
        "theme_auto": _("As the system"),
        "copied": _("Copied"),
        "passkey_failed": _(
            "That did not work. The key may be unknown here, or the request was cancelled."
        ),
    }


@register.filter
def paragraphs(text: str) -> list[str]:
    """The paragraphs of a plain text."""
    return [part.strip() for part in re.split(r"\n\s*\n", text or "") if part.strip()]
