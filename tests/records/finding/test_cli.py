"""`focal search` and `focal export`: as a viewer, in words or as JSON."""

import csv
import json

import pytest
from click.testing import CliRunner

from focal.kernel.errors import BadInput
from focal.records import cli, services
from focal.sharing.markings import Marking
from tests.factories import NOON, make_record
from tests.records.finding.documents import add_document

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_model(monkeypatch):
    monkeypatch.setattr(cli, "load_model", lambda: None)


def run(command, *arguments: str):
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_search_prints_one_json_document(in_step, editor, organisation):
    record = make_record(by=editor, organisation=organisation, title="A report")
    document = add_document(record, language="mk", pages=["Вовед.", "Наставниците забележуваат."])
    in_step()

    answer = json.loads(run(cli.search, "наставниците", "--json").output)

    hit = answer["hits"][0]
    score, snippet = hit.pop("score"), hit.pop("snippet")
    assert (answer["total"], score > 0) == (1, True)
    assert "Наставниците" in snippet
    assert hit == {
        "record": record.reference,
        "kind": "publication",
        "title": "A report",
        "language": "mk",
        "attachment": document.reference,
        "attachment_title": "Report in mk",
        "page": 2,
        "why": [{"kind": "words"}],
        "marking": "CLEAR",
        "languages": ["en", "mk"],
    }


def test_search_looks_with_the_eyes_it_is_told(in_step, editor, organisation):
    make_record(by=editor, organisation=organisation, title="Quiet heron", marking=Marking.AMBER)
    in_step()

    def count(*arguments):
        return json.loads(run(cli.search, "heron", "--json", *arguments).output)["total"]

    assert count() == count("--as", "anonymous") == 0
    assert count("--as", "EDITOR@example.org") == 1
    with pytest.raises(BadInput, match=r"Nobody here has the e-mail address 'who@example.org'."):
        run(cli.search, "heron", "--as", "who@example.org")


def test_search_in_a_language_shows_only_what_can_be_read_in_it(
    in_step, lists, editor, organisation
):
    make_record(by=editor, organisation=organisation, title="Heron")
    record = make_record(by=editor, organisation=organisation, title="Heron in two languages")
    services.save_translation(
        record=record, language="sq", title="Çafka", summary="", body="", by=editor, at=NOON
    )
    in_step()

    answer = json.loads(run(cli.search, "heron", "--language", "sq", "--json").output)

    assert [hit["title"] for hit in answer["hits"]] == ["Çafka"]
    with pytest.raises(BadInput, match="There is no language 'xx' here"):
        run(cli.search, "heron", "--language", "xx")


def test_search_without_text_or_result_is_answered(in_step, editor, organisation):
    in_step()

    assert "Nothing found" in run(cli.search, "nothing").output
    assert run(cli.search).exit_code == 0


def test_export_holds_all_that_the_viewer_sees(lists, editor, organisation, tmp_path):
    first = make_record(
        by=editor,
        organisation=organisation,
        title="=1+1",
        economies=["XK"],
        sources=[["A study", "", ""]],
    )
    hidden = make_record(
        kind="practice", by=editor, organisation=organisation, marking=Marking.AMBER
    )
    toolkit = make_record(
        kind="toolkit",
        by=editor,
        organisation=organisation,
        items=[[hidden.reference, "Look"], [first.reference, ""]],
    )
    add_document(first, language="en", pages=["One."])

    rows = [json.loads(line) for line in run(cli.export).output.splitlines()]
    all_rows = json.loads(
        run(cli.export, "--as", "editor@example.org", "--format", "json", "--with-pages").output
    )
    run(cli.export, "--format", "csv", "--out", str(tmp_path / "all.csv"))
    with (tmp_path / "all.csv").open(newline="") as file:
        table = list(csv.DictReader(file))

    assert [row["reference"] for row in rows] == [first.reference, toolkit.reference]
    assert rows[1]["items"] == [{"record": first.reference, "note": ""}]
    assert rows[0]["sources"] == [{"title": "A study", "url": "", "note": ""}]
    assert all_rows["count"] == 3
    assert all_rows["records"][0]["documents"][0]["pages"] == ["One."]
    assert (table[0]["title"], table[0]["economies"]) == ("'=1+1", "Kosovo*")
    assert table[-1]["reference"].startswith("* This designation")


def test_export_can_be_limited(lists, editor, organisation):
    make_record(by=editor, organisation=organisation, title="One", economies=["XK"])
    make_record(kind="news", by=editor, organisation=organisation, title="Two", economies=["AL"])

    def titles(*arguments):
        return [
            json.loads(line)["title"] for line in run(cli.export, *arguments).output.splitlines()
        ]

    assert titles("--kind", "news") == ["Two"]
    assert titles("--economy", "XK") == ["One"]
    assert titles("--since", "2026-04-01") == []
