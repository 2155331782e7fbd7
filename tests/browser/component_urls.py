"""The page of components, and a form that saves itself, for the walks through components."""

from django.http import HttpResponse, JsonResponse
from django.template import engines
from django.urls import path

from focal.config.urls import handler404
from focal.config.urls import urlpatterns as served
from focal.ui.views import design

__all__ = ["handler404", "urlpatterns"]

PAGE = """{% extends "ui/form.html" %}{% load ui %}{% block title %}Saving{% endblock %}
{% block content %}<h1>Saving</h1><form method="post" action="/saved" data-autosave-url="/autosave">
{% csrf_token %}<label for="text">Text</label><textarea id="text" name="text"></textarea>
{% save_state %}<button class="btn btn-primary">Send</button></form>{% endblock %}"""
saved: list[str] = []
received: list[tuple[str, int, str]] = []


def show_components(request):
    paths = request.POST.getlist("documents_paths")
    files = request.FILES.getlist("documents")
    received.extend((f.name, f.size, path) for f, path in zip(files, paths, strict=True))
    return design(request)


def show_form(request):
    return HttpResponse(engines["django"].from_string(PAGE).render({}, request))


def autosave(request):
    text = request.POST["text"]
    if "conflict" in text:
        return JsonResponse({"message": "Somebody was faster.", "url": "/about"}, status=409)
    saved.append(text)
    return JsonResponse({"saved_at": "2026-03-02T12:00:00Z"})


urlpatterns = [
    path("design", show_components),
    path("form", show_form),
    path("autosave", autosave),
    *served,
]
