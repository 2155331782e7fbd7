"""Briefings: figures stay bound, each reader reads what is theirs, editions never change."""

import io
import re

import pikepdf
import pytest
from django.urls import reverse

from focal.alerts.nudges import get_nudge_kinds
from focal.audit.models import Entry
from focal.briefings import paper, selectors, services
from focal.briefings.blocks import clean_blocks
from focal.briefings.choosing import list_choices
from focal.briefings.files import make_file
from focal.briefings.forms import BlockForm
from focal.briefings.models import Binding, Briefing, Edition
from focal.briefings.rendering import plain_text, reaches, render
from focal.briefings.shown import say_origin
from focal.briefings.views import writing
from focal.directory.models import Person
from focal.indicators import services as indicators
from focal.indicators.models import Observation
from focal.kernel.errors import BadInput, Refused
from focal.records.attachments import clean_storage
from focal.records.content import read_content
from focal.records.models import Attachment
from focal.records.second_eyes import may_change_at_once
from focal.records.services import EditConflict, edit_record, save_translation, set_sharing
from focal.search.queries import Query
from focal.search.services import search
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from tests.briefings.conftest import FIGURES, text
from tests.briefings.making import make_every_block
from tests.factories import NOON, OrganisationFactory, make_viewer
from tests.indicators.making import make_series

pytestmark = pytest.mark.django_db


def read(briefing, viewer=ANONYMOUS, language="en", **more):
    """The words a viewer reads."""
    parts = render(briefing, viewer, language, at=NOON, **more)
    return [plain_text(str(part.values.get("text") or part.values.get("label"))) for part in parts]


def correct(editor, figures, value):
    """The first figure corrected, as an editor would."""
    series = figures[0].series
    rows = [{**FIGURES[0], "reference": figures[0].reference, "value": value}, FIGURES[1]]
    indicators.set_observations(series=series, observations=rows, by=editor, at=NOON)


def test_a_sentence_quotes_its_figure_with_qualifier_and_unit(make, figures):
    briefing = make(text(f"<p>It was [[figure:{figures[0].reference}]] in all.</p>"))

    assert read(briefing) == ["It was more than 875 people in all."]
    assert list(Binding.objects.values_list("observation", flat=True)) == [figures[0].reference]


def test_a_sentence_can_name_what_is_counted_itself(make, figures):
    briefing = make(text(f"<p>Nga [[figure:{figures[0].reference}:number]] njerëz.</p>"))

    assert read(briefing) == ["Nga more than 875 njerëz."]
    assert Binding.objects.get().observation == figures[0].reference


def test_how_far_an_estimate_may_be_off_comes_along(make, editor, client):
    estimate = FIGURES[1] | {"margin_low": "900", "margin_high": "1100", "margin_level": "95"}
    series = make_series(editor, key="estimate", observations=[estimate])
    reference = Observation.objects.get(series_id=series.pk).reference
    briefing = make(
        text(f"<p>It was [[figure:{reference}]].</p>"),
        {"kind": "figure", "observation": reference},
    )

    page = client.get(briefing.get_absolute_url()).content.decode()
    parts = render(briefing, ANONYMOUS, "en", at=NOON)
    old = {name: value for name, value in parts[0].figures[0].items() if name != "margin"}

    assert page.count("900–1,100") == 2
    assert ["900–1,100" in say_origin(part.figures[0]) for part in parts] == [True, True]
    assert "900" not in say_origin(old)  # as editions of before have it


def test_figures_are_said_in_the_language_of_the_sentence(make, figures):
    mark = f"[[figure:{figures[1].reference}]]"
    briefing = make(text(f"<p>{mark}</p>", sq=f"<p>Gjithsej {mark}.</p>"))

    assert read(briefing, language="sq")[0].startswith("Gjithsej ")
    assert read(briefing, language="el") == read(briefing, language="en")


def test_a_part_bound_to_something_hidden_is_not_there(make, editor):
    series = make_series(editor, key="hidden", observations=FIGURES)
    hidden = Observation.objects.filter(series_id=series.pk).first()
    briefing = make(
        text("<p>Open.</p>"),
        text(f"<p>Closed: [[figure:{hidden.reference}]]</p>"),
        {"kind": "figure", "observation": hidden.reference},
        {"kind": "chart", "record": series.reference},
    )

    set_sharing(record=series, marking=Marking.GREEN, releases=[], by=editor, at=NOON)

    assert read(briefing) == ["Open."]
    assert len(read(briefing, editor)) == 4


