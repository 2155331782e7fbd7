"""Makes needs, responses and initiatives kinds of records."""

from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from focal.alerts.nudges import register_nudges
from focal.directory import slots
from focal.mapping import asking, places
from focal.mapping.coverage.loading import register_consumer as register_coverage
from focal.mapping.details import COMMON, OF_INITIATIVES, read_details, say_details, write_details
from focal.mapping.importing import jobs
from focal.mapping.models import Initiative, Need, Response
from focal.mapping.overlaps.services import register_consumer as register_overlaps
from focal.outbox.registry import Consumer
from focal.outbox.registry import register as register_consumer
from focal.records.kinds import Kind, register


def wire() -> None:
    """Register the three kinds, which have forms of their own, and what is derived from them."""
    register_coverage()
    register_nudges(kind=asking.NUDGE, label=_("Still true?"), gather=asking.gather_nudges)
    register_consumer(
        Consumer("mapping-imports", frozenset({jobs.TOPIC}), jobs.handle, batch=1, thread="imports")
    )
    register_overlaps()
    title = _("Needs, responses, support")
    slots.register(slots.Slot(slots.ECONOMY, "mapping", title, places.show_economy))
    title = _("In the mapping")
    slots.register(slots.Slot(slots.ORGANISATION, "mapping", title, places.show_organisation))
    register(
        Kind(
            key="need",
            model=Need,
            label=_("Need"),
            plural=_("Needs"),
            fields=(
                "need_type", "view", "priority", "status", "cycle", "start_date", "end_date",
            ),
            is_written_here=False,
            details=COMMON,
            read_details=read_details,
            write_details=write_details,
            say_details=say_details,
        )
    )  # fmt: skip
    register(
        Kind(
            key="response",
            model=Response,
            label=_("Response"),
            plural=_("Responses"),
            fields=("response_type", "status", "cycle", "start_date", "end_date"),
            is_written_here=False,
            details=COMMON,
            read_details=read_details,
            write_details=write_details,
            say_details=say_details,
        )
    )
    register(
        Kind(
            key="initiative",
            model=Initiative,
            label=_("Initiative"),
            plural=_("Initiatives"),
            fields=(
                "status", "start_date", "end_date", "scale", "deliverables", "evidence_grade",
                "evidence", "transferability", "inclusion_note", "material_languages",
                "contact_point",
            ),
            concept_fields=MappingProxyType(
                {"prevention_levels": "prevention-levels", "extremism_kinds": "extremism-kinds"}
            ),
            is_written_here=False,
            details=OF_INITIATIVES,
            read_details=read_details,
            write_details=write_details,
            say_details=say_details,
        )
    )  # fmt: skip
