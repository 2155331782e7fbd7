"""Addresses of surveys. None of them serves an answer of a person."""

from django.urls import path, re_path

from focal.surveys import views

app_name = "surveys"
SURVEY = r"^(?P<reference>[0-9a-z]{14})/"
QUESTION = SURVEY + r"(?P<edition>[0-9a-z]{14})/(?P<code>[^/]{1,60})"

urlpatterns = [
    path("", views.list_all, name="list"),
    path("bring/", views.bring, name="bring"),
    re_path(SURVEY + "$", views.survey, name="survey"),
    re_path(SURVEY + r"(?P<edition>[0-9a-z]{14})/remove/$", views.remove, name="remove"),
    re_path(QUESTION + r"/$", views.question, name="question"),
    re_path(QUESTION + r"/keep/$", views.keep, name="keep"),
    re_path(QUESTION + r"\.(?P<form>csv|svg|png|json)$", views.download, name="download"),
]
