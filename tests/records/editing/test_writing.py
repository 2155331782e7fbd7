"""Writing new records and changing those that stand: nothing typed is ever lost."""

import pytest
from django.test import Client

from focal.records import services
from focal.records.content import read_content
from focal.records.models import Record, Release, Version, WorkingCopy
from tests.doors import plain_bytes
from tests.factories import NOON, OrganisationFactory, make_record
from tests.records.editing.tools import (
    errors_of,
    form_of,
    new_form,
    newest,
    path,
    record_of,
    reload,
    viewer_of,
)


def test_new_offers_the_kinds_that_are_written_here(ana):
    kinds = [item["kind"].key for item in ana.get("/records/new/").context["kinds"]]

    assert kinds == ["publication", "practice", "news", "toolkit", "indicator"]


@pytest.mark.parametrize("kind", ["publication", "practice", "news", "toolkit"])
def test_form_of_each_kind_makes_a_draft(ana, kind):
    more = {"evidence_grade": "evaluated"} if kind == "practice" else {}

    response = ana.post(f"/records/new/{kind}/", new_form(**more))

    record = newest()
    assert response.url == path(record, "preview")
    assert (record.kind, record.state, record.marking) == (kind, "draft", "GREEN")
    assert record.owner_person == ana.person


def test_new_record_keeps_every_field(ana):
    other = make_record(title="Earlier")
    data = new_form(
        title="  Youth work  ",
        summary="Two sentences.\r\nMore.",
        body="One.\r\n\r\nTwo.",
        issued_date="3. 5. 2026",
        start_date="1.2.2025",
        end_date="2026-02-01",
        economies=["MK", "XK"],
        topics=["prevention"],
        organisations=["ministryaa2222"],
        supersedes=f"https://focal.example/records/{other.reference}/",
        evidence_grade="peer_reviewed",
        evidence="Interviews.",
        **{
            "sources-title": ["A study", ""],
            "sources-url": ["https://example.org/a", ""],
            "sources-note": ["p. 3", ""],
        },
    )

    ana.post("/records/new/practice/", data)

    content = read_content(newest())
    assert {name: content[name] for name in data if name in content and name != "language"} == {
        "title": "Youth work",
        "summary": "Two sentences.\nMore.",
        "body": "<p>One.</p><p>Two.</p>",
        "issued_date": "2026-05-03",
        "start_date": "2025-02-01",
        "end_date": "2026-02-01",
        "economies": ["MK", "XK"],
        "topics": ["prevention"],
        "organisations": ["ministryaa2222"],
        "supersedes": other.reference,
        "evidence_grade": "peer_reviewed",
        "evidence": "Interviews.",
    }
    assert content["sources"] == [["A study", "https://example.org/a", "p. 3"]]


def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(ana):
    data = new_form(
        title="",
        summary="Kept summary",
        issued_date="May 2026",
        marking="",
        **{"sources-title": ["Kept source"], "sources-url": ["nonsense"], "sources-note": [""]},
    )

    response = ana.post("/records/new/news/", data)

    page = response.content.decode()
    assert response.status_code == 422
    assert set(errors_of(response)) == {"title", "issued_date", "sources", "marking"}
    for kept in ("Kept summary", "May 2026", "Kept source", "nonsense"):
        assert kept in page
    for name in ("title", "issued_date", "sources_0", "marking"):
        assert f'id="id_{name}_error"' in page
    for name in ("title", "issued_date", "sources", "marking"):
        assert f'href="#id_{name}' in page
    assert not Record._base_manager.exists()


def test_who_may_see_a_new_record_is_never_chosen_by_default(ana):
    page = ana.get("/records/new/news/").content.decode()

    assert 'name="marking" value="CLEAR"' in page
    assert "checked" not in page.partition('name="marking"')[2].partition("</fieldset>")[0]


def test_a_record_belongs_only_to_an_organisation_that_its_author_writes_for(ana):
    OrganisationFactory(name="Elsewhere", reference="elsewhereaa222")

    page = ana.get("/records/new/news/").content.decode()
    response = ana.post("/records/new/news/", new_form(owner="elsewhereaa222"))

    assert "elsewhereaa222" not in page.partition('id="id_owner"')[2].partition("</select>")[0]
    assert set(errors_of(response)) == {"owner"}


@pytest.mark.parametrize("role", ["member", None])
@pytest.mark.parametrize("address", ["/records/new/", "/records/new/news/"])
def test_who_does_not_write_is_told_why(sign_in, role, address):
    response = sign_in(role=role).get(address)

    assert response.status_code == 403
    assert (
        "Only contributors and editors of an organisation can write." in response.content.decode()
    )


@pytest.mark.parametrize("kind", ["nonsense", "series"])
def test_kinds_that_are_not_written_here_are_not_found(ana, kind):
    assert ana.get(f"/records/new/{kind}/").status_code == 404


