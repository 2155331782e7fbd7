"""`focal import-documents`: what it prints, what it returns, when it returns."""

import json

import pytest
from click.testing import CliRunner

from focal.kernel.errors import BadInput
from focal.outbox.services import count_waiting
from focal.records import cli_import
from focal.records.cli_import import import_documents_command
from focal.records.models import Record
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory
from tests.records.documents import files

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()


@pytest.fixture
def secretariat():
    return OrganisationFactory(name="Secretariat", acronym="SEC", is_secretariat=True)


@pytest.fixture
def folder(tmp_path):
    files.write(tmp_path / "folder" / "0001.txt", files.ENGLISH)
    return tmp_path / "folder"


def run(*arguments):
    result = CliRunner().invoke(import_documents_command, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_json_tells_new_known_and_refused(folder, secretariat):
    first = run(folder, "--publish", "--json")
    (folder / "empty.txt").write_bytes(b"")
    second = run(folder, "--publish", "--json")

    told = json.loads(first.stdout)
    assert [(item["file"], item["title"]) for item in told["new"]] == [("0001.txt", "0001.txt")]
    assert (told["known"], told["refused"], told["not_searchable"]) == ([], [], 0)
    assert first.exit_code == 0
    told = json.loads(second.stdout)
    assert (told["new"], [item["file"] for item in told["known"]]) == ([], ["0001.txt"])
    assert told["refused"] == [{"file": "empty.txt", "reason": "The file is empty."}]
    assert second.exit_code == 2


def test_table_tells_the_same_to_people(folder, secretariat):
    result = run(folder)

    assert "1 new in 1 records, 0 known, 0 refused." in result.stdout


def test_without_publish_they_are_drafts(folder, secretariat):
    run(folder, "--json")

    records = Record.objects.for_system("a test looks")
    assert list(records.values_list("state", "owner_organisation")) == [("draft", secretariat.pk)]


def test_wait_returns_when_nothing_waits_without_a_worker(folder, secretariat, monkeypatch):
    handled = []
    monkeypatch.setattr(cli_import, "deliver", _settle(handled))

    result = run(folder, "--publish", "--wait", "--json")

    assert result.exit_code == 0
    assert handled
    assert sum(counts["waiting"] for counts in count_waiting().values()) == 0


def test_wait_leaves_the_index_to_a_running_worker(folder, secretariat, monkeypatch, settings):
    import fcntl

    from focal.outbox.models import Entry

    monkeypatch.setattr(cli_import, "deliver", _refuse)
    monkeypatch.setattr(cli_import.time, "sleep", lambda _seconds: Entry.objects.all().delete())
    with (settings.DATA / "worker.lock").open("a+") as worker:
        fcntl.flock(worker, fcntl.LOCK_EX)

        result = run(folder, "--publish", "--wait", "--json")

    assert result.exit_code == 0


def test_import_as_a_person_works_for_their_organisation(folder):
    organisation = OrganisationFactory(acronym="OWN")
    person = PersonFactory(email="editor@example.org")
    MembershipFactory(person=person, organisation=organisation)

    result = run(folder, "--as", "EDITOR@example.org", "--marking", "red", "--json")

    assert result.exit_code == 0
    records = Record.objects.for_system("a test looks")
    assert list(records.values_list("owner_organisation", "owner_person", "marking")) == [
        (organisation.pk, person.pk, "RED")
    ]


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--as", "nobody@example.org"], "no active member"),
        (["--organisation", "NONE"], "no organisation"),
    ],
)
def test_unknown_importer_is_refused(folder, secretariat, arguments, fault):
    with pytest.raises(BadInput, match=fault):
        run(folder, *arguments)


def _settle(handled):
    from focal.outbox.models import Entry

    def deliver(name, *, at):
        count, _rows = Entry.objects.filter(consumer=name).delete()
        handled.append(name)
        return count

    return deliver


def _refuse(name, *, at):
    raise AssertionError("another process is the worker")
