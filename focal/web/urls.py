"""Addresses of the roof."""

from django.conf import settings
from django.urls import path

from focal.ui.views import design
from focal.web import views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("about", views.about, name="about"),
    path("accessibility", views.accessibility, name="accessibility"),
    path("privacy", views.privacy, name="privacy"),
    path("economies/", views.list_economies, name="economies"),
    path("economies/<str:code>/", views.show_economy, name="economy"),
    path("topics/", views.list_topics, name="topics"),
    path("topics/<slug:key>/", views.show_topic, name="topic"),
    path("formats/", views.list_formats, name="formats"),
    path("formats/<slug:slug>/", views.show_format, name="format"),
    path("language", views.set_language, name="set_language"),
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
]
if settings.DEBUG:
    urlpatterns.append(path("design", design, name="design"))
