"""Plans as versioned trees: from a spreadsheet, side by side, told once for all editions."""

import pytest

from focal.kernel.errors import BadInput
from focal.mapping import carrying, services
from focal.mapping.frames import NodeRow, add_frame
from focal.mapping.importing.entries import FileNotes
from focal.mapping.importing.frames import read_frame
from focal.mapping.models import Frame, FrameNode
from tests.factories import NOON, MembershipFactory, OrganisationFactory, make_viewer

pytestmark = pytest.mark.django_db
SHEET = """Number;Title;title sq;Level
1;Prevent;Parandalim;pillar
1.1;Strengthen schools;Forcimi i shkollave;objective
1.1.1;Train teachers;Trajnimi i mësuesve;measure
1.1.2;Media literacy;;measure
2;Respond;Përgjigje;
"""


def read(tmp_path, text):
    path = tmp_path / "plan.csv"
    path.write_text(text, encoding="utf-8")
    return read_frame(path, FileNotes(), language="en")


def add(rows, edition="2024", key="plan"):
    return add_frame(
        key=key, edition=edition, title="Plan", rows=rows, actor_key="person:1", at=NOON
    )


def test_a_plan_comes_in_from_a_spreadsheet_as_a_tree(tmp_path):
    frame = add(read(tmp_path, SHEET))

    nodes = list(frame.list_nodes())
    assert [(n.code, n.level, n.path) for n in nodes] == [
        ("1", "pillar", "0001"),
        ("1.1", "objective", "00010001"),
        ("1.1.1", "measure", "000100010001"),
        ("1.1.2", "measure", "000100010002"),
        ("2", "pillar", "0002"),
    ]
    assert nodes[2].get_title("sq") == "Trajnimi i mësuesve"
    assert nodes[3].get_title("sq") == "Media literacy"


def test_without_levels_the_number_tells(tmp_path):
    rows = read(tmp_path, "No;Text\n1;Prevent\n1.1;Schools\n1.1.1;Train\n")

    assert [row.level for row in rows] == ["pillar", "objective", "measure"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Number;Title\n1.1;Alone\n", "1.1 has nothing above it"),
        ("Number;Title\n1;One\n1;Again\n", "The number 1 stands there twice"),
        ("Number;Title\n;One\n", "Row 2 has no number or no title"),
        ("Number;Title;Level\n1;One;wish\n", "'wish' is none of pillar"),
        ("What;Ever\n1;One\n", "a column with the number"),
    ],
)
def test_a_plan_that_does_not_fit_together_says_where(tmp_path, text, sentence):
    with pytest.raises(BadInput, match=sentence):
        add(read(tmp_path, text))
    assert not Frame.objects.exists()


def test_a_new_edition_succeeds_and_what_was_told_is_offered_once(client):
    rows = [
        NodeRow("1", "pillar", {"en": "Prevent"}),
        NodeRow("1.1", "objective", {"en": "Schools"}),
        NodeRow("1.1.1", "measure", {"en": "Train"}),
    ]
    old = add(rows)
    office = OrganisationFactory(name="Office")
    person = MembershipFactory(organisation=office).person
    editor = make_viewer(person)
    measure = FrameNode.objects.get(frame=old, code="1.1.1")
    record = services.create_mapped(
        kind="initiative",
        content={"title": "Ours", "measures": [measure.reference]},
        owner_organisation=office,
        by=editor,
        at=NOON,
        publish=True,
    )
    new = add(rows, edition="2026")
    other = add(rows, key="another")

    assert carrying.find_offers(make_viewer(organisation=OrganisationFactory()), new) == []
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/mapping/plans/{new.reference}/")
    assert [offer.record.pk for offer in page.context["offers"]] == [record.pk]
    client.post(f"/mapping/plans/{new.reference}/carry/", {"record": [record.reference]})

    filed = set(record.measures.values_list("frame__edition", "code"))
    assert filed == {("2024", "1.1.1"), ("2026", "1.1.1")}
    assert carrying.find_offers(editor, new) == []
    assert set(Frame.objects.filter(is_current=True)) == {new, other}


def test_only_the_secretariat_brings_plans(client):
    person = MembershipFactory(organisation=OrganisationFactory()).person
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")

    assert client.get("/mapping/plans/new/").status_code == 403