def test_no_number_of_the_database_stands_in_the_form(ana):
    """Choosers name people, organisations and formats by their references."""
    form = ana.get("/records/new/news/").context["sharing"]

    values = [str(value) for field in form for value, _ in getattr(field.field, "choices", [])]

    assert [value for value in values if value.isdecimal()] == []


# Changing


def test_edit_saves_a_version_with_its_note(ana, organisation):
    record = record_of(ana, organisation)

    response = ana.post(path(record, "edit"), form_of(record, title="Second", note="Shorter"))

    assert response.url == path(record, "preview")
    assert reload(record).title == "Second"
    assert list(Version.objects.order_by("number").values_list("number", "note")) == [
        (1, "Created"),
        (2, "Shorter"),
    ]


def test_sending_the_form_unchanged_is_not_an_event(ana, organisation):
    record = record_of(
        ana,
        organisation,
        kind="practice",
        body="<h2>A</h2><p>B <a href='https://example.org'>c</a></p>",
        summary="One\ntwo",
        economies=["MK"],
        topics=["prevention"],
        sources=[["A", "https://example.org", ""]],
        start_date="2025-01-01",
    )
    data = form_of(record)
    data["summary"] = data["summary"].replace("\n", "\r\n")

    ana.post(path(record, "edit"), data)

    assert reload(record).version == 1


def test_a_retired_topic_stays_chosen(ana, organisation):
    from django.utils import timezone

    from focal.vocabulary.models import Concept
    from focal.vocabulary.selectors import reset

    record = record_of(ana, organisation, topics=["prevention"])
    Concept.objects.filter(key="prevention").update(retired_at=timezone.now())
    reset()

    ana.post(path(record, "edit"), form_of(record, title="Second"))

    assert read_content(reload(record))["topics"] == ["prevention"]


def test_edit_of_what_is_seen_and_not_owned_is_refused_with_the_reason(sign_in, ana, organisation):
    record = record_of(ana, organisation)
    stranger = sign_in("Stranger", place=OrganisationFactory())

    for client in (stranger, Client()):
        response = client.get(path(record, "edit"))
        assert response.status_code == 403
        assert "Only the organisation that owns it can change it." in response.content.decode()
    assert stranger.post(path(record, "edit"), form_of(record, title="x")).status_code == 403
    assert reload(record).version == 1


PAGES = [
    *("edit", "preview", "autosave", "history", "difference", "sharing", "translations"),
    *("translate/sq", "translate/sq/autosave", "step/publish", "delete", "restore/1"),
]


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_a_hidden_record_are_those_of_none(sign_in, ana, organisation, page):
    record = record_of(ana, organisation, state="draft", title="quietheron")
    stranger = sign_in("Stranger", place=OrganisationFactory())

    hidden = stranger.get(path(record, page))
    absent = stranger.get(f"/records/nowhereatall22/{page}/")

    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert plain_bytes(hidden, record.reference) == plain_bytes(absent, "nowhereatall22")


def test_what_a_signed_out_person_sends_is_handed_back(ana, organisation):
    record = record_of(ana, organisation, state="draft")

    response = Client().post(
        path(record, "edit"), {"title": "Long & late", "economies": ["MK", "XK"]}
    )

    page = response.content.decode()
    assert response.status_code == 403
    assert '<textarea name="title" hidden aria-hidden="true">Long &amp; late</textarea>' in page
    assert page.count('<textarea name="economies"') == 2


def test_a_row_is_added_without_scripts_and_nothing_is_judged_or_saved(ana, organisation):
    record = record_of(ana, organisation)
    data = form_of(
        record,
        title="",
        row="sources.add",
        **{"sources-title": "A", "sources-url": "", "sources-note": ""},
    )

    response = ana.post(path(record, "edit"), data)

    assert response.status_code == 200
    assert errors_of(response) == {}
    assert response.context["form"].initial["sources"] == [["A", "", ""], ["", "", ""]]
    assert reload(record).version == 1


# Records that the editor does not see


def test_links_to_records_the_editor_does_not_see_are_kept_and_not_shown(ana, organisation):
    hidden = make_record(title="quietheron", marking="RED")
    seen = make_record(title="Seen")
    record = record_of(
        ana,
        organisation,
        kind="toolkit",
        supersedes=hidden.reference,
        items=[[hidden.reference, "secret note"], [seen.reference, "first"]],
    )
    data = {"supersedes": "", "items-record": [seen.reference], "items-note": ["changed"]}

    page = ana.get(path(record, "edit")).content.decode()
    ana.post(path(record, "edit"), form_of(record) | data)

    assert [word for word in (hidden.reference, "quietheron", "secret note") if word in page] == []
    content = read_content(reload(record))
    assert content["supersedes"] == hidden.reference
    assert content["items"] == [[hidden.reference, "secret note"], [seen.reference, "changed"]]


