from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "focal.web"
    label = "web"
