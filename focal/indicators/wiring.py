"""Makes series a kind of record."""

from django.utils.translation import gettext_lazy as _

from focal.indicators.models import Series
from focal.records.kinds import Kind, register

FIELDS = (
    "key", "unit", "counted", "definition", "population", "method", "measure", "breakdown",
    "scale", "part_of", "licence",
)  # fmt: skip


def wire() -> None:
    """Register the kind `indicator`. Its observations have their own editor, not records'."""
    register(
        Kind(
            key="indicator",
            model=Series,
            label=_("Indicator"),
            plural=_("Indicators"),
            fields=FIELDS,
            is_written_here=False,
        )
    )