def test_one_text_gives_an_edition_for_each_marking(make, editor):
    briefing = make(
        text("<p>For all.</p>"),
        text("<p>For members.</p>", "GREEN"),
        text("<p>For the house.</p>", "AMBER"),
    )

    holds = {
        marking: [plain_text(part.values["text"]) for part in
                  services.render_edition(briefing, marking, "en", at=NOON)]
        for marking in ("CLEAR", "GREEN", "AMBER")
    }  # fmt: skip

    assert holds == {
        "CLEAR": ["For all."],
        "GREEN": ["For all.", "For members."],
        "AMBER": ["For all.", "For members.", "For the house."],
    }
    assert read(briefing) == ["For all."]


def test_marked_paragraphs_give_their_editions_in_a_narrower_briefing(make, editor):
    series = make_series(editor, key="members", observations=FIGURES, marking=Marking.GREEN)
    quoted = f"[[figure:{Observation.objects.filter(series_id=series.pk).first().reference}]]"
    briefing = make(
        text(
            "<p data-marking='CLEAR'>For all.</p><p data-marking='GREEN'>For members.</p>"
            f"<p>For the house, though {quoted} is for members.</p>"
        ),
        text(f"<p>Again {quoted}.</p>"),
        marking=Marking.AMBER,
    )

    holds = {
        marking: [plain_text(part.values["text"]) for part in
                  services.render_edition(briefing, marking, "en", at=NOON)]
        for marking in ("CLEAR", "GREEN")
    }  # fmt: skip
    parts = render(briefing, editor, "en", at=NOON)

    assert holds == {"CLEAR": ["For all."], "GREEN": ["For all.", "For members."]}
    assert [reaches(part, briefing, "GREEN") for part in parts] == [True, True, False, False]


def test_a_marked_paragraph_reaches_nobody_else(make, editor, in_step):
    briefing = make(
        text(
            "<p>For all.</p><p data-marking='GREEN'>quietheron</p>"
            "<ul data-marking='AMBER'><li>quietheron</li></ul><p>For all again.</p>"
        )
    )
    in_step()

    assert read(briefing) == ["For all.", "For all again."]
    assert read(briefing, editor) == ["For all.", "quietheron", "quietheron", "For all again."]
    assert read(briefing, editor, ceiling="GREEN") == ["For all.", "quietheron", "For all again."]
    parts = render(briefing, editor, "en", at=NOON)
    assert [part.marking for part in parts] == ["", "GREEN", "AMBER", ""]
    assert not search(Query(text="quietheron", meaning=False), ANONYMOUS.tokens).hits


@pytest.mark.parametrize("given", ["quietheron", "<p data-marking='CLEAR'>quietheron</p>"])
def test_words_of_a_marked_block_keep_its_marking_however_they_are_written(make, given):
    briefing = make(text("<p>For all.</p>"), text(given, "GREEN"))

    assert "quietheron" not in briefing.body
    assert read(briefing) == ["For all."]


def test_a_heading_goes_where_nothing_under_it_is_for_the_reader(make, editor):
    heading = {"kind": "heading", "texts": {"en": {"text": "Inside"}}}
    empty = {"kind": "heading", "texts": {"en": {"text": "Still empty"}}}
    briefing = make(heading, text("<p>Members.</p>", "GREEN"), empty, text("<p>All.</p>"))

    assert read(briefing) == ["Still empty", "All."]
    assert read(briefing, editor) == ["Inside", "Members.", "Still empty", "All."]
    assert read(briefing, editor, ceiling="CLEAR") == ["Still empty", "All."]


def test_an_edition_is_never_widened(make, editor):
    briefing = make(text("<p>All.</p>"), text("<p>Members.</p>", "GREEN"))
    edition = services.freeze(briefing=briefing, marking="GREEN", by=editor, at=NOON)

    with pytest.raises(Refused, match="issue another one"):
        set_sharing(record=edition, marking="CLEAR", releases=[], by=editor, at=NOON)

    set_sharing(record=edition, marking="AMBER", releases=[], by=editor, at=NOON)


def test_what_changed_is_told_of_what_the_edition_s_readers_may_see(client, make, editor):
    briefing = make(text("<p>All.</p>"), text("<p>quietheron</p>", "GREEN"))
    services.freeze(briefing=briefing, marking="CLEAR", by=editor, at=NOON)
    _sign_in(client, editor)

    page = client.get(briefing.get_absolute_url())

    assert not page.context["since"]["difference"]


