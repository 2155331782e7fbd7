"""The log: each deed once, chained, and no way to change it."""

import json

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction

from focal.audit.cli import audit
from focal.audit.models import ChainHead, Entry
from focal.audit.services import GENESIS, verify, write_entry
from tests.factories import NOON


def write(number):
    with transaction.atomic():
        write_entry(
            action="thing.done",
            target_kind="thing",
            target_key=f"key-{number}",
            actor_key="person:1",
            at=NOON,
            detail={"n": number},
        )


def tamper(sql):
    """Change the log as somebody with the database password would: triggers off first."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        else:
            cursor.execute("DROP TRIGGER audit_entry_no_update")
            cursor.execute("DROP TRIGGER audit_entry_no_delete")
        cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_write_entry_outside_a_transaction_raises():
    with pytest.raises(RuntimeError, match="inside the transaction"):
        write_entry(action="a", target_kind="t", target_key="k", actor_key="x", at=NOON)


@pytest.mark.django_db
def test_verify_of_an_empty_log_is_intact():
    verdict = verify()

    assert (verdict.intact, verdict.entries, verdict.head) == (True, 0, GENESIS)


@pytest.mark.django_db
def test_write_entry_chains_each_entry_to_the_one_before():
    write(1)
    write(2)

    first, second = Entry.objects.order_by("number")
    assert (first.previous, second.previous) == (GENESIS, first.digest)
    assert verify().intact


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["update", "delete"])
def test_database_refuses_to_change_or_delete_an_entry(method):
    write(1)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        if method == "update":
            Entry.objects.update(action="thing.undone")
        else:
            Entry.objects.all().delete()
    assert Entry.objects.get().action == "thing.done"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "broken_at", "problem"),
    [
        ("UPDATE audit_entry SET actor_key='person:2' WHERE number=2", 2, "changed"),
        ("DELETE FROM audit_entry WHERE number=2", 2, "missing"),
        ("DELETE FROM audit_entry WHERE number=3", 3, "missing at the end"),
    ],
)
def test_verify_finds_what_was_tampered_with(sql, broken_at, problem):
    for number in (1, 2, 3):
        write(number)
    tamper(sql)

    verdict = verify()

    assert not verdict.intact
    assert verdict.broken_at == broken_at
    assert problem in verdict.problem


@pytest.mark.django_db
def test_audit_verify_command_ends_with_1_when_the_log_is_broken():
    write(1)
    assert CliRunner().invoke(audit, ["verify"]).exit_code == 0
    ChainHead.objects.update(digest="f" * 64)

    result = CliRunner().invoke(audit, ["verify", "--json"])

    assert result.exit_code == 1
    assert json.loads(result.output)["intact"] is False
