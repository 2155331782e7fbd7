"""Addresses of inquiries."""

from django.urls import path, re_path

from focal.inquiries import views

app_name = "inquiries"
INQUIRY = r"^(?P<reference>[0-9a-z]{14})/"
PLACE = r"(?P<place>answer|remark|outcome)/"

urlpatterns = [
    path("", views.list_all, name="list"),
    path("ask/", views.ask, name="ask"),
    path("ask/near/", views.near, name="near"),
    path("ask/autosave/", views.autosave_question, name="ask_autosave"),
    path("ask/afresh/", views.start_question_afresh, name="ask_afresh"),
    path("report/", views.report, name="report"),
    path("report.csv", views.report_table, name="report_table"),
    re_path(INQUIRY + "$", views.inquiry, name="inquiry"),
    re_path(INQUIRY + "answer/$", views.answer, name="answer"),
    re_path(INQUIRY + "nothing/$", views.nothing, name="nothing"),
    re_path(INQUIRY + "remark/$", views.remark, name="remark"),
    re_path(INQUIRY + PLACE + "autosave/$", views.autosave, name="autosave"),
    re_path(INQUIRY + PLACE + "afresh/$", views.start_afresh, name="afresh"),
    re_path(INQUIRY + "edit/$", views.edit, name="edit"),
    re_path(INQUIRY + "close/$", views.close, name="close"),
    re_path(INQUIRY + "extend/$", views.extend, name="extend"),
    re_path(INQUIRY + "reopen/$", views.reopen, name="reopen"),
    re_path(INQUIRY + "draft/$", views.draft, name="draft"),
    re_path(r"^pointers/(?P<reference>[0-9a-z]{14})/$", views.pointer, name="pointer"),
    re_path(r"^sources/(?P<reference>[0-9a-z]{14})/agree/$", views.agree, name="agree"),
    re_path(r"^sources/(?P<reference>[0-9a-z]{14})/decline/$", views.decline, name="decline"),
]
