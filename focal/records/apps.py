from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "focal.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from focal.records import wiring  # noqa: PLC0415 -- models must be loaded first

        wiring.wire()
