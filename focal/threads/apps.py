from django.apps import AppConfig


class ThreadsConfig(AppConfig):
    name = "focal.threads"
    label = "threads"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from focal.threads import wiring  # noqa: PLC0415 -- models must be loaded first

        wiring.wire()