def test_a_quotation_says_where_it_comes_from(client, make):
    quote = {"kind": "quote", "texts": {"en": {"text": "Well."}}, "source": "A paper"}
    briefing = make({**quote, "url": "https://example.org/paper"})

    page = client.get(briefing.get_absolute_url()).content.decode()

    assert '<a href="https://example.org/paper" rel="noopener">A paper</a>' in page
    with pytest.raises(BadInput, match="not an address of the web"):
        clean_blocks([{**quote, "url": "javascript:alert(1)"}], "en")


@pytest.mark.parametrize("form", ["html", "pdf", "docx"])
def test_no_edition_contains_anything_marked_above_it(client, make, editor, form):
    briefing = make(
        text("<p>For all.</p>"),
        text("<p>quietheron</p>", "GREEN"),
        {"kind": "heading", "marking": "AMBER", "texts": {"en": {"text": "quietheron"}}},
        {"kind": "list", "query": "kind=news", "texts": {}},
    )
    edition = services.freeze(briefing=briefing, marking="CLEAR", by=editor, at=NOON)

    address = edition.get_absolute_url() + ("" if form == "html" else f"en/{form}")
    said = client.get(address)

    assert said.status_code == 200
    assert "quietheron" not in str(edition.frozen)
    assert "quietheron" not in _words_of(said.content, form)
    assert "For all." in _words_of(said.content, form)


def _words_of(content, form):
    if form == "html":
        return content.decode()
    if form == "docx":
        from docx import Document

        return "\n".join(p.text for p in Document(io.BytesIO(content)).paragraphs)
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_a_corrected_figure_is_followed_everywhere_and_editions_keep_the_old(
    client, make, editor, figures
):
    briefing = make({"kind": "figure", "observation": figures[0].reference})
    edition = services.freeze(briefing=briefing, marking="CLEAR", by=editor, at=NOON)

    correct(editor, figures, 900)
    living = client.get(briefing.get_absolute_url()).content.decode()

    assert "superseded since" in living
    old, new = Binding.objects.get().observation, Observation.objects.get(value=900).reference
    assert selectors.list_superseded(editor, briefing) == [(briefing.blocks[0]["id"], old, new)]
    gather = next(k.gather for k in get_nudge_kinds() if k.key == "briefings.superseded")
    nudge = next(iter(gather(NOON)))
    assert nudge.person_ids == {editor.person_id}

    _sign_in(client, editor)
    assert client.post(nudge.action_url).status_code == 302

    briefing = Briefing.objects.visible_to(editor).get()
    now = render(briefing, ANONYMOUS, "en", at=NOON)
    assert now[0].figures[0]["whole"] == "more than 900 people"
    kept, _language = selectors.read_parts(
        selectors.get_edition(ANONYMOUS, edition.reference), "en"
    )
    assert kept[0].figures[0]["whole"] == "more than 875 people"
    changes = selectors.compare(kept, now).figures
    assert [(c.before, c.now) for c in changes] == [
        ("more than 875 people", "more than 900 people")
    ]


def test_taking_the_new_figure_says_what_changed(client, make, editor, figures):
    block = {"kind": "figure", "observation": figures[0].reference, "texts": {}}
    briefing = make(block)
    correct(editor, figures, 900)
    _sign_in(client, editor)
    (block,) = briefing.blocks
    offered = list_choices("figure", editor, "en", block)["observation"]

    follow = reverse("briefings:arrange", args=[briefing.reference, block["id"], "follow"])
    page = client.post(follow, follow=True).content.decode()

    assert offered[0][0] == figures[0].reference  # its label can be translated all the same
    assert "<del>more than 875 people</del> <ins>more than 900 people</ins>" in page
    assert not selectors.list_superseded(editor, Briefing.objects.visible_to(editor).get())


def test_editors_are_nudged_of_what_belongs_to_nobody(make, editor, figures):
    briefing = make({"kind": "figure", "observation": figures[0].reference})
    Briefing._base_manager.filter(pk=briefing.pk).update(owner_person=None)
    correct(editor, figures, 900)

    (nudge,) = next(k.gather for k in get_nudge_kinds() if k.key == "briefings.superseded")(NOON)

    assert nudge.person_ids == {editor.person_id}


