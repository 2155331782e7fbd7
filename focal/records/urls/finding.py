"""Addresses of finding and reading: search, library, records, feed."""

from django.urls import path, re_path

from focal.records.views import finding as views

RECORD = r"^records/(?P<reference>[0-9a-z]{14})/"

urlpatterns = [
    path("search", views.search, name="search"),
    path("search/suggest", views.suggest, name="suggest"),
    path("search/export.csv", views.export, name="export"),
    path("library/", views.library, name="library"),
    re_path(RECORD + "$", views.record, name="record"),
    re_path(RECORD + "in/(?P<language>[A-Za-z-]{2,12})/$", views.record, name="record_in"),
    re_path(RECORD + "similar/$", views.similar, name="similar"),
    path("feeds/latest.atom", views.feed, name="feed"),
]
