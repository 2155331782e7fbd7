"""Translations beside the original."""

import pytest

from focal.records import services
from focal.records.models import Translation, WorkingCopy
from tests.factories import NOON, OrganisationFactory
from tests.records.editing.tools import errors_of, form_of, path, record_of, reload, viewer_of


@pytest.fixture
def record(ana, organisation):
    return record_of(ana, organisation, title="Original", body="<p>Text</p>")


def text(**changes):
    return {
        "title": "Titull",
        "summary": "",
        "body": "",
        "origin": "human",
        "base_version": 0,
        **changes,
    }


def test_translation_is_saved_with_where_it_comes_from(ana, record):
    response = ana.post(
        path(record, "translate/sq"),
        text(body="Një.\r\n\r\nDy.", origin="machine", needs_check="on"),
    )

    row = Translation.objects.get()
    assert response.url == path(record, "translations")
    assert (row.language, row.title, row.body) == ("sq", "Titull", "<p>Një.</p><p>Dy.</p>")
    assert (row.origin, row.needs_check, row.of_version, row.updated_by) == (
        "machine",
        True,
        1,
        ana.person,
    )


def test_original_stands_beside_each_field(ana, record):
    pairs = ana.get(path(record, "translate/sq")).context["pairs"]

    assert [(pair["field"].name, pair["original"]) for pair in pairs] == [
        ("title", "Original"),
        ("summary", ""),
        ("body", "<p>Text</p>"),
    ]


def test_missing_title_is_an_error_beside_it_and_the_text_is_kept(ana, record):
    response = ana.post(path(record, "translate/sq"), text(title="", summary="Kept"))

    assert response.status_code == 422
    assert list(errors_of(response)) == ["title"]
    assert "Kept" in response.content.decode()


def test_a_changed_original_is_told_with_what_changed(ana, record):
    ana.post(path(record, "translate/sq"), text())
    assert ana.get(path(record, "translate/sq")).context["original_changes"] == []

    ana.post(path(record, "edit"), form_of(record, title="Newer original"))

    page = ana.get(path(record, "translate/sq"))
    (change,) = page.context["original_changes"]
    assert change.name == "title"
    assert "The original has been changed since" in page.content.decode()
    listed = ana.get(path(record, "translations")).context["translations"]
    assert [item["is_behind"] for item in listed] == [True]

    ana.post(path(record, "translate/sq"), text(base_version=1, title="Titull i ri"))
    assert ana.get(path(record, "translate/sq")).context["original_changes"] == []


def test_the_second_of_two_translators_is_shown_both_and_asked(ana, bojan, record):
    ana.post(path(record, "translate/sq"), text(title="Ana's", summary="Same"))

    conflict = bojan.post(path(record, "translate/sq"), text(title="Bojan's", summary="Same"))

    assert conflict.status_code == 409
    assert [difference.name for difference in conflict.context["differences"]] == ["title"]
    assert Translation.objects.get().title == "Ana's"
    assert WorkingCopy.objects.get().fields["title"] == ["Bojan's"]


@pytest.mark.parametrize(("choice", "title"), [("mine", "Bojan's"), ("theirs", "Ana's")])
def test_choices_between_two_translations(ana, bojan, record, choice, title):
    ana.post(path(record, "translate/sq"), text(title="Ana's", body="<p>A</p>"))
    page = bojan.post(path(record, "translate/sq"), text(title="Bojan's", body="<p>B</p>")).context

    bojan.post(
        path(record, "translate/sq"),
        {
            **page["raw"],
            "resolve": "1",
            "base_version": page["base_version"],
            "choice-title": choice,
            "choice-body": "mine",
        },
    )

    row = Translation.objects.get()
    assert (row.title, row.body, row.version) == (title, "<p>B</p>", 2)
    assert not WorkingCopy.objects.exists()


def test_autosave_of_a_translation_is_offered_and_apart_from_the_record_s_own(ana, record):
    ana.post(path(record, "translate/sq/autosave"), text(title="Half"))

    assert WorkingCopy.objects.get().language == "sq"
    assert "records/editing/form.html" in [
        template.name for template in ana.get(path(record, "edit")).templates
    ]
    offer = ana.get(path(record, "translate/sq"))
    assert "records/editing/copy.html" in [template.name for template in offer.templates]
    form = ana.get(path(record, "translate/sq"), {"continue": 1}).context["form"]
    assert form["title"].value() == "Half"
    ana.post(path(record, "discard"), {"language": "sq"})
    assert not WorkingCopy.objects.exists()


def test_autosave_warns_when_somebody_saved_the_translation(ana, bojan, record):
    ana.post(path(record, "translate/sq"), text())

    answer = bojan.post(path(record, "translate/sq/autosave"), text(title="Mine")).json()

    assert answer["warning"].startswith("Somebody saved this translation")


def test_removing_asks_first(ana, record):
    ana.post(path(record, "translate/sq"), text())

    assert ana.get(path(record, "translate/sq/remove")).status_code == 200
    assert Translation.objects.count() == 1
    ana.post(path(record, "translate/sq/remove"))
    assert Translation.objects.count() == 0
    assert ana.get(path(record, "translate/sq/remove")).status_code == 404


@pytest.mark.parametrize("language", ["en", "xx", "tlh"])
def test_the_original_s_own_and_unknown_languages_are_not_found(ana, record, language):
    assert ana.get(path(record, "translate", language)).status_code == 404
    assert ana.post(path(record, "translate", language), text()).status_code == 404


def test_translating_is_for_those_who_may_edit(sign_in, record):
    stranger = sign_in("Stranger", place=OrganisationFactory())

    assert stranger.get(path(record, "translations")).status_code == 403
    assert stranger.post(path(record, "translate/sq"), text()).status_code == 403
    assert not Translation.objects.exists()


def test_the_original_cannot_take_the_language_of_one_of_its_translations(ana, record):
    services.save_translation(
        record=record, language="sq", title="T", summary="", body="", by=viewer_of(ana), at=NOON
    )

    response = ana.post(path(record, "edit"), form_of(record, language="sq"))

    assert list(errors_of(response)) == ["language"]
    assert reload(record).language == "en"
