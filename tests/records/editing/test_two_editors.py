"""Two people change the same record at once: the second is told, shown, and asked."""

import pytest

from focal.records.content import read_content
from focal.records.models import Version, WorkingCopy
from tests.records.editing.tools import form_of, path, record_of, reload


@pytest.fixture
def record(ana, organisation):
    return record_of(
        ana,
        organisation,
        title="Base title",
        summary="Base summary",
        economies=["AL"],
        sources=[["A", "", ""]],
    )


def send(client, record, data):
    return client.post(path(record, "edit"), data)


def answers(response, **choices):
    """What the browser sends from the page with both changes."""
    page = response.context
    return {
        **page["raw"],
        "resolve": "1",
        "started_from": page["started_from"],
        "base_version": page["base_version"],
        **{f"choice-{name}": choice for name, choice in choices.items()},
    }


def test_changes_of_different_parts_stand_together(ana, bojan, record):
    begun = form_of(record, summary="Bojan's summary", economies=["AL", "XK"])
    send(ana, record, form_of(record, title="Ana's title", economies=["AL", "MK"]))

    conflict = send(bojan, record, begun)

    assert conflict.status_code == 409
    assert conflict.context["disputed"] == []
    saved = send(bojan, record, answers(conflict))
    assert saved.status_code == 302
    content = read_content(reload(record))
    assert (content["title"], content["summary"]) == ("Ana's title", "Bojan's summary")
    assert content["economies"] == ["AL", "MK", "XK"]


@pytest.mark.parametrize(
    ("choice", "title"), [("mine", "Bojan's title"), ("theirs", "Ana's title")]
)
def test_what_both_changed_is_shown_and_chosen(ana, bojan, record, choice, title):
    begun = form_of(record, title="Bojan's title")
    send(ana, record, form_of(record, title="Ana's title"))

    conflict = send(bojan, record, begun)

    (dispute,) = conflict.context["disputed"]
    page = conflict.content.decode()
    assert (dispute["name"], dispute["base"]) == ("title", "Base title")
    assert "<del>" in page
    assert "<ins>" in page
    assert "Ana saved it on" in page
    send(bojan, record, answers(conflict, title=choice))
    assert reload(record).title == title


def test_both_texts_can_be_kept_one_after_the_other(ana, bojan, record):
    begun = form_of(record, body="<p>Bojan</p>")
    send(ana, record, form_of(record, body="<p>Ana</p>"))

    send(bojan, record, answers(send(bojan, record, begun), body="both"))

    assert reload(record).body == "<p>Ana</p><p>Bojan</p>"


def test_nothing_is_saved_before_every_part_is_decided(ana, bojan, record):
    begun = form_of(record, title="Bojan's title", summary="Bojan's summary")
    send(ana, record, form_of(record, title="Ana's title", summary="Ana's summary"))
    conflict = send(bojan, record, begun)

    again = send(bojan, record, answers(conflict, title="mine"))

    assert again.status_code == 422
    assert [(d["name"], d["chosen"], d["is_missing"]) for d in again.context["disputed"]] == [
        ("title", "mine", False),
        ("summary", "", True),
    ]
    assert reload(record).version == 2
    send(bojan, record, answers(again, title="mine", summary="theirs"))
    assert (reload(record).title, reload(record).summary) == ("Bojan's title", "Ana's summary")


def test_the_choices_can_be_taken_into_the_form(ana, bojan, record):
    begun = form_of(record, title="Bojan's title")
    send(ana, record, form_of(record, title="Ana's title"))
    conflict = send(bojan, record, begun)

    form = send(bojan, record, answers(conflict, title="mine") | {"to_form": "1"}).context["form"]

    assert form["title"].value() == "Bojan's title"
    assert str(form["base_version"].value()) == "2"
    assert reload(record).title == "Ana's title"


def test_a_third_save_in_between_asks_again(ana, bojan, record):
    begun = form_of(record, title="Bojan's title")
    send(ana, record, form_of(record, title="Ana's title"))
    conflict = send(bojan, record, begun)
    send(ana, record, form_of(record, title="Ana's second title"))

    again = send(bojan, record, answers(conflict, title="mine"))

    assert again.status_code == 409
    (dispute,) = again.context["disputed"]
    assert dispute["base"] == "Ana's title"
    send(bojan, record, answers(again, title="mine"))
    assert list(Version.objects.order_by("number").values_list("content__title", flat=True)) == [
        "Base title",
        "Ana's title",
        "Ana's second title",
        "Bojan's title",
    ]


def test_the_second_text_is_kept_even_when_its_page_is_closed(ana, bojan, record):
    begun = form_of(record, title="Bojan's title")
    send(ana, record, form_of(record, title="Ana's title"))

    send(bojan, record, begun)

    copy = WorkingCopy.objects.get()
    assert (copy.person, copy.base_version, copy.fields["title"]) == (
        bojan.person,
        1,
        ["Bojan's title"],
    )
    offer = bojan.get(path(record, "edit"))
    assert offer.context["saved_since"].number == 2
    assert "Bojan&#x27;s title" in bojan.get(path(record, "edit") + "?continue=1").content.decode()


def test_autosave_tells_early_and_goes_on_keeping(ana, bojan, record):
    begun = form_of(record, title="Bojan's title")
    send(ana, record, form_of(record, title="Ana's title"))

    answer = bojan.post(path(record, "autosave"), begun).json()

    assert answer["warning"].startswith("Ana saved this record at ")
    assert WorkingCopy.objects.get().fields["title"] == ["Bojan's title"]


def test_an_error_in_the_form_comes_before_the_dispute_and_loses_nothing(ana, bojan, record):
    begun = form_of(record, title="", summary="Bojan's summary")
    send(ana, record, form_of(record, title="Ana's title"))

    response = send(bojan, record, begun)

    assert response.status_code == 422
    assert "Bojan&#x27;s summary" in response.content.decode()
    assert response.context["saved_since"].number == 2
