from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "focal.ui"
    label = "ui"
