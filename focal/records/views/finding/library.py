"""The library: everything there is, to be looked through without a question."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from focal.records.content import clean_line
from focal.records.finding import library as holdings_of
from focal.records.finding.shown import show
from focal.records.kinds import get_kinds
from focal.records.views.finding.common import find_address, get_reader_language, keep_fresh
from focal.sharing import policy
from focal.ui.components import Link
from focal.vocabulary.selectors import get_vocabulary

PAGE_SIZE = 20
CHOICES = ("kind", "topic", "economy")


@keep_fresh
def library(request: HttpRequest) -> HttpResponse:
    """Newest first, by kind, by topic, by economy; how much there is of each."""
    language = get_reader_language()
    chosen = {name: clean_line(request.GET.get(name, ""))[:80] for name in CHOICES}
    holdings = holdings_of.read_holdings(request.viewer)
    records = holdings_of.list_records(request.viewer, **chosen)
    paginator = Paginator(records, PAGE_SIZE)
    if (count := holdings.count(**chosen)) is not None:
        paginator.count = count
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "holdings": holdings,
        "kinds": _list_kinds(holdings, chosen),
        "topics": _list_topics(holdings, chosen, language),
        "economies": _list_economies(holdings, chosen, language),
        "chips": _list_chosen(chosen, language),
        "clear_url": reverse("records:library"),
        "all_kinds_url": _address(chosen, kind=""),
        "chosen_kind": chosen["kind"],
        "page": page,
        "records": show(page.object_list, language),
        "import_url": find_address("records:import") if policy.may_create(request.viewer) else "",
        "write_url": find_address("records:desk") if policy.may_create(request.viewer) else "",
    }
    return render(request, "records/finding/library.html", context)


def _list_kinds(holdings: holdings_of.Holdings, chosen: dict[str, str]) -> list[Link]:
    return [
        Link(
            label=str(kind.plural),
            url=_address(chosen, kind=kind.key),
            is_current=chosen["kind"] == kind.key,
            count=holdings.by_kind[kind.key],
        )
        for kind in get_kinds()
        if holdings.by_kind.get(kind.key)
    ]


def _list_topics(
    holdings: holdings_of.Holdings, chosen: dict[str, str], language: str
) -> list[tuple[Link, int]]:
    """The tree of topics as far as something is there, each with its depth."""
    vocabulary = get_vocabulary()
    return [
        (
            Link(
                label=vocabulary.label("topics", key, language),
                url=_address(chosen, topic=key),
                is_current=chosen["topic"] == key,
                count=holdings.by_topic[key],
            ),
            depth,
        )
        for key, depth in vocabulary.get_tree("topics")
        if holdings.by_topic.get(key)
    ]


def _list_economies(
    holdings: holdings_of.Holdings, chosen: dict[str, str], language: str
) -> list[Link]:
    return [
        Link(
            label=name,
            url=_address(chosen, economy=code),
            is_current=chosen["economy"] == code,
            count=holdings.by_economy[code],
        )
        for code, name in get_vocabulary().economy_choices(language)
        if holdings.by_economy.get(code)
    ]


def _list_chosen(chosen: dict[str, str], language: str) -> list[Link]:
    """What the list is narrowed to, each with the address without it."""
    vocabulary = get_vocabulary()
    kinds = {kind.key: str(kind.plural) for kind in get_kinds()}
    labels = {
        "kind": kinds.get(chosen["kind"], chosen["kind"]),
        "topic": vocabulary.label("topics", chosen["topic"], language),
        "economy": vocabulary.economy_name(chosen["economy"], language),
    }
    return [
        Link(label=labels[name], url=_address(chosen, **{name: ""}))
        for name in CHOICES
        if chosen[name]
    ]


def _address(chosen: dict[str, str], **changes: str) -> str:
    query = {name: value for name, value in {**chosen, **changes}.items() if value}
    return reverse("records:library") + (f"?{urlencode(query)}" if query else "")