def _sign_in(client, viewer):
    from focal.directory.models import Person

    client.force_login(
        Person.objects.get(pk=viewer.person_id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )


def test_a_chart_that_shows_other_figures_is_among_the_changes(make, editor, figures):
    briefing = make({"kind": "chart", "record": figures[0].series.reference})
    before = services.render_edition(briefing, "CLEAR", "en", at=NOON)

    correct(editor, figures, 900)

    now = services.render_edition(briefing, "CLEAR", "en", at=NOON)
    (change,) = selectors.compare(before, now).figures
    assert change.title == "People who left"
    assert "875" in change.before
    assert "900" in change.now


def test_editions_are_numbered_approved_logged_and_whole(make, editor):
    briefing = make(text("<p>One.</p>"))

    first = services.freeze(briefing=briefing, marking="CLEAR", by=editor, at=NOON)
    second = services.freeze(briefing=briefing, marking="GREEN", by=editor, at=NOON)
    third = services.freeze(briefing=briefing, marking="CLEAR", by=editor, at=NOON)

    # No gap tells the readers of one marking that others were given something.
    assert [first.number, second.number, third.number] == [1, 1, 2]
    assert selectors.get_before(editor, third).pk == first.pk
    assert selectors.get_newest(editor, first).pk == third.pk
    assert selectors.get_newest(editor, second) is None
    assert first.approved_by_id == editor.person_id
    assert services.compute_digest(first.frozen) == first.digest
    assert Entry.objects.filter(action="briefing.frozen").count() == 3
    assert selectors.get_edition(ANONYMOUS, second.reference) is None


def test_the_file_of_an_edition_stays_as_it_was_first_made(client, make, editor, monkeypatch):
    briefing = make(text("<p>One.</p>"))
    edition = services.freeze(briefing=briefing, marking="CLEAR", by=editor, at=NOON)
    address = f"{edition.get_absolute_url()}en/pdf"
    first = client.get(address).content

    monkeypatch.setattr(paper, "STANDARDS", [])  # as another version of the platform sets it

    assert client.get(address).content == first
    set_sharing(record=edition, marking="GREEN", releases=[], by=editor, at=NOON)
    _sign_in(client, editor)
    assert "TLP:GREEN" in _words_of(client.get(address).content, "pdf")


def test_pages_for_writing_stay_in_the_language_that_was_chosen(client, make, editor, monkeypatch):
    monkeypatch.setattr(writing, "list_languages", lambda: [("en", "English"), ("sq", "Albanian")])
    briefing = make(text("<p>Here.</p>"))
    address = reverse("briefings:edit", args=[briefing.reference])
    _sign_in(client, editor)

    page = client.get(f"{address}?language=sq").content.decode()
    block = client.get(f"{address}{briefing.blocks[0]['id']}/?language=sq").content.decode()

    assert set(re.findall(r"/edit/[a-z0-9/]+/\?language=(\w+)", page)) == {"sq"}
    assert 'name="language" value="sq"' in block
    assert "Here." in block  # the original stands beside


def test_nothing_of_an_edition_can_be_changed(client, make, editor):
    briefing = make(text("<p>Kept.</p>"))
    edition = services.freeze(briefing=briefing, marking=Marking.CLEAR, by=editor, at=NOON)
    before = read_content(edition)

    with pytest.raises(Refused, match="does not change"):
        edit_record(
            record=edition, content={"title": "Another"}, base_version=edition.version,
            by=editor, at=NOON,
        )  # fmt: skip
    with pytest.raises(Refused, match="does not change"):
        save_translation(
            record=edition, language="sq", base_version=0, by=editor, at=NOON,
            title="Tjetër", summary="", body="",
        )  # fmt: skip
    assert not may_change_at_once(editor, edition)
    edition.refresh_from_db()
    assert read_content(edition) == before
    _sign_in(client, editor)
    client.force_login(Person.objects.get(pk=editor.person_id))
    page = client.get(edition.get_absolute_url()).content.decode()
    assert f"/records/{edition.reference}/edit" not in page
    assert "sharing" in page


def test_the_picture_of_an_edition_stays_when_its_record_loses_it(client, make, editor, figures):
    briefing = make(*make_every_block(figures))
    edition = services.freeze(briefing=briefing, marking="CLEAR", by=editor, at=NOON)

    Attachment.objects.exclude(record_id=edition.pk).delete()
    clean_storage()
    parts, language = selectors.read_parts(edition, "el")
    (picture,) = [part for part in parts if part.kind == "picture"]

    assert b"".join(client.get(picture.values["url"])).startswith(b"\x89PNG")
    assert make_file(edition, parts, language, "html", at=NOON).count(b"data:image/png") == 1
    assert "picture" not in {part.kind for part in render(briefing, editor, "en", at=NOON)}


def test_title_and_summary_are_translated_and_their_words_found(
    client, make, editor, in_step, monkeypatch
):
    monkeypatch.setattr(writing, "list_languages", lambda: [("en", "English"), ("sq", "Albanian")])
    briefing = make(text("<p>One.</p>", sq="<p>Tufëgjarpër.</p>"))
    _sign_in(client, editor)
    address = f"/briefings/{briefing.reference}/edit/?language=sq"
    given = {"title": "Një përmbledhje", "summary": "Çfarë thotë.", "needs_check": "on"}

    begun = client.get(address).context["form"]
    saved = client.post(address, {**given, "version": begun["version"].value()})
    late = client.post(address, {**given, "version": 0})
    services.freeze(briefing=briefing, marking="CLEAR", by=editor, at=NOON)
    services.change_blocks(
        briefing=Briefing.objects.visible_to(editor).get(), base_version=briefing.version,
        blocks=[text("<p>One.</p>", sq="<p>Zogjpyll.</p>")], by=editor, at=NOON,
    )  # fmt: skip
    in_step()
    edition = Edition.objects.visible_to(editor).get()
    pages = [client.get(f"{one.get_absolute_url()}?language=sq").content.decode()
             for one in (briefing, edition)]  # fmt: skip
    found = {word: {hit.key for hit in search(Query(text=word, meaning=False),
                                              ANONYMOUS.tokens).hits}
             for word in ("tufëgjarpër", "zogjpyll")}  # fmt: skip

    assert (saved.status_code, late.status_code) == (302, 422)
    assert all("Çfarë thotë." in page and "Një përmbledhje" in page for page in pages)
    assert found == {"tufëgjarpër": {edition.reference}, "zogjpyll": {briefing.reference}}


def test_a_wider_edition_leaves_the_summary_out(make, editor):
    briefing = make(text("<p>Out.</p>", "CLEAR"), marking=Marking.GREEN)

    wider, same = (
        services.freeze(briefing=briefing, marking=marking, by=editor, at=NOON)
        for marking in ("CLEAR", "GREEN")
    )

    assert (wider.summary, same.summary) == ("", "What it says.")


@pytest.mark.parametrize("form", ["html", "pdf", "docx"])
def test_readers_are_told_of_a_translation_that_needs_a_check(client, make, editor, form):
    briefing = make({**text("<p>One.</p>", sq="<p>Një.</p>"), "checks": ["sq"]})

    told = {}
    for language in ("en", "sq"):
        parts = render(briefing, editor, language, at=NOON)
        words = _words_of(make_file(briefing, parts, language, form, at=NOON), form)
        told[language] = "lexues amtar" in " ".join(words.split())
    pages = {language: client.get(f"{briefing.get_absolute_url()}?language={language}")
             .content.decode().count("needs a check") for language in ("en", "sq")}  # fmt: skip

    assert told == {"en": False, "sq": True}
    assert pages == {"en": 0, "sq": 2}  # once above, once beside the part


def test_nobody_else_issues_an_edition(make, editor):
    briefing = make(text("<p>One.</p>"))
    stranger = make_viewer(organisation=OrganisationFactory())

    with pytest.raises(Refused):
        services.freeze(briefing=briefing, marking="CLEAR", by=stranger, at=NOON)

    assert not Edition.objects.visible_to(editor).exists()


def test_parts_without_a_marking_have_the_briefing_s(make, editor):
    briefing = make(text("<p>Inside.</p>"), text("<p>Out.</p>", "CLEAR"), marking=Marking.GREEN)

    edition = services.freeze(briefing=briefing, marking="CLEAR", by=editor, at=NOON)

    parts, _language = selectors.read_parts(edition, "en")
    assert [plain_text(part.values["text"]) for part in parts] == ["Out."]
    assert read(briefing, editor) == ["Inside.", "Out."]


def test_an_edition_without_anything_is_refused(make, editor):
    briefing = make(text("<p>Inside.</p>", "AMBER"))

    with pytest.raises(BadInput, match="Nothing in this briefing"):
        services.freeze(briefing=briefing, marking="CLEAR", by=editor, at=NOON)


def test_pdf_is_tagged_titled_and_in_its_language(client, make, editor, figures):
    briefing = make(
        text("<p>Words.</p><ul><li>Одно</li><li>Ένα</li></ul>"),
        {"kind": "figure", "observation": figures[0].reference},
        {"kind": "chart", "record": figures[0].series.reference},
    )

    said = client.get(f"{briefing.get_absolute_url()}en/pdf")

    with pikepdf.open(io.BytesIO(said.content)) as pdf:
        assert pdf.check_pdf_syntax() == []  # qpdf's judgement
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en"
        assert pdf.docinfo["/Title"] == "A briefing"
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
        kinds, alternatives = _read_tags(pdf.Root.StructTreeRoot)
    words = " ".join(_words_of(said.content, "pdf").split())
    assert {"H1", "L", "LI", "Figure"} <= kinds
    assert all(alternatives)
    for expected in ("Words.", "Одно", "Ένα", "more than 875 people", "TLP:CLEAR"):
        assert expected in words


@pytest.mark.slow
@pytest.mark.parametrize("form", ["pdf", "leaflet"])
def test_no_picture_is_higher_than_its_page(client, make, editor, form):
    """Forty rivals side by side make a chart that no page could hold as it is."""
    rows = [
        {"area": "world", "value": 100 + n, "as_of": str(1980 + n), "source_title": f"Source {n}"}
        for n in range(40)
    ]
    briefing = make({"kind": "chart", "record": make_series(editor, observations=rows).reference})

    said = client.get(f"{briefing.get_absolute_url()}en/{form}")

    import pypdfium2

    for page in pypdfium2.PdfDocument(said.content):
        text = page.get_textpage()
        places = [text.get_rect(n) for n in range(text.count_rects())]
        assert all(bottom >= 0 and top <= page.get_height() for _l, bottom, _r, top in places)
    words = " ".join(_words_of(said.content, "pdf").split())
    assert "as of 1980" in words
    assert "as of 2019" in words


def _read_tags(node):
    kinds, alternatives, todo = set(), [], [node]
    while todo:
        element = todo.pop()
        if "/S" in element:
            kinds.add(str(element.S)[1:])
            if element.S == "/Figure":
                alternatives.append(str(element.get("/Alt", "")))
        children = element.get("/K", [])
        several = children if isinstance(children, pikepdf.Array) else [children]
        todo += [child for child in several if isinstance(child, pikepdf.Dictionary)]
    return kinds, alternatives


def test_what_stands_before_the_first_heading_can_be_set(client, make, figures):
    briefing = make(
        text("<h3>Below</h3><p>Words.</p>"),
        {"kind": "chart", "record": figures[0].series.reference},
        {"kind": "people", "texts": {"en": {"title": "Whom to ask", "lines": "An office"}}},
    )

    said = client.get(f"{briefing.get_absolute_url()}en/pdf")

    assert said.status_code == 200
    with pikepdf.open(io.BytesIO(said.content)) as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root[0].children] == [
            "Below", "People who left", "Whom to ask", "The figures as a table",
        ]  # fmt: skip


