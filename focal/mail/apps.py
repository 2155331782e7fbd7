from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "focal.mail"
    label = "mail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from focal.mail import wiring  # noqa: PLC0415 -- models must be loaded first

        wiring.wire()
