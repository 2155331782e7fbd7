"""What the indicators declare; see tests/declared.py."""

from tests.door import listing, plain, record

DOORS = (
    record("indicators:series_file", "svg"),
    record("indicators:export", "sdmx.csv"),
    record("indicators:charts_of"),
    record("indicators:figures_edit"),
    record("indicators:figures_history"),
    record("indicators:prefer", method="post"),
    listing("indicators:charts"),
    plain("indicators:bring"),
    plain("indicators:chart_new"),
    plain("indicators:chart_preview", method="post"),
    plain("indicators:chart_new_autosave"),
    plain("indicators:chart_new_afresh", method="post"),
    record("indicators:chart"),
    record("indicators:chart_autosave"),
    record("indicators:chart_afresh", method="post"),
    record("indicators:chart_edit"),
    record("indicators:chart_embed"),
    record("indicators:chart_file", "csv"),
)
ON_RECORDS = {"indicators.FiguresVersion", "indicators.Preference"}
SYSTEM_PLACES = {
    "indicators/chart_services.py",
    "indicators/disclosure.py",
    "indicators/indexing.py",
}
KINDS = {"indicator": {"unit": "people", "counted": "Who left"}, "chart": {}}