def test_leaflet_has_two_columns_on_a_landscape_page(client, make):
    briefing = make(text("<p>Words.</p>"))

    said = client.get(f"{briefing.get_absolute_url()}en/leaflet")

    with pikepdf.open(io.BytesIO(said.content)) as pdf:
        box = [float(value) for value in pdf.pages[0].MediaBox]
    assert box[2] > box[3]


@pytest.mark.parametrize(("paragraphs", "pages"), [(28, 2), (60, None)])
def test_leaflet_is_set_smaller_only_where_that_makes_it_two_pages(
    client, make, paragraphs, pages, monkeypatch
):
    briefing = make(
        text("<p>" + "</p><p>".join(["Words of a leaflet. " * 30] * paragraphs) + "</p>")
    )
    address = f"{briefing.get_absolute_url()}en/leaflet"

    said = _count_pages(client.get(address).content)

    monkeypatch.setattr(paper, "SMALLER", ())
    as_it_is = _count_pages(client.get(address).content)
    assert as_it_is > 2
    assert said == (pages or as_it_is)


def _count_pages(made):
    with pikepdf.open(io.BytesIO(made)) as pdf:
        return len(pdf.pages)


def test_two_editors_at_once_lose_nothing(make, editor):
    briefing = make(text("<p>One.</p>"))
    services.change_blocks(
        briefing=briefing,
        blocks=[*briefing.blocks, text("<p>Two.</p>")],
        base_version=briefing.version,
        by=editor,
        at=NOON,
    )

    with pytest.raises(EditConflict):
        services.change_blocks(
            briefing=briefing, blocks=[], base_version=briefing.version, by=editor, at=NOON
        )

    assert len(Briefing.objects.visible_to(editor).get().blocks) == 2


