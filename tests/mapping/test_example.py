"""The example: whole, marked as such in its own language, gone with one command."""

import json

import pytest
from click.testing import CliRunner

from focal.directory.models import Organisation
from focal.kernel.errors import BadInput
from focal.mapping.cli import example
from focal.mapping.example.services import MARK, add_example
from focal.mapping.models import Frame
from focal.mapping.selectors import MODELS, list_mapped
from focal.records.models import Record
from focal.sharing.viewer import ANONYMOUS
from focal.vocabulary.models import Economy
from focal.vocabulary.services import load_vocabulary
from tests.factories import NOON, OrganisationFactory, make_record

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_example_comes_marked_and_leaves_whole(client):
    load_vocabulary(NOON)
    make_record(title="Something real", organisation=OrganisationFactory())
    before = (Record.objects.for_system("test").count(), Organisation.objects.count())

    run = CliRunner().invoke
    added = json.loads(run(example, ["add", "--json"]).output)
    rows = [row for kind in MODELS for row in list_mapped(ANONYMOUS, kind)]
    pages = [client.get(f"/mapping/{row.reference}/").content.decode() for row in rows[::12]]

    assert added["needs"] + added["responses"] + added["initiatives"] >= 60
    assert all(row.title.endswith(f"({MARK[row.language]})") for row in rows)
    assert all("This is an example." in page for page in pages)
    assert {code for row in rows for code in row.economies.values_list("code", flat=True)} == set(
        Economy.objects.values_list("code", flat=True)
    )
    assert len({row.language for row in rows}) >= 12
    with pytest.raises(BadInput, match="there already"):
        add_example(at=NOON)

    assert json.loads(run(example, ["remove", "--json"]).output) == {**added, "kept": []}
    assert (Record.objects.for_system("test").count(), Organisation.objects.count()) == before
    assert not Frame.objects.exists()