def test_a_record_that_cannot_be_seen_cannot_be_chosen(ana, organisation):
    hidden = make_record(title="quietheron", marking="RED")
    record = record_of(ana, organisation)

    told = [
        errors_of(ana.post(path(record, "edit"), form_of(record, supersedes=reference)))
        for reference in (hidden.reference, "nowhereatall22")
    ]

    assert list(told[0]) == list(told[1]) == ["supersedes"]
    assert told[0]["supersedes"][0].replace(hidden.reference, "") == told[1]["supersedes"][
        0
    ].replace("nowhereatall22", "")


def test_a_record_cannot_supersede_itself(ana, organisation):
    record = record_of(ana, organisation)

    response = ana.post(path(record, "edit"), form_of(record, supersedes=record.reference))

    assert errors_of(response) == {"supersedes": ["A record cannot supersede itself."]}


def test_choose_finds_titles_in_any_case_and_translations_and_only_what_is_seen(ana, organisation):
    seen = make_record(title="Обука за наставници", language="mk")
    services.save_translation(
        record=seen,
        language="en",
        title="Training for teachers",
        summary="",
        body="",
        by=viewer_of_owner(seen),
        at=NOON,
    )
    make_record(title="Обука тајна", marking="RED")

    def choose(q):
        return [row["title"] for row in ana.get("/records/choose/", {"q": q}).json()["results"]]

    assert choose("обука") == choose("training TEACHERS") == ["Обука за наставници"]
    assert choose("nothing such") == []


def viewer_of_owner(record):
    from focal.sharing.viewer import Viewer

    return Viewer.from_person(record.owner_person, on=NOON.date())


def test_choose_answers_any_text(ana):
    for text in ("", "\x00", "%_", "'\"", "x" * 10_000, "😀"):
        assert ana.get("/records/choose/", {"q": text}).status_code == 200


# Autosave


def test_autosave_keeps_what_was_typed_right_or_wrong(ana, organisation):
    record = record_of(ana, organisation)

    answer = ana.post(
        path(record, "autosave"), form_of(record, title="", issued_date="May", summary="Half a sen")
    )

    copy = WorkingCopy.objects.get()
    assert list(answer.json()) == ["saved_at"]
    assert (copy.record_id, copy.person, copy.base_version) == (record.pk, ana.person, 1)
    assert copy.fields["summary"] == ["Half a sen"]
    assert reload(record).version == 1


def test_unsaved_text_is_offered_then_continued(ana, organisation):
    record = record_of(ana, organisation, title="Saved title")
    ana.post(path(record, "autosave"), form_of(record, title="Typed title", issued_date="May"))

    offer = ana.get(path(record, "edit"))
    form = ana.get(path(record, "edit"), {"continue": 1})

    assert "records/editing/copy.html" in [t.name for t in offer.templates]
    assert "<del>" in offer.content.decode()
    assert form.context["form"]["title"].value() == "Typed title"
    assert form.context["form"]["issued_date"].value() == "May"


def test_unsaved_text_is_thrown_away_only_by_its_own_author(ana, bojan, organisation):
    record = record_of(ana, organisation)
    ana.post(path(record, "autosave"), form_of(record, title="Ana's"))

    bojan.post(path(record, "discard"))
    assert WorkingCopy.objects.count() == 1
    ana.post(path(record, "discard"))
    assert WorkingCopy.objects.count() == 0


def test_a_copy_that_says_what_is_saved_already_is_not_offered(ana, organisation):
    record = record_of(ana, organisation)
    ana.post(path(record, "autosave"), form_of(record))

    response = ana.get(path(record, "edit"))

    assert "records/editing/form.html" in [t.name for t in response.templates]
    assert not WorkingCopy.objects.exists()


def test_saving_takes_the_working_copy_away(ana, organisation):
    record = record_of(ana, organisation)
    ana.post(path(record, "autosave"), form_of(record, title="Second"))

    ana.post(path(record, "edit"), form_of(record, title="Second"))

    assert not WorkingCopy.objects.exists()


def test_unsaved_new_record_comes_back_with_who_may_see_it(ana):
    ana.post("/records/new/news/autosave/", new_form(title="Begun", marking="RED"))

    offer = ana.get("/records/new/news/")
    page = ana.get("/records/new/news/?continue=1")

    assert "records/editing/copy.html" in [t.name for t in offer.templates]
    assert page.context["form"]["title"].value() == "Begun"
    assert page.context["sharing"]["marking"].value() == "RED"
    ana.post("/records/new/news/discard/")
    assert not WorkingCopy.objects.exists()


def test_creating_takes_the_unsaved_new_record_away(ana):
    ana.post("/records/new/news/autosave/", new_form())

    ana.post("/records/new/news/", new_form())

    assert not WorkingCopy.objects.exists()