def test_marked_blocks_are_found_by_nobody_else(make, editor, in_step):
    make(text("<p>For all.</p>"), text("<p>quietheron</p>", "AMBER"))
    in_step()

    query = Query(text="quietheron", meaning=False)

    assert not search(query, ANONYMOUS.tokens).hits


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"kind": "poem"}, "no such kind"),
        ({"kind": "text", "texts": {"en": {"text": ""}}}, "Write its text."),
        (text("<p>x</p>", "RED"), "up to TLP:AMBER\\+STRICT"),
        (text("<p data-marking='RED'>x</p>"), "up to TLP:AMBER\\+STRICT"),
        ({"kind": "figure"}, "Choose the figure."),
        ("words", "no such kind"),
    ],
)
def test_blocks_that_cannot_be_kept_are_named(block, said):
    with pytest.raises(BadInput, match=f"Block 2: .*{said}"):
        clean_blocks([text("<p>One.</p>"), block], "en")


def test_scripts_do_not_come_along():
    block = clean_blocks([text("<p onclick='x()'>One<script>alert(1)</script></p>")], "en")[0]

    assert block["texts"]["en"]["text"] == "<p>One</p>"


def test_writing_in_the_pages(client, make, editor, figures):
    briefing = make(text("<p>One.</p>"))
    _sign_in(client, editor)
    address = f"/briefings/{briefing.reference}/edit/"
    given = {"text": "<p>Two.</p>", "marking": "GREEN", "version": briefing.version}

    refused = client.post(f"{address}add/text/", {**given, "text": ""})
    added = client.post(f"{address}add/text/", given)

    assert (refused.status_code, added.status_code) == (422, 302)
    assert refused.context["form"].errors == {"text": ["Write its text."]}
    blocks = Briefing.objects.visible_to(editor).get().blocks
    assert [block["marking"] for block in blocks] == ["", "GREEN"]
    client.post(f"{address}{blocks[1]['id']}/up/")
    client.post(f"{address}{blocks[0]['id']}/remove/")
    left = Briefing.objects.visible_to(editor).get().blocks
    assert [block["id"] for block in left] == [blocks[1]["id"]]
    page = client.get(address)
    assert page.context["forcing"] == ["Two."]
    assert page.context["forced"] == "GREEN"


