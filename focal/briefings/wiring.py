"""Makes briefings and editions kinds of records, and lets their texts be looked through."""

from django.utils.translation import gettext_lazy as _

from focal.alerts.nudges import register_nudges
from focal.briefings import forcing, nudges, services
from focal.briefings.models import Briefing, Edition
from focal.records.kinds import Kind, register
from focal.records.persons import register_texts


def wire() -> None:
    """Register both kinds. They have an editor of their own."""
    register(
        Kind(
            key=services.KIND,
            model=Briefing,
            label=_("Briefing"),
            plural=_("Briefings"),
            fields=("template",),
            is_written_here=False,
            details={"blocks": _("Blocks")},
            read_details=services.read_details,
            write_details=services.write_details,
            say_details=services.say_details,
            list_forcing=forcing.list_forcing,
        )
    )
    register(
        Kind(
            key=services.EDITION,
            model=Edition,
            label=_("Edition of a briefing"),
            plural=_("Editions of briefings"),
            is_written_here=False,
            is_fixed=True,
            write_details=services.write_frozen,
            list_forcing=forcing.list_widened,
        )
    )
    register_texts(services.KIND, services.list_texts)
    register_nudges(
        kind=nudges.KIND,
        label=_("Briefings that quote superseded figures"),
        gather=nudges.gather_superseded,
    )
