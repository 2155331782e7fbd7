"""`focal` with a command, as somebody at a terminal meets it."""

import pytest
from django.db import DatabaseError

from focal.config import cli


@pytest.mark.django_db
def test_a_command_before_setup_says_what_to_do(monkeypatch, capsys):
    def ask_for_a_table(**_options):
        raise DatabaseError("no such table: directory_person")

    monkeypatch.setattr(cli, "program", ask_for_a_table)
    monkeypatch.setattr("django.db.connection.introspection.table_names", list)
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 1
    assert "Run `focal setup`" in capsys.readouterr().err


@pytest.mark.django_db
def test_another_fault_of_the_database_is_not_hidden(monkeypatch):
    def fail(**_options):
        raise DatabaseError("disk is full")

    monkeypatch.setattr(cli, "program", fail)
    monkeypatch.setattr(
        "django.db.connection.introspection.table_names", lambda: ["django_migrations"]
    )
    with pytest.raises(DatabaseError):
        cli.main()
