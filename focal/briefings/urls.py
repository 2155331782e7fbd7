"""Addresses of briefings and their editions."""

from django.urls import path, re_path

from focal.briefings import views

app_name = "briefings"
BRIEFING = r"^(?P<reference>[0-9a-z]{14})/"

urlpatterns = [
    path("", views.reading.list_all, name="list"),
    path("new/", views.writing.new, name="new"),
    re_path(r"^edition/(?P<reference>[0-9a-z]{14})/$", views.reading.edition, name="edition"),
    re_path(
        r"^edition/(?P<reference>[0-9a-z]{14})/(?P<language>[A-Za-z-]{2,12})/(?P<form>pdf|leaflet|docx)$",
        views.reading.edition_file,
        name="edition_file",
    ),
    re_path(BRIEFING + "$", views.reading.briefing, name="briefing"),
    re_path(
        BRIEFING + r"(?P<language>[A-Za-z-]{2,12})/(?P<form>pdf|leaflet|docx)$",
        views.reading.briefing_file,
        name="briefing_file",
    ),
    re_path(BRIEFING + "edit/$", views.writing.edit, name="edit"),
    re_path(BRIEFING + "edit/undo/$", views.writing.undo, name="undo"),
    re_path(BRIEFING + r"edit/add/(?P<kind>[a-z]{3,10})/$", views.writing.add, name="add"),
    re_path(BRIEFING + r"edit/(?P<block>[0-9a-z]{14})/$", views.writing.change, name="change"),
    re_path(
        BRIEFING + r"edit/(?P<block>[0-9a-z]{14})/(?P<deed>up|down|remove|follow)/$",
        views.writing.arrange,
        name="arrange",
    ),
    re_path(BRIEFING + "freeze/$", views.writing.freeze, name="freeze"),
]