def test_the_newest_change_is_undone(client, make, editor):
    briefing = make(text("<p>One.</p>"), text("<p>Two.</p>"))
    _sign_in(client, editor)
    address = f"/briefings/{briefing.reference}/edit/"
    client.post(f"{address}{briefing.blocks[0]['id']}/remove/?language=sq")
    stands = Briefing.objects.visible_to(editor).get()
    assert len(stands.blocks) == 1

    client.post(f"{address}undo/", {"version": stands.version - 1})
    refused = Briefing.objects.visible_to(editor).get()
    said = client.post(f"{address}undo/", {"version": stands.version})

    assert len(refused.blocks) == 1  # somebody else had saved
    assert said.status_code == 302
    assert Briefing.objects.visible_to(editor).get().blocks == briefing.blocks


def test_what_a_list_finds_is_chosen_without_any_code():
    choices = {"kind": [("news", "News")], "topic": [("prisons", "Prisons")], "economy": []}
    given = {"version": 1, "kind": "news", "topic": "prisons", "q": "school"}

    chosen = BlockForm(given, kind="list", language="en", choices=choices)
    pasted = BlockForm(
        {"version": 1, "q": "https://focal.example/search?q=school&year=2024&year=2025"},
        kind="list", language="en", choices=choices,
    )  # fmt: skip
    nothing = BlockForm({"version": 1}, kind="list", language="en", choices=choices)

    assert chosen.is_valid()
    assert chosen.make_block()["query"] == "q=school&kind=news&topic=prisons"
    assert pasted.is_valid()
    assert pasted.make_block()["query"] == "q=school&year=2024&year=2025"
    assert nothing.errors == {"q": ["Say what the list is to find."]}


