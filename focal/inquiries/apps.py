from django.apps import AppConfig


class InquiriesConfig(AppConfig):
    name = "focal.inquiries"
    label = "inquiries"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from focal.inquiries import wiring  # noqa: PLC0415 -- models must be loaded first

        wiring.wire()
