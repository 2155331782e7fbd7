"""What somebody is told about sharing stands in their inbox, once, in their language."""

import pytest

from focal.alerts.models import Item
from focal.outbox.services import deliver_all
from focal.records.opening import note_opening
from focal.records.services import recall_releases
from tests.factories import NOON, OrganisationFactory, make_record, make_viewer

pytestmark = pytest.mark.django_db


def test_a_recall_reaches_the_inbox_of_those_who_had_opened_it_once():
    owner, agency = OrganisationFactory(name="Owner"), OrganisationFactory()
    editor, reader = make_viewer(organisation=owner), make_viewer(organisation=agency)
    token = f"org:{agency.pk}"
    record = make_record(
        marking="AMBER", releases=(token,), by=editor, organisation=owner, title="Plan"
    )
    note_opening(viewer=reader, record=record, what="page", at=NOON)
    recall_releases(record=record, tokens=(token,), by=editor, at=NOON)

    deliver_all("sharing-notices")
    deliver_all("sharing-notices")

    item = Item.objects.get(kind="sharing.recalled")
    assert (item.person_id, item.record) == (reader.person_id, "")
    assert item.text.startswith("Owner has recalled 'Plan'")