def test_what_no_field_can_hold_stays_in_a_list_s_question():
    block = {"query": "kind=news&kind=practice&topic=prisons", "texts": {}, "checks": [],
             "kind": "list"}  # fmt: skip

    form = BlockForm({"version": 1, "topic": "prisons"}, kind="list", language="en", block=block)

    assert form.is_valid(), form.errors
    assert form.make_block()["query"] == "kind=news&kind=practice&topic=prisons"
    assert BlockForm(kind="list", language="en", block={**block, "query": "two words"}).initial[
        "q"
    ] == "two words"  # fmt: skip


def test_a_translation_may_be_empty_where_the_original_may_not():
    for is_original in (True, False):
        form = BlockForm({"version": 1}, kind="text", language="sq", is_original=is_original)
        assert form.is_valid() != is_original


def test_export_from_the_command_line(make, tmp_path):
    from click.testing import CliRunner

    from focal.briefings.cli import briefing as program

    made = make(text("<p>One.</p>"))
    heads = {}
    for form in ("pdf", "docx", "html", "leaflet"):
        out = tmp_path / f"out.{form}"
        said = CliRunner().invoke(
            program, ["export", made.reference, "--format", form, "--out", str(out)]
        )
        assert said.exception is None, repr(said.exception)
        heads[form] = out.read_bytes()[:4]

    assert heads == {"pdf": b"%PDF", "docx": b"PK\x03\x04", "html": b"<!DO", "leaflet": b"%PDF"}


def test_only_figures_stand_as_figures_in_the_table_behind_a_chart(client, make, figures):
    briefing = make({"kind": "chart", "record": figures[0].series.reference})

    (part,) = render(briefing, ANONYMOUS, "en", at=NOON)
    told = dict(zip(part.values["columns"], part.values["numbers"], strict=True))

    assert told["Figure"]
    assert not told["Source"]  # its words would run over the edge of a printed page


def test_differences_are_told_word_by_word_and_in_one_language(client, make, editor, figures):
    block = {"kind": "figure", "observation": figures[0].reference, "texts": {}}
    briefing = make(text("<p>They met twice in spring.</p>"), block)
    services.freeze(briefing=briefing, marking="CLEAR", by=editor, at=NOON)
    unread = client.get(f"{briefing.get_absolute_url()}?language=sq").context["since"]
    blocks = [briefing.blocks[1], briefing.blocks[0]]
    blocks[1]["texts"] = {"en": {"text": "<p>They met once in spring.</p>"},
                          "sq": {"text": "<p>U takuan një herë.</p>"}}  # fmt: skip
    briefing = services.change_blocks(
        briefing=briefing, blocks=blocks, base_version=briefing.version, by=editor, at=NOON
    )
    edition = services.freeze(briefing=briefing, marking="CLEAR", by=editor, at=NOON)

    page = client.get(f"{edition.get_absolute_url()}?language=sq")
    difference = page.context["difference"]

    assert not unread["difference"]  # the figure is said in Albanian; the edition was not
    assert [(part.kind, part.text.strip()) for part in difference.texts[0]] == [
        ("same", "They met"), ("removed", "twice"), ("added", "once"), ("same", "in spring."),
    ]  # fmt: skip
    assert (difference.figures, difference.added, difference.removed) == ((), (), ())


def test_what_is_written_is_not_lost_to_whoever_was_quicker(client, make, editor):
    briefing = make(text("<p>One.</p>"), text("<p>Two.</p>"))
    _sign_in(client, editor)
    address = f"/briefings/{briefing.reference}/edit/"
    client.post(f"{address}{briefing.blocks[1]['id']}/remove/")
    late = {"version": briefing.version, "title": "Another title", "summary": ""}

    title = client.post(address, late)
    again = client.post(address, {**late, "version": title.context["form"]["version"].value()})
    given = {"kind": "text", "text": "<p>Two, mended.</p>", "version": again.wsgi_request.POST
             ["version"]}  # fmt: skip
    refused = client.post(f"{address}{briefing.blocks[1]['id']}/", given)
    version = refused.context["form"]["version"].value()
    kept = client.post(f"{address}{briefing.blocks[1]['id']}/", {**given, "version": version})

    assert [page.status_code for page in (title, again, refused, kept)] == [422, 302, 422, 302]
    now = Briefing.objects.visible_to(editor).get()
    assert now.title == "Another title"
    assert read(now) == ["One.", "Two, mended."]