def test_autosave_is_refused_to_those_who_may_not_edit(sign_in, ana, organisation):
    record = record_of(ana, organisation)
    stranger = sign_in("Stranger", place=OrganisationFactory())

    for client in (stranger, Client()):
        assert client.post(path(record, "autosave"), {"title": "x"}).status_code == 403
    assert Client().post("/records/new/news/autosave/", {"title": "x"}).status_code == 403
    assert not WorkingCopy.objects.exists()


def test_autosave_gives_a_fresh_token_to_a_page_that_stood_open(ana, organisation):
    record = record_of(ana, organisation)

    assert list(ana.get(path(record, "autosave")).json()) == ["token"]


def test_those_who_edit_are_told_that_somebody_else_has_begun(ana, bojan, organisation):
    record = record_of(ana, organisation)
    bojan.post(path(record, "autosave"), form_of(record, title="Bojan's"))

    assert [other.name for other in ana.get(path(record, "edit")).context["others"]] == ["Bojan"]
    assert ana.get(path(record, "edit")).content.decode().count("Bojan is changing") == 1


# Preview


def test_preview_of_the_form_shows_it_as_readers_will_see_it_and_saves_nothing(ana, organisation):
    record = record_of(ana, organisation, kind="practice")
    data = form_of(
        record, title="Unsaved", body="A.\n\nB.<script>", issued_date="May", evidence="Proof."
    )

    response = ana.post(path(record, "preview"), data)

    page = response.content.decode()
    assert response.status_code == 200
    assert "<p>A.</p><p>B.&lt;script&gt;</p>" in page
    assert "Proof." in page
    assert "cannot be read as a date" in page
    assert reload(record).version == 1
    assert not WorkingCopy.objects.exists()


def test_preview_of_a_new_record(ana):
    response = ana.post("/records/new/news/preview/", new_form(title="Not yet there"))

    assert "Not yet there" in response.content.decode()
    assert not Record._base_manager.exists()


def test_release_list_of_a_new_record_is_written_as_tokens(ana, organisation):
    ana.post(
        "/records/new/news/",
        new_form(
            marking="AMBER",
            to_economies=["XK"],
            to_organisations=["ministryaa2222"],
            confirmed_new="on",
        ),
    )

    assert set(Release.objects.values_list("token", flat=True)) == {
        "economy:XK",
        f"org:{organisation.pk}",
    }


def test_working_copies_are_shown_to_nobody_else(ana, bojan, organisation):
    record = record_of(ana, organisation)
    ana.post(path(record, "autosave"), form_of(record, title="quietheron"))
    ana.post("/records/new/news/autosave/", new_form(title="quietheron"))

    pages = [
        bojan.get(address).content.decode()
        for address in (
            "/desk/",
            "/records/new/news/",
            path(record, "edit"),
            path(record, "preview"),
        )
    ]

    assert [page for page in pages if "quietheron" in page] == []
    assert "quietheron" in ana.get("/desk/").content.decode()


def test_desk_names_nothing_of_a_record_that_its_author_no_longer_sees(ana, sign_in, organisation):
    record = record_of(ana, organisation, title="quietheron")
    guest = sign_in("Guest")
    guest.post(path(record, "autosave"), form_of(record, title="Mine"))
    services.set_sharing(record=record, marking="RED", releases=[], by=viewer_of(ana), at=NOON)

    assert "quietheron" not in guest.get("/desk/").content.decode()


def test_what_was_sent_with_a_mistake_is_kept_even_when_the_page_is_closed(ana, organisation):
    record = record_of(ana, organisation)

    ana.post(path(record, "edit"), form_of(record, title="", summary="Sent with a mistake"))
    ana.post("/records/new/news/", new_form(marking="", summary="New with a mistake"))

    kept = WorkingCopy.objects.order_by("pk").values_list("base_version", "fields__summary")
    assert list(kept) == [(1, ["Sent with a mistake"]), (0, ["New with a mistake"])]


@pytest.mark.parametrize("language", ["\x00", "../..", "x" * 50, "sq"])
def test_discard_takes_any_language(ana, organisation, language):
    record = record_of(ana, organisation)

    assert ana.post(path(record, "discard"), {"language": language}).status_code == 302


ODD_PLACES = ["title", "summary", "body", "issued_date", "supersedes", "note", "base_version"]


def test_odd_characters_are_taken_or_refused_and_never_break_a_page(ana, organisation):
    record = record_of(ana, organisation, kind="toolkit")
    odd = "\x00 \u202e 😀 <b> & \x07"

    for name in [*ODD_PLACES, "items-record", "items-note", "sources-title", "sources-url"]:
        for page in ("edit", "autosave", "preview"):
            response = ana.post(path(record, page), form_of(record, **{name: odd}))
            assert response.status_code in {200, 302, 409, 422}
