from django.apps import AppConfig


class MappingConfig(AppConfig):
    name = "focal.mapping"
    label = "mapping"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from focal.mapping import wiring  # noqa: PLC0415 -- models must be loaded first

        wiring.wire()
