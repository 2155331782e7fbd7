"""Pages of overlaps: what comes close, verdicts, introductions, and being told blindly."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from focal.kernel.errors import BadInput, Refused
from focal.mapping.models import BlindSide, Initiative, OverlapPair, OverlapVerdict, PairKind
from focal.mapping.overlaps import blind, selectors_blind, services
from focal.mapping.overlaps.showing import (
    Wanted,
    cluster,
    get_pair,
    list_of,
    list_pairs,
    read_ledger,
    show_pairs,
)
from focal.records.views.finding.common import get_reader_language, keep_fresh
from focal.ui.components import Link
from focal.vocabulary.selectors import get_vocabulary

ON_A_PAGE = 40


@keep_fresh
def list_all(request: HttpRequest) -> HttpResponse:
    """What comes close, the surest first; of everybody, or of the viewer's organisations."""
    language = get_reader_language()
    kind = request.GET.get("kind", "")
    kind = kind if kind in PairKind.values else ""
    economy = request.GET.get("economy", "")
    economy = economy if economy in get_vocabulary().economies else ""
    mine = request.GET.get("mine") == "1" and bool(request.viewer.writes_for)
    wanted = Wanted(kind, economy, request.viewer.writes_for if mine else frozenset())
    clusters = cluster(list_pairs(request.viewer, wanted, language))
    kinds = [("", _("All")), *((k.value, str(k.label)) for k in PairKind)]
    query = f"{'&mine=1' if mine else ''}{f'&economy={economy}' if economy else ''}"
    context = {
        "clusters": clusters[:ON_A_PAGE],
        "more": max(0, len(clusters) - ON_A_PAGE),
        "tabs": [Link(label, f"?kind={value}{query}", value == kind) for value, label in kinds],
        "kind": kind,
        "economy": economy,
        "economies": get_vocabulary().economy_choices(language),
        "mine": mine,
        "may_have_own": bool(request.viewer.writes_for),
        "verdicts": OverlapVerdict.Verdict.choices,
        "blind": selectors_blind.count_open(request.viewer, at=timezone.now()),
    }
    return render(request, "mapping/overlaps/list.html", context)


@keep_fresh
def of_record(request: HttpRequest, reference: str) -> HttpResponse:
    """What comes close to one initiative, and whether its owner wishes to be told blindly."""
    record = (
        Initiative.objects.visible_to(request.viewer)
        .select_related("owner_organisation")
        .filter(reference=reference)
        .first()
    )
    if record is None:
        raise Http404
    pairs = list_of(request.viewer, record, get_reader_language())
    context = {
        "record": record,
        "clusters": cluster(pairs),
        "verdicts": OverlapVerdict.Verdict.choices,
        "wish": selectors_blind.describe_wish(request.viewer, record),
        "is_fragment": bool(getattr(request, "htmx", False)),
    }
    return render(request, "mapping/overlaps/of_record.html", context)


def _find(request: HttpRequest, first: str, second: str) -> OverlapPair:
    pair = get_pair(request.viewer, first, second)
    if pair is None:
        raise Http404
    return pair


@keep_fresh
def pair(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """One pair: both initiatives, why they stand together, what was said of them."""
    return _show_pair(request, _find(request, first, second))


def _show_pair(
    request: HttpRequest, found: OverlapPair, error: str = "", given: str = "", chosen: str = ""
) -> HttpResponse:
    wanted = Wanted(with_settled=True)
    (shown,) = show_pairs(request.viewer, [found], get_reader_language(), wanted)
    names = sorted((found.first.reference, found.second.reference))
    ledger = [
        row
        for row in read_ledger(request.viewer)
        if [row.first_reference, row.second_reference] == names
    ]
    context = {
        "one": shown,
        "ledger": ledger,
        "verdicts": OverlapVerdict.Verdict.choices,
        "error": error,
        "given": given,
        "chosen": chosen,
    }
    status = 422 if error else 200
    return render(request, "mapping/overlaps/pair.html", context, status=status)


@require_POST
def judge(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """Put a verdict into the ledger."""
    found = _find(request, first, second)
    verdict, reason = request.POST.get("verdict", ""), request.POST.get("reason", "")
    try:
        services.give_verdict(
            pair=found, verdict=verdict, reason=reason, by=request.viewer, at=timezone.now()
        )
    except (BadInput, Refused) as refusal:
        return _show_pair(request, found, str(refusal), reason, verdict)
    return redirect("mapping:overlap", first, second)


@require_POST
def introduce(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """Open a conversation with both owners."""
    found = _find(request, first, second)
    try:
        thread = services.introduce(pair=found, by=request.viewer, at=timezone.now())
    except (BadInput, Refused) as refusal:
        return _show_pair(request, found, str(refusal))
    return redirect(thread.get_absolute_url())


@keep_fresh
def ledger(request: HttpRequest) -> HttpResponse:
    """What people have said of pairs, as far as the viewer sees both."""
    rows = selectors_blind.name_ledger(request.viewer, read_ledger(request.viewer)[:200])
    return render(request, "mapping/overlaps/ledger.html", {"rows": rows})


# Told blindly


def blind_list(request: HttpRequest) -> HttpResponse:
    """The questions put to the viewer, and for which initiatives they wish to be asked."""
    context = {
        "sides": selectors_blind.list_sides(request.viewer, at=timezone.now()),
        "wishes": selectors_blind.list_wishes(request.viewer),
        "is_signed_in": not request.viewer.is_anonymous,
    }
    return render(request, "mapping/overlaps/blind.html", context)


def _find_side(request: HttpRequest, reference: str) -> BlindSide:
    side = selectors_blind.get_side(request.viewer, reference)
    if side is None:
        raise Http404
    return side


def blind_side(request: HttpRequest, reference: str) -> HttpResponse:
    """One question: somebody works on the same; do you agree to be introduced?"""
    side = _find_side(request, reference)
    error = ""
    if request.method == "POST":
        try:
            blind.answer(
                side=side,
                answer=request.POST.get("answer", ""),
                by=request.viewer,
                at=timezone.now(),
            )
        except (BadInput, Refused) as refusal:
            error = str(refusal)
        else:
            return redirect("mapping:overlaps_blind_side", reference)
    shown = selectors_blind.show_side(side, at=timezone.now())
    context = {"side": shown, "error": error}
    status = 422 if error else 200
    return render(request, "mapping/overlaps/blind_side.html", context, status=status)


@require_POST
def wish(request: HttpRequest, reference: str) -> HttpResponse:
    """Wish, or no longer wish, to be told blindly."""
    record = Initiative.objects.visible_to(request.viewer).filter(reference=reference).first()
    if record is None:
        raise Http404
    wanted = request.POST.get("wanted") == "1"
    try:
        blind.set_wish(initiative=record, wanted=wanted, by=request.viewer, at=timezone.now())
    except Refused as refusal:
        return HttpResponse(str(refusal), status=403, content_type="text/plain; charset=utf-8")
    return redirect(reverse("mapping:overlaps_of", args=[reference]))
