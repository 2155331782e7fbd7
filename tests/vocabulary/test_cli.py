"""`focal vocabulary`: what a script may rely on."""

import json

import pytest
from click.testing import CliRunner

from focal.kernel.errors import BadInput
from focal.vocabulary.cli import vocabulary as command
from focal.vocabulary.models import Concept


def run(*arguments):
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


@pytest.mark.django_db
def test_load_tells_what_it_did_and_then_that_all_is_there():
    first = json.loads(run("load", "--json"))
    second = run("load")

    assert first["new"]["economy"] == 13
    assert second == "Everything is there already: nothing to change.\n"


def test_list_shows_the_tree_in_a_language(vocabulary):
    lines = run("list", "prevention-levels", "--language", "sl").splitlines()

    assert lines == [
        "primarna preventiva (vsi)  [primary-prevention]",
        "sekundarna preventiva (ogrožene osebe)  [secondary-prevention]",
        "terciarna preventiva (odvrnitev od nasilja)  [tertiary-prevention]",
    ]


def test_list_as_json_gives_key_depth_and_label(vocabulary):
    rows = json.loads(run("list", "topics", "--json"))

    assert rows[1] == {"key": "violent-extremism", "depth": 1, "label": "violent extremism"}


def test_a_list_goes_out_to_a_file_and_comes_back(stored, tmp_path):
    path = tmp_path / "topics.ttl"
    run("export-skos", "topics", "--output", str(path))

    summary = json.loads(run("import-skos", str(path), "topics", "--json"))

    assert summary == {"new": [], "changed": [], "retired": [], "unchanged": 103, "dry_run": False}


def test_import_in_a_trial_writes_nothing(stored, tmp_path):
    path = tmp_path / "one.ttl"
    path.write_text(
        "<urn:x:one> a <http://www.w3.org/2004/02/skos/core#Concept> ;"
        ' <http://www.w3.org/2004/02/skos/core#prefLabel> "one"@en .'
    )

    output = run("import-skos", str(path), "prevention-levels", "--dry-run")

    assert "This was a trial: nothing was written." in output
    assert not Concept.objects.filter(key="one").exists()


@pytest.mark.django_db
def test_a_file_that_cannot_be_used_is_refused_with_its_sentence(tmp_path):
    path = tmp_path / "empty.ttl"
    path.write_text("")

    with pytest.raises(BadInput, match="There is no concept in this file"):
        run("import-skos", str(path), "topics")
