from django.apps import AppConfig


class InquiriesConfig(AppConfig):
    name = "focal.inquiries"
    label = "inquiries"
    default_auto_field = "django.db.models.BigAutoField"
