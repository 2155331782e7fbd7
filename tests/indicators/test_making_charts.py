"""A chart under way survives a closed tab, for its maker alone."""

import pytest
from django.urls import reverse

from focal.directory.models import Organisation, Person
from focal.indicators.chart_services import create_chart
from focal.indicators.models import Chart
from focal.records.models import WorkingCopy
from focal.records.services import take_step
from tests.factories import NOON, make_viewer
from tests.indicators.making import make_series

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NEW = "/figures/charts/new/"


def sign_in(client, viewer):
    client.force_login(Person.objects.get(pk=viewer.person_id))


def fill(series, **more):
    return {
        "series": series.reference, "form": "bar", "title": "Half a title", "summary": "A line",
        "areas": "AL", "time": "", "split": "", "order": "value", "language": "en",
        "marking": "GREEN", "writer": "one", "follows": "", **more,
    }  # fmt: skip


def test_new_chart_is_kept_while_it_is_made_and_gone_once_it_is_saved(client, editor):
    series = make_series(
        editor, observations=[{"area": "AL", "value": 60, "as_of": "2024", "source_title": "One"}]
    )
    sign_in(client, editor)
    assert client.post(f"{NEW}autosave/", fill(series)).status_code == 200

    page = client.get(NEW)  # a tab opened anew

    form, sharing = page.context["form"], page.context["sharing"]
    assert (form["title"].value(), form["form"].value(), form["series"].value()) == (
        "Half a title", "bar", [series.reference],
    )  # fmt: skip
    assert sharing["marking"].value() == "GREEN"
    assert "This is what you began." in page.content.decode()
    assert page.context["chart"].svg
    assert f'href="{NEW}"' in client.get(reverse("records:desk")).content.decode()

    owner = Organisation.objects.get(pk=min(editor.writes_for)).reference
    saved = client.post(NEW, fill(series, owner=owner, save="1"))
    assert saved["Location"] == Chart._base_manager.get().get_absolute_url()
    assert not WorkingCopy.objects.exists()
    assert "chart_start" in client.get(NEW).templates[0].name


def test_what_cannot_be_saved_yet_is_kept_and_can_be_thrown_away(client, editor):
    series = make_series(editor)
    sign_in(client, editor)

    assert client.post(NEW, fill(series, title="", save="1")).status_code == 422
    assert client.get(NEW).context["form"]["summary"].value() == "A line"
    client.post(f"{NEW}afresh/")

    assert not WorkingCopy.objects.exists()


def test_changes_of_a_chart_are_kept_for_their_maker_alone(client, editor):
    series = make_series(editor)
    chart = create_chart(
        content={"title": "Drawn", "language": "en", "series_list": series.reference},
        owner_organisation=series.owner_organisation,
        by=editor,
        at=NOON,
    )
    take_step(record=chart, step="publish", by=editor, at=NOON)
    address = f"/figures/charts/{chart.reference}/"
    given = fill(series, title="Drawn anew", base_version=1)
    sign_in(client, editor)
    assert client.post(f"{address}autosave/", given).status_code == 200
    assert client.get(f"{address}edit/").context["form"]["title"].value() == "Drawn anew"
    assert f'href="{address}edit/"' in client.get(reverse("records:desk")).content.decode()
    second = client.post(f"{address}autosave/", given | {"writer": "two"})
    assert second.status_code == 409

    sign_in(client, make_viewer(organisation=series.owner_organisation))
    assert client.get(f"{address}edit/").context["form"]["title"].value() == "Drawn"
    sign_in(client, make_viewer())
    assert client.post(f"{address}autosave/", given).status_code == 403

    sign_in(client, editor)
    assert client.post(f"{address}edit/", given | {"save": "1"}).status_code == 302
    assert not WorkingCopy.objects.exists()
