"""Makes series a kind of record."""

from django.utils.translation import gettext_lazy as _

from focal.indicators import chart_services, charts, indexing
from focal.indicators.models import Chart, Series
from focal.outbox.registry import Consumer
from focal.outbox.registry import register as register_consumer
from focal.records.kinds import Kind, register
from focal.records.services import TOPIC as RECORDS
from focal.records.slots import Corner, Slot, register_corner, register_slot

FIELDS = (
    "unit", "counted", "definition", "population", "method", "measure", "breakdown",
    "scale", "part_of", "licence",
)  # fmt: skip
CHART_FIELDS = ("form", "series_list", "areas", "split", "time", "order", "shown_with")


def wire() -> None:
    """Register the kinds `indicator` (its figures have an editor of their own) and `chart`."""
    register(
        Kind(
            key="indicator",
            model=Series,
            label=_("Indicator"),
            plural=_("Indicators"),
            fields=FIELDS,
            read_pages=indexing.read_pages,
        )
    )
    register_consumer(
        Consumer("figures", frozenset({RECORDS}), indexing.tell_relatives, thread="words")
    )
    register(
        Kind(
            key="chart",
            model=Chart,
            label=_("Chart"),
            plural=_("Charts"),
            fields=CHART_FIELDS,
            list_forcing=chart_services.list_forcing,
            is_written_here=False,
            new_page="indicators:chart_new",
        )
    )
    register_corner("chart", Corner(_("Chart"), "indicators:chart_edit"))
    register_slot(
        Slot(
            key="charts",
            title=_("Charts"),
            link=_("Charts with this record"),
            url_name="indicators:charts_of",
            is_for_members=False,
            is_wanted=charts.has_charts,
        )
    )
