"""The one command-line program: `focal`. Each app brings its own commands (its `cli` module)."""

import importlib
import os
import sys

import click

COMMANDS = {
    "serve": "focal.config.serving:serve",
    "worker": "focal.config.serving:worker",
    "setup": "focal.config.serving:setup",
    "check": "focal.config.serving:check",
    "import-documents": "focal.records.cli_import:import_documents_command",
    "check-persons": "focal.records.cli_persons:check_persons",
    "import-series": "focal.indicators.cli:import_series_command",
    "export-series": "focal.indicators.cli:export_series_command",
    "search": "focal.records.cli:search",
    "export": "focal.records.cli:export",
    "people": "focal.directory.cli:people",
    "import-initiatives": "focal.mapping.cli:import_initiatives",
    "example": "focal.mapping.cli:example",
    "coverage": "focal.mapping.coverage.cli:coverage",
    "briefing": "focal.briefings.cli:briefing",
    "survey": "focal.surveys.cli:survey",
    "overlaps": "focal.mapping.overlaps.cli:overlaps",
    "vocabulary": "focal.vocabulary.cli:vocabulary",
    "index": "focal.search.cli:index",
    "alerts": "focal.alerts.cli:alerts",
    "mail": "focal.mail.cli:mail",
    "audit": "focal.audit.cli:audit",
}


class Program(click.Group):
    """Loads Django and a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "focal.config.settings")
        import django  # noqa: PLC0415 -- `focal --version` must not need settings

        django.setup()
        module, attribute = COMMANDS[name].split(":")
        return getattr(importlib.import_module(module), attribute)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="focal", prog_name="focal")
def program() -> None:
    """Focal, the regional platform for preventing and countering violent extremism.

    Start with `focal serve`. Every command explains itself with --help. Data lives in the
    folder named by FOCAL_DATA (default: ./var).
    """


def main() -> None:
    """Run the program; refusals and bad input end with their sentence and exit code 1."""
    from django.db import DatabaseError  # noqa: PLC0415 -- as above

    from focal.kernel.errors import BadInput, Refused  # noqa: PLC0415 -- as above

    try:
        program(standalone_mode=True)
    except (BadInput, Refused) as error:
        click.echo(f"focal: {error}", err=True)
        sys.exit(1)
    except DatabaseError:
        if _has_tables():
            raise
        click.echo(
            "focal: There is nothing here yet. Run `focal setup`, or name the folder of your"
            " installation in FOCAL_DATA.",
            err=True,
        )
        sys.exit(1)


def _has_tables() -> bool:
    from django.db import connection  # noqa: PLC0415 -- as above

    return "django_migrations" in connection.introspection.table_names()
