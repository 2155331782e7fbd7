"""Addresses of sharing itself: who would see something."""

from django.urls import path

from focal.sharing import views

app_name = "sharing"
urlpatterns = [path("audience", views.audience, name="audience")]
