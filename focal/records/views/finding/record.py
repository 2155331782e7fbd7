"""A record's page, and the records that are like it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from focal.records.finding import search as finding
from focal.records.finding.pages import PageOfRecord, read_page
from focal.records.kinds import get_kind
from focal.records.models import Attachment, Opening, Record
from focal.records.opening import note_opening
from focal.records.portions import may_change
from focal.records.releasing import may_ask_for_release
from focal.records.selectors import find_end
from focal.records.slots import list_slots
from focal.records.views.finding.common import (
    find_address,
    get_reader_language,
    keep_fresh,
    make_absolute,
)
from focal.sharing import policy
from focal.sharing.markings import MEANINGS, Marking
from focal.sharing.viewer import Viewer
from focal.ui.components import Link
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.selectors import get_vocabulary


@keep_fresh
def record(request: HttpRequest, reference: str, language: str = "") -> HttpResponse:
    """The page of one record, in the reader's language or in the one the address names."""
    page = read_page(
        request.viewer,
        reference,
        language=canonical_language(language) if language else get_reader_language(),
        exact=bool(language),
    )
    if page is None:
        raise Http404
    address = page.record.get_absolute_url()
    if address != reverse("records:record", args=[reference]):
        return redirect(address)  # kinds of the apps above have pages of their own
    return render(request, "records/finding/record.html", describe_page(request.viewer, page))


def describe_page(viewer: Viewer, page: PageOfRecord) -> dict[str, object]:
    """What the templates of a record's page need; kinds of the apps above use it too.

    Asking for it is opening the record: of AMBER and RED that is kept for the owner.
    """
    address = page.record.get_absolute_url()
    noted = note_opening(
        viewer=viewer, record=page.record, what=Opening.What.PAGE, at=timezone.now()
    )
    return {
        **describe_foot(viewer, page.record, is_noted=noted),
        "page": page,
        "record": page.record,
        "reading": page.reading,
        "meaning": MEANINGS[Marking(page.record.marking)],
        "is_public": page.record.marking == Marking.CLEAR and page.record.is_out,
        "documents": [_show_document(row) for row in page.documents],
        "languages": _list_languages(page),
        "actions": _list_actions(viewer, page),
        "address": make_absolute(address),
        "citation": _cite(page, make_absolute(address)),
        "who": _say_who(page),
        "slots": list_slots(viewer, page.record.reference),
        "kind_url": f"{reverse('records:library')}?kind={page.record.kind}",
    }


def describe_foot(viewer: Viewer, record: Record, *, is_noted: bool) -> dict[str, object]:
    """What stands at the foot of every page about a record: its marking, and what goes with it."""
    notes, links = [], []
    if end := find_end(viewer, record):
        end_text = date_format(timezone.localtime(end), "DATETIME_FORMAT")
        notes.append(_("You can read it until %s.") % end_text)
    if is_noted:
        owner = record.owner_organisation
        notes.append(_("%s sees that you opened it, and when.") % owner)
    if may_ask_for_release(viewer, record):
        url = reverse("records:ask_release", args=[record.reference])
        links.append(Link(_("Ask to release it to others"), url))
    return {
        "page_marking": record.marking,
        "page_marking_meaning": MEANINGS[Marking(record.marking)],
        "page_notes": notes,
        "page_links": links,
    }


def _show_document(row: Attachment) -> dict[str, object]:
    return {
        "title": row.title,
        "language": row.language,
        "page_count": row.page_count,
        "size": row.size,
        "type": row.file_name.rpartition(".")[2].upper()[:5],
        "version": row.version,
        "read_url": find_address("records:document_page", row.reference, 1)
        if row.page_count
        else find_address("records:document", row.reference),
        "download_url": find_address("records:document_download", row.reference),
    }


def _list_languages(page: PageOfRecord) -> list[dict[str, object]]:
    vocabulary = get_vocabulary()
    return [
        {
            "code": code,
            "label": vocabulary.language_name(code, code),
            "url": reverse("records:record_in", args=[page.record.reference, code]),
            "is_current": code == page.reading.language,
        }
        for code in page.languages
    ]


def _list_actions(viewer: Viewer, page: PageOfRecord) -> list[Link]:
    """Ways to change it, for those who may. A courtesy: each page decides for itself."""
    record = page.record
    is_editor = get_kind(record.kind).is_written_here and policy.may_edit(viewer, record)
    offered = [
        (is_editor, _("Edit"), "records:edit", "pencil"),
        (is_editor, _("Translate"), "records:translations", "translate"),
        (may_change(viewer, record), _("Documents"), "records:attachments", "paperclip"),
        (policy.may_share(viewer, record), _("Who may see it"), "records:sharing", "eye"),
        (policy.may_edit(viewer, record), _("History"), "records:history", "clock-history"),
    ]
    links = [
        Link(label=label, url=find_address(name, record.reference), icon=icon)
        for allowed, label, name, icon in offered
        if allowed
    ]
    return [link for link in links if link.url]


def _say_who(page: PageOfRecord) -> str:
    """Who can see it, in plain words: the state counts as much as the marking."""
    record = page.record
    if record.state == "withdrawn":
        return _("Withdrawn: only the organisation it belongs to still sees it.")
    if not record.is_out:
        return _("Not published: only those who write for the organisation it belongs to see it.")
    return str(MEANINGS[Marking(record.marking)])


def _cite(page: PageOfRecord, address: str) -> str:
    """A reference for a bibliography."""
    facts = {fact.name: fact.value for fact in page.own.facts}
    author = facts.get("authors") or ", ".join(o.name for o in page.organisations)
    author = author or str(page.record.owner_organisation)
    parts = [f"{author} ({page.day.year}). {page.reading.title}"]
    parts += [facts[name] for name in ("publisher", "identifier") if facts.get(name)]
    return ". ".join(part.rstrip(".") for part in parts) + f". {address}"


def similar(request: HttpRequest, reference: str) -> HttpResponse:
    """Records like this one: a fragment for htmx, a page for everybody else."""
    found = finding.find_similar(request.viewer, reference, language=get_reader_language())
    if found is None:
        raise Http404
    template = "records/_similar.html" if request.htmx else "records/finding/similar.html"
    response = render(request, template, {"records": found[1], "record": found[0]})
    patch_vary_headers(response, ("HX-Request", "Cookie", "Accept-Language"))
    return response
