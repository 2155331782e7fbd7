"""Makes inquiries a kind of record, and tells owners and recipients what is due."""

from django.utils.translation import gettext_lazy as _

from focal.alerts.nudges import register_nudges
from focal.directory import slots
from focal.inquiries import buttons, indexing, nudges, services, spaces
from focal.inquiries.models import Inquiry
from focal.records.kinds import Kind, register
from focal.records.slots import Corner, register_corner
from focal.threads.indexing import register_indexed_kind


def wire() -> None:
    """Register the kind `inquiry`, which has pages of its own, and the nudges about inquiries."""
    register(
        Kind(
            key=services.KIND,
            model=Inquiry,
            label=_("Inquiry"),
            plural=_("Inquiries"),
            fields=("due_date", "answer_form"),
            is_written_here=False,
            read_pages=indexing.read_pages,
            is_published_by_writers=True,
            new_page="inquiries:ask",
        )
    )
    register_indexed_kind(services.KIND)
    register_corner(services.ANSWER, Corner(_("Your answer"), "inquiries:inquiry"))
    register_corner(services.REMARK, Corner(_("Your remark"), "inquiries:inquiry"))
    register_corner(services.OUTCOME, Corner(_("What came of it?"), "inquiries:close"))
    buttons.register()
    slots.register(slots.Slot(slots.FORMAT, "requests", _("Requests"), spaces.show_requests_of))
    register_nudges(
        kind=services.DUE_NUDGE,
        label=_("Questions that wait for you"),
        gather=nudges.gather_due,
        comes_once=True,
    )
    register_nudges(
        kind=services.OVERDUE_NUDGE,
        label=_("Questions of yours that can be closed"),
        gather=nudges.gather_overdue,
    )
    register_nudges(
        kind=services.SOURCE_NUDGE,
        label=_("May your answer be named?"),
        gather=nudges.gather_source_requests,
    )
