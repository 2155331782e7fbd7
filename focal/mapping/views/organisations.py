"""One organisation for each: what seems to be the same, what a person said about it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from focal.directory import merging
from focal.directory.models import Organisation, OrganisationMerge
from focal.kernel.errors import BadInput, Refused
from focal.mapping import policy


@require_GET
def organisations(request: HttpRequest) -> HttpResponse:
    """Pairs that seem to be one organisation, each with its reason; and the last merges."""
    decision = policy.may_merge_organisations(request.viewer)
    if not decision:
        return render(request, "mapping/refused.html", {"reason": decision.reason}, status=403)
    context = {"proposals": merging.list_proposals(), "merges": merging.list_merges()}
    return render(request, "mapping/organisations.html", context)


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """What the person said of two organisations: the same, or not."""
    decision = policy.may_merge_organisations(request.viewer)
    if not decision:
        return render(request, "mapping/refused.html", {"reason": decision.reason}, status=403)
    kept, absorbed = (_find(request.POST.get(name, "")) for name in ("kept", "absorbed"))
    who = {"by_person_id": request.viewer.person_id, "actor_key": request.viewer.actor_key}
    if request.POST.get("verdict") == "different":
        merging.keep_apart(one=kept, other=absorbed, at=timezone.now(), **who)
        messages.success(request, _("They stay two. They will not be proposed again."))
        return redirect("mapping:organisations")
    try:
        merging.merge_organisations(
            kept=kept,
            absorbed=absorbed,
            reason=request.POST.get("reason", ""),
            at=timezone.now(),
            **who,
        )
    except (BadInput, Refused) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(
            request,
            _("%(one)s is now taken for %(other)s. It can be undone below.")
            % {"one": absorbed, "other": kept},
        )
    return redirect("mapping:organisations")


@require_POST
def undo(request: HttpRequest, key: int) -> HttpResponse:
    """Take a merge back."""
    decision = policy.may_merge_organisations(request.viewer)
    if not decision:
        return render(request, "mapping/refused.html", {"reason": decision.reason}, status=403)
    merge = OrganisationMerge.objects.filter(pk=key).first()
    if merge is None:
        raise Http404
    try:
        restored = merging.undo_merge(
            merge=merge, actor_key=request.viewer.actor_key, at=timezone.now()
        )
    except Refused as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("%s stands for itself again.") % restored)
    return redirect("mapping:organisations")


def _find(reference: str) -> Organisation:
    found = Organisation.objects.filter(reference=reference).first()
    if found is None:
        raise Http404
    return found
