"""Writing briefings: the list of blocks, one block, an edition. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from focal.briefings import choosing, selectors, services
from focal.briefings.blocks import KINDS, Block, clean_block
from focal.briefings.drafting import HINTS, SUBJECTS
from focal.briefings.files import read_file
from focal.briefings.forcing import find_forcing
from focal.briefings.forms import AboutForm, BlockForm, FreezeForm, NewBriefingForm, list_languages
from focal.briefings.models import Briefing
from focal.briefings.rendering import Part, leave_out_empty, render_each, say_part
from focal.kernel.errors import BadInput, Refused
from focal.records import services as records
from focal.records.second_eyes import may_change_at_once
from focal.records.services import EditConflict
from focal.records.views.documents.bringing import for_writers
from focal.records.views.editing.common import refuse
from focal.records.views.finding.common import get_reader_language
from focal.sharing import policy
from focal.sharing.markings import Marking, find_narrowest
from focal.vocabulary.languages import canonical_language

MEANWHILE = gettext_lazy(
    "Somebody else changed this briefing meanwhile. Your text is still here: look"
    " at theirs in another window, then save once more."
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
def new(request: HttpRequest) -> HttpResponse:
    """A new briefing from a template."""
    form = NewBriefingForm(
        request.POST or None,
        viewer=request.viewer,
        subjects={
            name: choosing.list_subjects(
                name, request.viewer, get_reader_language(), timezone.localdate()
            )
            for name in SUBJECTS
        },
        initial={"language": get_reader_language(), "marking": Marking.AMBER},
    )
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            made = services.create_briefing(
                owner_organisation=given.pop("organisation"),
                by=request.viewer,
                at=timezone.now(),
                **given,
            )
        except (BadInput, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("briefings:edit", made.reference)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "briefings/new.html", {"form": form}, status=status)


def for_editors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Finds the briefing; hands it to those who may change it."""

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def wrapped(request: HttpRequest, reference: str, **rest: Any) -> HttpResponse:
        found = selectors.get_briefing(request.viewer, reference)
        if found is None:
            raise Http404
        if not (decision := may_change_at_once(request.viewer, found)):
            return refuse(request, decision.reason, found)
        return view(request, found, **rest)

    return wrapped


