"""History, differences, and bringing an earlier version back."""

import pytest

from focal.records import services
from focal.records.content import read_content
from focal.records.kinds import get_kind
from focal.records.models import Version
from focal.records.views.editing.comparing import list_differences, read_rich
from tests.factories import NOON, OrganisationFactory, make_record
from tests.records.editing.tools import form_of, path, record_of, reload, viewer_of


@pytest.fixture
def record(ana, organisation):
    record = record_of(ana, organisation, title="First title", economies=["AL"])
    services.edit_record(
        record=record,
        content={"title": "Second title", "economies": ["AL", "MK"]},
        base_version=1,
        by=viewer_of(ana),
        at=NOON,
        note="Renamed",
    )
    return reload(record)


def parts(difference):
    return [(part.kind, part.text) for part in difference.parts]


def test_history_names_versions_steps_and_people(ana, record):
    events = ana.get(path(record, "history")).context["events"]

    assert [(event.number, event.text, event.by, event.fields) for event in events] == [
        (2, "Renamed", "Ana", ("Title", "Economies")),
        (1, "Created", "Ana", ()),
        (0, "Draft → Published", "Ana", ()),
    ]


def test_difference_shows_word_by_word_and_entry_by_entry(ana, record):
    response = ana.get(path(record, "difference"), {"from": 1, "to": 2})

    title, economies = response.context["differences"]
    assert parts(title) == [("removed", "First "), ("added", "Second "), ("same", "title")]
    assert [part.kind for part in economies.parts] == ["same", "added"]
    assert "<del>" in response.content.decode()


@pytest.mark.parametrize("query", [{"from": 1, "to": 9}, {"from": 7}])
def test_difference_of_versions_that_do_not_exist_is_not_found(ana, record, query):
    assert ana.get(path(record, "difference"), query).status_code == 404


@pytest.mark.parametrize("query", [{}, {"from": "x", "to": "²"}, {"from": "9" * 30}])
def test_difference_without_usable_numbers_shows_the_last_change(ana, record, query):
    context = ana.get(path(record, "difference"), query).context

    assert (context["before"].number, context["after"].number) == (1, 2)


def test_restore_asks_and_then_makes_a_new_version(ana, record):
    asked = ana.get(path(record, "restore/1"))
    assert [difference.name for difference in asked.context["differences"]] == [
        "title",
        "economies",
    ]
    assert reload(record).version == 2

    ana.post(path(record, "restore/1"), {"base_version": 2})

    assert (reload(record).title, reload(record).version) == ("First title", 3)
    assert Version.objects.get(number=3).note == "Version 1 restored"


def test_restore_after_somebody_saved_changes_nothing_and_says_so(ana, bojan, record):
    bojan.post(path(record, "edit"), form_of(record, title="Third title"))

    response = ana.post(path(record, "restore/1"), {"base_version": 2})

    assert response.status_code == 409
    assert reload(record).title == "Third title"


def test_restore_of_a_version_that_does_not_exist_is_not_found(ana, record):
    assert ana.get(path(record, "restore/9")).status_code == 404


def test_history_is_for_those_who_may_edit(sign_in, record):
    stranger = sign_in("Stranger", place=OrganisationFactory())

    for page in ("history", "difference", "restore/1"):
        assert stranger.get(path(record, page)).status_code == 403


def test_history_of_what_is_withdrawn_stays_open_to_its_owners(ana, record):
    services.take_step(record=record, step="withdraw", by=viewer_of(ana), at=NOON, reason="Wrong.")

    assert ana.get(path(record, "history")).status_code == 200
    assert ana.get(path(record, "preview")).status_code == 200
    assert ana.get(path(record, "restore/1")).status_code == 403


def test_differences_are_silent_about_records_that_the_viewer_does_not_see(ana, organisation):
    hidden = make_record(title="quietheron", marking="RED")
    seen = make_record(title="Seen")
    record = record_of(ana, organisation, kind="toolkit")
    before = read_content(record)
    after = before | {"items": [[hidden.reference, "secret"], [seen.reference, ""]]}

    found = list_differences(viewer_of(ana), get_kind("toolkit"), "en", before, after)
    alone = list_differences(
        viewer_of(ana),
        get_kind("toolkit"),
        "en",
        before,
        before | {"items": [[hidden.reference, "secret"]], "supersedes": hidden.reference},
    )

    assert [parts(difference) for difference in found] == [[("added", "Seen\n")]]
    assert alone == []


def test_read_rich_shows_where_links_lead_and_lists_begin():
    html = (
        '<p>See <a href="https://example.org">this</a> &amp; that</p><ul><li><p>One</p></li></ul>'
    )

    assert read_rich(html) == "See this [https://example.org] & that\n\N{BULLET} One"


def test_a_change_of_layout_alone_is_called_that(ana, organisation):
    record = record_of(ana, organisation, body="<p>One</p>")
    before = read_content(record)

    (difference,) = list_differences(
        viewer_of(ana), get_kind(record.kind), "en", before, before | {"body": "<h2>One</h2>"}
    )

    assert difference.note.startswith("Only how the text is laid out")
