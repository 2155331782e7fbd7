"""The app, and the one place where it listens: allauth tells by signal what it changed."""

from typing import Any

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "focal.directory"
    label = "directory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.mfa import signals  # noqa: PLC0415 -- models are loaded by now

        signals.authenticator_added.connect(_on_added)
        signals.authenticator_removed.connect(_on_removed)
        signals.authenticator_reset.connect(_on_reset)


def _on_added(**told: Any) -> None:
    _log("added", **told)


def _on_removed(**told: Any) -> None:
    _log("removed", **told)


def _on_reset(**told: Any) -> None:
    _log("reset", **told)


def _log(change: str, *, user: Any, authenticator: Any, **_rest: Any) -> None:
    from django.utils import timezone  # noqa: PLC0415 -- as above

    from focal.directory.services import log_second_factor  # noqa: PLC0415 -- as above

    log_second_factor(person=user, change=change, kind=authenticator.type, at=timezone.now())