@for_editors
def edit(request: HttpRequest, found: Briefing) -> HttpResponse:
    """Title, summary, and the blocks in their order."""
    language = _choose_language(request, found)
    is_translation = language != found.language
    said = services.get_translation(found, language) if is_translation else found
    form = AboutForm(
        request.POST or None,
        is_translation=is_translation,
        initial={
            name: getattr(said, name, "" if name != "version" else 0)
            for name in ("title", "summary", "version", "needs_check")
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            _save_about(request, found, language, dict(form.cleaned_data))
        except EditConflict:
            form.add_error(None, MEANWHILE)
            said = (
                services.get_translation(found, language)
                if is_translation
                else _reload(request, found)
            )
            form.data = form.data.copy()
            form.data["version"] = str(said.version if said else 0)
        except (BadInput, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return _go_back(request, found)
    every = render_each(found, request.viewer, language, at=timezone.now())
    parts = {part.id: part for part in every}
    read = {part.id for part in leave_out_empty(every, found.blocks)}
    superseded: dict[str, bool] = {}
    for block, _old, standing in selectors.list_superseded(request.viewer, found):
        superseded[block] = superseded.get(block, False) or bool(standing)
    context = {
        "briefing": found,
        "form": form,
        "rows": [
            _describe_block(block, parts, superseded, language)
            | {"is_empty": block["id"] in parts and block["id"] not in read}
            for block in found.blocks
        ],
        "kinds": KINDS.values(),
        "language": language,
        "languages": list_languages(),
        "is_translation": is_translation,
        "forcing": services.say_forcing(list(parts.values())),
        "forced": find_narrowest(part.marking for part in parts.values()),
        "too_wide": find_forcing(found.blocks, found.marking, request.viewer),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "briefings/edit.html", context, status=status)


def _save_about(
    request: HttpRequest, found: Briefing, language: str, given: dict[str, Any]
) -> None:
    """Title and summary, in the briefing's own language or another."""
    base = {"base_version": given.pop("version"), "by": request.viewer, "at": timezone.now()}
    if language == found.language:
        records.edit_record(record=found, content=given, **base)
    else:
        services.translate_briefing(briefing=found, language=language, **given, **base)


def _describe_block(
    block: Block, parts: dict[str, Part], superseded: dict[str, bool], language: str
) -> dict[str, Any]:
    part = parts.get(block["id"])
    return {
        "block": block,
        "kind": KINDS[block["kind"]],
        "text": say_part(part) if part else services.say_block(block, language),
        "is_missing": part is None,
        "hint": HINTS.get(block.get("hint", ""), ""),
        "is_superseded": block["id"] in superseded,
        "has_later": superseded.get(block["id"], False),
        "is_translated": language in block["texts"] or not block["texts"],
        "needs_check": language in block["checks"],
    }


def _choose_language(request: HttpRequest, found: Briefing) -> str:
    asked = request.GET.get("language") or request.POST.get("language") or found.language
    known = [code for code, _name in list_languages()]
    code = canonical_language(asked[:12])
    return code if code in known else found.language


def _find_block(found: Briefing, block: str) -> int:
    place = next((n for n, one in enumerate(found.blocks) if one["id"] == block), None)
    if place is None:
        raise Http404
    return place


@for_editors
def add(request: HttpRequest, found: Briefing, kind: str) -> HttpResponse:
    """A new block, after the one that `after` names, else at the end."""
    if kind not in KINDS:
        raise Http404
    after = request.GET.get("after", "")
    place = next((n + 1 for n, b in enumerate(found.blocks) if b["id"] == after), len(found.blocks))
    return _write_block(request, found, kind, place, None)


@for_editors
def change(request: HttpRequest, found: Briefing, block: str) -> HttpResponse:
    """One block in one language. Where somebody took it out while it was written, what was
    written becomes a block at the end."""
    if request.POST.get("kind") in KINDS and all(one["id"] != block for one in found.blocks):
        return _write_block(request, found, request.POST["kind"], len(found.blocks), None)
    place = _find_block(found, block)
    standing = found.blocks[place]
    return _write_block(request, found, standing["kind"], place, standing)


def _write_block(
    request: HttpRequest, found: Briefing, kind: str, place: int, standing: Block | None
) -> HttpResponse:
    language = _choose_language(request, found)
    form = BlockForm(
        request.POST or None,
        kind=kind,
        language=language,
        block=standing,
        is_original=language == found.language,
        choices=choosing.list_choices(kind, request.viewer, language, standing),
        initial={"version": found.version},
    )
    if request.method == "POST" and form.is_valid():
        try:
            blocks = list(found.blocks)
            blocks[place : place + (standing is not None)] = [
                clean_block(form.make_block(), found.language)
            ]
            services.change_blocks(
                briefing=found,
                blocks=blocks,
                base_version=form.cleaned_data["version"],
                by=request.viewer,
                at=timezone.now(),
            )
        except EditConflict:
            form.add_error(None, MEANWHILE)
            form.data = form.data.copy()
            form.data["version"] = str(_reload(request, found).version)
        except (BadInput, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            return _go_back(request, found, blocks[place]["id"])
    context = {
        "briefing": found,
        "form": form,
        "kind": KINDS[kind],
        "language": language,
        "languages": list_languages() if standing else (),
        "original": standing["texts"].get(found.language) if standing else None,
        "figures": choosing.list_figures(request.viewer, language) if KINDS[kind].rich else (),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "briefings/block.html", context, status=status)


def _reload(request: HttpRequest, found: Briefing) -> Briefing:
    return selectors.get_briefing(request.viewer, found.reference) or found


@for_editors
@require_POST
def arrange(request: HttpRequest, found: Briefing, block: str, deed: str) -> HttpResponse:
    """Move a block, take it out, or let it quote the figure that stands now."""
    place = _find_block(found, block)
    blocks, taken = list(found.blocks), []
    if deed == "remove":
        del blocks[place]
        place = max(0, place - 1)
    elif deed == "follow":
        blocks[place], taken = _follow(request, found, blocks[place])
    else:
        other = place + (1 if deed == "down" else -1)
        if 0 <= other < len(blocks):
            blocks[place], blocks[other] = blocks[other], blocks[place]
            place = other
    try:
        services.change_blocks(
            briefing=found,
            blocks=blocks,
            base_version=found.version,
            by=request.viewer,
            at=timezone.now(),
        )
    except (BadInput, Refused, EditConflict) as refusal:
        messages.error(request, str(refusal))
    else:
        if deed == "remove":
            messages.success(request, _("Taken out. The history has it still."))
        for change in taken:
            messages.success(request, change)
    return _go_back(request, found, blocks[place]["id"] if blocks else "")


def _go_back(request: HttpRequest, found: Briefing, block: str = "") -> HttpResponse:
    """To the list of blocks, at one of them, in the language that was being written."""
    address = reverse("briefings:edit", args=[found.reference])
    place = f"#block-{block}" if block else ""
    return redirect(f"{address}?language={_choose_language(request, found)}{place}")


@for_editors
@require_POST
def undo(request: HttpRequest, found: Briefing) -> HttpResponse:
    """Put back what stood before the newest change. Doing so twice changes nothing."""
    base = request.POST.get("version", "")
    try:
        records.restore_version(
            record=found,
            number=found.version - 1,
            base_version=int(base) if base.isdecimal() else 0,
            by=request.viewer,
            at=timezone.now(),
        )
    except (BadInput, Refused, EditConflict) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Undone"))
    return _go_back(request, found)


def _follow(request: HttpRequest, found: Briefing, block: Block) -> tuple[Block, list[SafeString]]:
    """The block with every superseded figure replaced by the one that stands now, and what became
    of each."""
    text, language = services.pack(block), get_reader_language()
    taken = []
    for name, old, standing in selectors.list_superseded(request.viewer, found):
        if name == block["id"] and standing:
            text = text.replace(old, standing)
            said = selectors.describe_figures(request.viewer, (old, standing), language)
            taken.append(
                format_html(
                    "{}: <del>{}</del> <ins>{}</ins>", said[0].title, said[0].whole, said[1].whole
                )
            )
    return services.unpack(text), taken


@for_editors
def freeze(request: HttpRequest, found: Briefing) -> HttpResponse:
    """Issue an edition: choose for whom, see what it will hold, approve."""
    if not (decision := policy.may_publish(request.viewer, found)):
        return refuse(request, decision.reason, found)
    now, language = timezone.now(), found.language
    offered = []
    for marking in (Marking.CLEAR, Marking.GREEN, Marking.AMBER, Marking.AMBER_STRICT):
        parts = services.render_edition(found, marking, language, at=now)
        held = {part.id.partition("-")[0] for part in parts}
        left_out = [
            services.say_block(block, language)
            for block in found.blocks
            if block["kind"] == "heading" and block["id"] not in held
        ]
        offered.append(
            {
                "marking": marking,
                "count": len(held),
                "of": len(found.blocks),
                "left_out": left_out,
            }
        )
    form = FreezeForm(request.POST or None, initial={"marking": found.marking})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.freeze(briefing=found, by=request.viewer, at=now, **form.cleaned_data)
        except (BadInput, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            parts, chosen = selectors.read_parts(made, made.language)
            read_file(made, parts, chosen, "pdf", at=now)  # frozen with it
            messages.success(request, _("Edition %s is out.") % made.number)
            return redirect(made.get_absolute_url())
    context = {"briefing": found, "form": form, "offered": offered}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "briefings/freeze.html", context, status=status)
