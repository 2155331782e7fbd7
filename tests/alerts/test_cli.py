"""`focal alerts run --json`: everything once, with counts."""

import json

import pytest
from click.testing import CliRunner
from django.utils import timezone

from focal.alerts import nudges
from focal.alerts.cli import alerts
from focal.alerts.models import Item
from focal.alerts.notices import notify
from focal.vocabulary.models import Concept
from tests.factories import NOON, make_record, make_viewer


@pytest.mark.django_db
def test_run_matches_writes_and_sends_and_counts(settings, tmp_path, monkeypatch, follow):
    settings.EMAIL_URL = (tmp_path / "mail").as_uri()
    monkeypatch.setattr(nudges, "_kinds", {})
    Concept.objects.create(key="prison", scheme="topics", position=1)
    reader, other = make_viewer(), make_viewer()
    follow(reader, "topic", "prison")
    make_record(topics=["prison"])
    notify(person_ids=[other.person_id], kind="t", text="Told", url="/", at=timezone.now())

    first = json.loads(CliRunner().invoke(alerts, ["run", "--json"]).output)
    Item.objects.filter(source="match").update(
        created_at=timezone.now() - (NOON - NOON.replace(day=1))
    )
    second = json.loads(CliRunner().invoke(alerts, ["run", "--json"]).output)

    rest = {"nudges": 0, "waiting": 0, "doubtful": 0, "failed": 0}
    assert first == {"matches": 1, "letters": 1, "digests": 0, "sent": 1, **rest}
    assert second["matches"] == 0
    assert len(list((tmp_path / "mail").iterdir())) == 1 + second["digests"]
