"""What the mapping shows on the pages of economies and organisations, and where it leads on."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from focal.directory.models import Organisation
from focal.directory.slots import Filling
from focal.mapping.models import Initiative, InitiativeFunding, InitiativePartner
from focal.mapping.selectors import MODELS, OUT
from focal.records.models import Record
from focal.sharing.viewer import Viewer
from focal.ui.components import Teaser

Role = InitiativePartner.Role


def show_economy(code: str, viewer: Viewer, _limit: int) -> Filling:
    """How much of each mapping there is about an economy. One query."""
    counts = dict(
        Record.objects.visible_to(viewer)
        .filter(kind__in=MODELS, state__in=OUT, economies=code)
        .values_list("kind")
        .annotate(number=Count("pk"))
    )
    page = reverse("mapping:economy", args=[code])
    coverage = f"{reverse('mapping:coverage')}?economy={code}"
    return Filling(
        teasers=[
            Teaser(title=_say_kind(kind, counts[kind]), url=f"{page}#group-{kind}", kind=label)
            for kind, label in _label_kinds().items()
            if counts.get(kind)
        ],
        more_url=page,
        more_label=_("All of it, and where somebody is awaited"),
        action_url=coverage,
        action_label=_("Its coverage, measure by measure"),
        empty=_("No need, response or initiative that you can see is about it."),
    )


def _label_kinds() -> Mapping[str, str]:
    return {
        "need": _("What it needs"),
        "response": _("What it does itself"),
        "initiative": _("What others support"),
    }


def _say_kind(kind: str, number: int) -> str:
    said = {
        "need": ngettext("%(n)d need", "%(n)d needs", number),
        "response": ngettext("%(n)d response", "%(n)d responses", number),
        "initiative": ngettext("%(n)d initiative", "%(n)d initiatives", number),
    }
    return said[kind] % {"n": number}


def show_organisation(organisation: Organisation, viewer: Viewer, _limit: int) -> Filling | None:
    """The parts an organisation plays in initiatives; nothing where it plays none. Two queries."""
    visible = Initiative.objects.visible_to(viewer).filter(state__in=OUT).values("pk")
    parts: dict[str, set[int]] = {}
    partners = InitiativePartner.objects.filter(organisation=organisation, initiative__in=visible)
    for pk, role in partners.values_list("initiative_id", "role"):
        parts.setdefault(role, set()).add(pk)
    funded = InitiativeFunding.objects.filter(donor=organisation, initiative__in=visible)
    paid = set(funded.values_list("initiative_id", flat=True))
    if paid:
        parts.setdefault(Role.DONOR, set()).update(paid)
    if not parts:
        return None
    page = reverse("mapping:organisation", args=[organisation.reference])
    labels = {
        Role.DONOR: _("What it pays for"),
        Role.LEAD: _("What it leads"),
        Role.IMPLEMENTER: _("What it carries out"),
        Role.PARTNER: _("Where it is a partner"),
    }
    return Filling(
        teasers=[
            Teaser(
                title=_say_kind("initiative", len(parts[role])),
                url=f"{page}#part-{role.value}",
                kind=label,
            )
            for role, label in labels.items()
            if role in parts
        ],
        more_url=page,
        more_label=_("All of it, beside whom, and the gaps within its themes"),
    )
