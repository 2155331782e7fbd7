"""The search page: one box, results that say why, and ways to narrow and to switch off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from focal.directory.models import Organisation
from focal.records.content import clean_line
from focal.records.finding import search as finding
from focal.records.finding.search import FACETS, SORTS, SWITCHES, FoundPage, FoundRecord
from focal.records.kinds import get_kinds
from focal.records.views.finding import parameters
from focal.records.views.finding.common import find_address, get_reader_language
from focal.records.views.finding.parameters import Asked
from focal.records.views.finding.reasons import Reason, explain, list_ways
from focal.ui.components import Facet, FacetValue, Link
from focal.vocabulary.selectors import get_vocabulary

SHOWN_VALUES = 8  # of a facet, until somebody asks for all


def search(request: HttpRequest) -> HttpResponse:
    """What is found, why, and how it can be narrowed. The whole state stands in the address."""
    asked = parameters.read(request)
    language = get_reader_language()
    found = finding.find(request.viewer, asked.wish, language=language)
    if asked.wish.page > found.last_page:
        asked = parameters.go_to_page(asked, found.last_page)
        found = finding.find(request.viewer, asked.wish, language=language)
    names = read_names(asked, found, language)
    context = {
        "found": found,
        "asked": asked,
        "wish": asked.wish,
        "notes": asked.notes,
        "results": [_show(item, asked, language) for item in found.records],
        "facets": _list_facets(asked, found, names),
        "chips": _list_chips(asked, names),
        "clear_url": asked.address(filters={}, date_from=None, date_to=None, page=1),
        "sorts": _list_sorts(asked),
        "ways": list_ways(asked, found.answer),
        "hidden": _list_hidden(asked),
        "page": Paginator(range(found.total), finding.PAGE_SIZE).get_page(asked.wish.page),
        "search_query": asked.address(page=1),
        "export_url": reverse("records:export") + asked.address(page=1),
        "help": _help(request, asked, found),
    }
    response = render(request, "records/finding/search.html", context)
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    return response


@dataclass(frozen=True, slots=True)
class Result:
    """A result, ready to be shown."""

    found: FoundRecord
    reasons: tuple[Reason, ...]
    snippet: tuple[tuple[str, bool], ...]
    snippet_language: str
    document_url: str


def _show(item: FoundRecord, asked: Asked, language: str) -> Result:
    address = ""
    if item.document and item.hit.page:
        address = find_address(
            "records:document_page", item.document.reference, item.hit.page
        ) + parameters.write_text(asked.wish.text)
    return Result(
        found=item,
        reasons=explain(item, asked, language),
        snippet=item.hit.snippet,
        snippet_language=item.hit.language or item.record.language,
        document_url=address,
    )


# Names of what can be chosen -------------------------------------------------------------------


def read_names(asked: Asked, found: FoundPage, language: str) -> Mapping[str, Callable[[str], str]]:
    """For each facet, how its values are called. One query, for organisations."""
    vocabulary = get_vocabulary()
    kinds = {kind.key: str(kind.plural) for kind in get_kinds()}
    organisations = _read_organisations(asked, found)
    return {
        "kind": lambda value: kinds.get(value, value),
        "economy": lambda value: vocabulary.economy_name(value, language),
        "topic": lambda value: vocabulary.label("topics", value, language),
        "target_group": lambda value: vocabulary.label("target-groups", value, language),
        "language": lambda value: vocabulary.language_name(value, language),
        "year": lambda value: value,
        "organisation": lambda value: organisations.get(value, value),
    }


def _read_organisations(asked: Asked, found: FoundPage) -> dict[str, str]:
    wanted = {*found.facets.get("organisation", {}), *asked.wish.filters.get("organisation", ())}
    rows = Organisation.objects.filter(reference__in=sorted(wanted)).only(
        "reference", "name", "acronym"
    )
    return {row.reference: str(row) for row in rows}


def get_facet_labels() -> dict[str, str]:
    """What the facets are called."""
    return {
        "kind": _("Kind"),
        "economy": _("Economy"),
        "topic": _("Topic"),
        "target_group": _("Target group"),
        "language": _("Language"),
        "year": _("Year"),
        "organisation": _("Organisation"),
    }


def _list_facets(
    asked: Asked, found: FoundPage, names: Mapping[str, Callable[[str], str]]
) -> list[Facet]:
    labels = get_facet_labels()
    facets = []
    for name in FACETS:
        counts = dict(found.facets.get(name, {}))
        chosen = asked.wish.filters.get(name, ())
        counts = {**dict.fromkeys(chosen, 0), **counts}
        values = sorted(counts, key=lambda value: _rank(name, value, counts, chosen, names))
        shown = values if name in asked.opened else values[: max(SHOWN_VALUES, len(chosen))]
        if not values:
            continue
        facets.append(
            Facet(
                label=labels[name],
                values=[
                    FacetValue(
                        label=names[name](value),
                        url=toggle(asked, name, value),
                        count=counts[value],
                        is_selected=value in chosen,
                    )
                    for value in shown
                ],
                is_open=bool(chosen) or name in ("kind", "economy", "topic", "language"),
                more_url=asked.open(name) if len(shown) < len(values) else "",
            )
        )
    return facets


def _rank(
    name: str,
    value: str,
    counts: Mapping[str, int],
    chosen: tuple[str, ...],
    names: Mapping[str, Callable[[str], str]],
) -> tuple[object, ...]:
    """Chosen ones first, then by number; years from the newest back."""
    if name == "year":
        return (value not in chosen, tuple(-ord(letter) for letter in value))
    return (value not in chosen, -counts[value], names[name](value))


def toggle(asked: Asked, name: str, value: str) -> str:
    """The address with one value of a facet chosen, or not any more."""
    chosen = asked.wish.filters.get(name, ())
    after = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
    filters = {key: values for key, values in asked.wish.filters.items() if key != name}
    if after:
        filters[name] = after
    return asked.address(filters=filters, page=1)


def _list_chips(asked: Asked, names: Mapping[str, Callable[[str], str]]) -> list[Link]:
    chips = [
        Link(names[name](value), toggle(asked, name, value))
        for name, values in asked.wish.filters.items()
        for value in values
    ]
    if asked.wish.date_from:
        label = _("from %(day)s") % {"day": asked.wish.date_from.isoformat()}
        chips.append(Link(label, asked.address(date_from=None, page=1)))
    if asked.wish.date_to:
        label = _("until %(day)s") % {"day": asked.wish.date_to.isoformat()}
        chips.append(Link(label, asked.address(date_to=None, page=1)))
    return chips


def _list_sorts(asked: Asked) -> list[Link]:
    labels = {
        "relevance": _("Best first"),
        "newest": _("Newest"),
        "oldest": _("Oldest"),
        "title": _("By title"),
    }
    names = SORTS if asked.wish.text else SORTS[1:]
    current = asked.wish.sort if asked.wish.sort in names else names[0]
    return [
        Link(labels[name], asked.address(sort=name, page=1), is_current=name == current)
        for name in names
    ]


def _list_hidden(asked: Asked) -> list[tuple[str, str]]:
    """What a form that changes the text or the days has to carry along."""
    wish = asked.wish
    pairs = [(name, value) for name in FACETS for value in wish.filters.get(name, ())]
    pairs += [(name, "0") for name in SWITCHES if not getattr(wish, name)]
    if wish.sort != SORTS[0]:
        pairs.append(("sort", wish.sort))
    return pairs


# When nothing is found --------------------------------------------------------------------------


def _help(request: HttpRequest, asked: Asked, found: FoundPage) -> list[Link] | None:
    """What to try next when nothing was found; None when something was."""
    if found.total:
        return None
    wish = asked.wish
    tips = []
    if wish.is_narrowed and wish.text:
        url = asked.address(filters={}, date_from=None, date_to=None, page=1)
        tips.append(Link(_("Search for the same without any limits"), url))
    if not all(getattr(wish, name) for name in SWITCHES):
        url = asked.address(**dict.fromkeys(SWITCHES, True), page=1)
        tips.append(Link(_("Switch on all ways of searching again"), url))
    if wish.text:
        suggested = finding.suggest(request.viewer, wish.text, limit=5)
        tips += [Link(item.label, item.url or _address_of(item.label)) for item in suggested]
    return tips


def _address_of(text: str) -> str:
    return reverse("records:search") + parameters.write_text(text)


# Suggestions ------------------------------------------------------------------------------------


def suggest(request: HttpRequest) -> JsonResponse:
    """What somebody may mean who has typed this much: [{label, kind, url}]."""
    text = clean_line(request.GET.get("q", ""))[:200]
    found = finding.suggest(request.viewer, text) if text else []
    lists = {"topics": _("Topic"), "target-groups": _("Target group")}
    kinds = {kind.key: str(kind.label) for kind in get_kinds()}
    answer = [
        {
            "label": item.label,
            "kind": kinds.get(item.kind) or lists.get(item.kind, ""),
            "url": item.url or _address_of(item.label),
        }
        for item in found
    ]
    response = JsonResponse(answer, safe=False, json_dumps_params={"ensure_ascii": False})
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    return response
