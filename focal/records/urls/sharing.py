"""Addresses of who sees a record: recalling, asking, deciding, break-glass reading."""

from django.urls import path, re_path

from focal.records.views import sharing as views

RECORD = r"^records/(?P<reference>[0-9a-z]{14})/"
LEVEL = r"as/(?P<level>CLEAR|GREEN|AMBER|AMBER-STRICT|RED)/$"
REQUEST = r"(?P<reference>[0-9a-z]{14})/"

urlpatterns = [
    re_path(RECORD + "sharing/recall/$", views.recall, name="recall"),
    re_path(RECORD + "sharing/ask/$", views.ask_release, name="ask_release"),
    re_path(RECORD + "sharing/second/$", views.ask_second, name="ask_second"),
    re_path(
        RECORD + "as/(?P<level>CLEAR|GREEN|AMBER|AMBER-STRICT|RED)/$", views.show_as, name="as"
    ),
    path("desk/requests/", views.list_requests, name="sharing_requests"),
    re_path(r"^desk/requests/" + REQUEST + "$", views.decide, name="sharing_decide"),
    re_path(r"^desk/requests/" + REQUEST + "file$", views.show_file, name="waiting_file"),
    path("desk/notices/", views.put_away, name="notices"),
    path("break-glass/", views.glass, name="glass"),
    re_path(r"^break-glass/" + REQUEST + "decide/$", views.decide_glass, name="glass_decide"),
    re_path(r"^break-glass/" + REQUEST + "end/$", views.end_glass, name="glass_end"),
]
