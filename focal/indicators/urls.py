"""Addresses of figures and charts."""

from django.urls import path, re_path

from focal.indicators.views import bringing, charts, editing, figures, keeping

app_name = "indicators"
CHART_FILE = r"chart\.(?P<suffix>svg|png|csv|json)$"
SERIES = r"^(?P<reference>[0-9a-z]{14})/"
CHART = r"^charts/(?P<reference>[0-9a-z]{14})/"

urlpatterns = [
    path("", figures.list_all, name="list"),
    path("bring/", bringing.bring, name="bring"),
    re_path(SERIES + "$", figures.series, name="series"),
    re_path(SERIES + r"data\.csv$", figures.export, {"suffix": "csv"}, name="data"),
    re_path(SERIES + r"data\.(?P<suffix>xlsx|sdmx\.csv|sdmx\.xml)$", figures.export, name="export"),
    re_path(SERIES + CHART_FILE, figures.series_file, name="series_file"),
    re_path(SERIES + "edit/$", editing.figures, name="figures_edit"),
    re_path(SERIES + "history/$", editing.history, name="figures_history"),
    re_path(SERIES + "prefer/$", editing.prefer, name="prefer"),
    re_path(SERIES + "charts/$", charts.charts_of, name="charts_of"),
    path("charts/", charts.list_all, name="charts"),
    path("charts/new/", charts.new, name="chart_new"),
    path("charts/new/autosave/", keeping.autosave_new, name="chart_new_autosave"),
    path("charts/new/afresh/", keeping.start_new_afresh, name="chart_new_afresh"),
    path("charts/preview/", charts.preview, name="chart_preview"),
    re_path(CHART + "$", charts.chart, name="chart"),
    re_path(CHART + "edit/$", charts.edit, name="chart_edit"),
    re_path(CHART + "autosave/$", keeping.autosave, name="chart_autosave"),
    re_path(CHART + "afresh/$", keeping.start_afresh, name="chart_afresh"),
    re_path(CHART + "embed/$", charts.chart_embed, name="chart_embed"),
    re_path(CHART + CHART_FILE, charts.chart_file, name="chart_file"),
]
