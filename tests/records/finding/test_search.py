"""The search page: what is found, why, how it is narrowed, and what nobody else may learn."""

import csv
import io
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from focal.records import services
from focal.records.finding import search as finding
from focal.records.models import Record, RecordAudience
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from tests.factories import NOON, make_record
from tests.records.finding.documents import add_document

pytestmark = pytest.mark.django_db


def titles(response) -> list[str]:
    return [item.record.title for item in response.context["found"].records]


def test_search_finds_by_words_and_says_so(client, in_step, editor, organisation):
    make_record(by=editor, organisation=organisation, title="Mentors in three towns")
    make_record(by=editor, organisation=organisation, title="Rivers and bridges")
    in_step()

    response = client.get("/search", {"q": "mentors", "meaning": "0"})

    assert titles(response) == ["Mentors in three towns"]
    assert response.context["found"].total == 1
    assert [reason.text for reason in response.context["results"][0].reasons] == ["by its words"]


def test_search_by_the_thesaurus_says_so_and_can_be_switched_off(
    client, in_step, lists, editor, organisation
):
    make_record(by=editor, organisation=organisation, language="sq", title="Radikalizimi në burgje")
    in_step()

    response = client.get("/search", {"q": "radicalisation", "meaning": "0"})
    reasons = response.context["results"][0].reasons
    without = client.get("/search" + reasons[0].switch_url)

    assert [reason.text for reason in reasons] == ["by the thesaurus: radikalizim"]
    assert titles(without) == []


def test_search_opens_the_page_of_the_document(client, in_step, editor, organisation):
    record = make_record(by=editor, organisation=organisation, title="A report")
    document = add_document(
        record, language="mk", pages=["Вовед.", "Наставниците рано ги забележуваат промените."]
    )
    in_step()

    response = client.get("/search", {"q": "наставниците", "meaning": "0"})

    result = response.context["results"][0]
    assert (result.found.document.reference, result.found.hit.page) == (document.reference, 2)
    assert result.document_url.startswith(f"/documents/{document.reference}/pages/2/?q=")
    assert "<mark>Наставниците</mark>" in response.content.decode()


def test_search_without_text_shows_the_newest_first(client, in_step, editor, organisation):
    for year in (2019, 2023, 2021):
        make_record(
            by=editor, organisation=organisation, title=f"Of {year}", issued_date=f"{year}-05-01"
        )
    in_step()

    assert titles(client.get("/search")) == ["Of 2023", "Of 2021", "Of 2019"]
    assert titles(client.get("/search", {"sort": "oldest"})) == ["Of 2019", "Of 2021", "Of 2023"]
    assert titles(client.get("/search", {"from": "2020", "to": "2021"})) == ["Of 2021"]


def test_facets_count_and_narrow_and_can_be_taken_back(
    client, in_step, lists, editor, organisation
):
    for kind, codes in (("news", ["XK"]), ("news", ["AL"]), ("practice", ["XK", "AL"])):
        make_record(
            kind=kind,
            by=editor,
            organisation=organisation,
            title=f"{kind} {codes}",
            economies=codes,
        )
    in_step()

    page = client.get("/search")
    economies = next(f for f in page.context["facets"] if f.label == "Economy")
    kosovo = next(value for value in economies.values if value.label == "Kosovo*")
    narrowed = client.get("/search" + kosovo.url)

    assert [(v.label, v.count) for v in economies.values] == [("Albania", 2), ("Kosovo*", 2)]
    assert sorted(titles(narrowed)) == ["news ['XK']", "practice ['XK', 'AL']"]
    assert [chip.label for chip in narrowed.context["chips"]] == ["Kosovo*"]
    assert narrowed.context["chips"][0].url == "?"
    # the other values of the same facet keep what they would bring
    other = next(f for f in narrowed.context["facets"] if f.label == "Economy")
    assert [(v.label, v.count) for v in other.values] == [("Kosovo*", 2), ("Albania", 2)]


def test_broad_topic_includes_narrower_ones(client, in_step, lists, editor, organisation):
    from focal.vocabulary.selectors import get_vocabulary

    vocabulary = get_vocabulary()
    broad = next(key for key, _depth in vocabulary.get_tree("topics") if vocabulary.narrower(key))
    narrow = sorted(vocabulary.narrower(broad))[0]
    make_record(by=editor, organisation=organisation, title="Narrow", topics=[narrow])
    make_record(by=editor, organisation=organisation, title="Without")
    in_step()

    assert titles(client.get("/search", {"topic": broad})) == ["Narrow"]


def test_restricted_record_is_found_by_its_readers_and_leaves_no_trace_for_others(
    client, in_step, editor, organisation, person
):
    make_record(by=editor, organisation=organisation, title="Open heron")
    make_record(
        by=editor,
        organisation=organisation,
        title="Quiet heron",
        marking=Marking.AMBER,
        kind="practice",
    )
    in_step()

    seen = client.get("/search", {"q": "heron", "meaning": "0"})
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    seen_by_editor = client.get("/search", {"q": "heron", "meaning": "0"})

    assert titles(seen) == ["Open heron"]
    assert seen.context["found"].total == 1
    assert "Practice" not in [v.label for f in seen.context["facets"] for v in f.values]
    assert sorted(titles(seen_by_editor)) == ["Open heron", "Quiet heron"]


def test_row_that_the_database_refuses_is_neither_shown_nor_counted(
    client, in_step, editor, organisation
):
    make_record(by=editor, organisation=organisation, title="Open heron")
    lost = make_record(by=editor, organisation=organisation, title="Lost heron", kind="news")
    in_step()
    RecordAudience.objects.filter(record_id=lost.pk).delete()  # the index was never told

    response = client.get("/search", {"q": "heron", "meaning": "0"})

    assert titles(response) == ["Open heron"]
    assert response.context["found"].total == 1
    assert response.context["facets"] == []
    assert "Lost heron" not in response.content.decode()


def test_withdrawn_record_is_gone_before_the_index_has_heard(client, in_step, editor, organisation):
    record = make_record(by=editor, organisation=organisation, title="Quiet heron")
    in_step()

    services.take_step(record=record, step="withdraw", by=editor, at=NOON, reason="Wrong.")
    response = client.get("/search", {"q": "heron", "meaning": "0"})

    assert titles(response) == []
    assert response.context["found"].total == 0


def test_title_is_shown_in_the_readers_language(client, in_step, editor, organisation):
    record = make_record(by=editor, organisation=organisation, title="Мостови", language="mk")
    services.save_translation(
        record=record, language="sq", title="Ura", summary="", body="", by=editor, at=NOON
    )
    in_step()

    in_albanian = client.get("/search", {"q": "Мостови"}, headers={"accept-language": "sq"})
    in_english = client.get("/search", {"q": "Мостови"}, headers={"accept-language": "en"})

    assert titles(in_albanian) == ["Ura"]
    assert in_albanian.context["found"].records[0].record.languages == ("mk", "sq")
    assert titles(in_english) == ["Мостови"]


def test_page_beyond_the_last_one_shows_the_last_one(client, in_step, editor, organisation):
    make_record(by=editor, organisation=organisation, title="Heron")
    in_step()

    response = client.get("/search", {"q": "heron", "page": "7"})

    assert titles(response) == ["Heron"]
    assert response.context["notes"] == ("There are not that many pages: this is the last one.",)


def test_nothing_found_says_what_to_try(client, in_step, lists, editor, organisation):
    make_record(by=editor, organisation=organisation, title="Heron")
    in_step()

    response = client.get("/search", {"q": "heron", "kind": "news", "thesaurus": "0"})

    assert [item.label for item in response.context["help"]][:2] == [
        "Search for the same without any limits",
        "Switch on all ways of searching again",
    ]


ODD = [
    "",
    "\x00",
    "\ud800",
    "🌉🧭",
    '"',
    '"unbalanced',
    "*",
    "-",
    "a:b:c",
    "[[[",
    "title:",
    "\\",
    "(",
    "AND OR NOT",
    "a" * 10_000,
    "x " * 5000,
    "%",
    "https://example.org/?a=b&c=d",
    "İı",
    "ǆ",
]


@pytest.mark.parametrize("text", ODD)
def test_any_text_gets_an_answer(client, in_step, editor, organisation, text):
    make_record(by=editor, organisation=organisation, title="Heron")
    in_step()
    text = text.encode("utf-8", "replace").decode()

    assert client.get("/search", {"q": text}).status_code == 200
    assert client.get("/search/suggest", {"q": text}).status_code == 200
    assert client.get("/search/export.csv", {"q": text}).status_code == 200


RAW = [
    "q=%ED%A0%80",
    "q=%00",
    "q=%",
    "q=%zz",
    "q=%ff%fe",
    "page=abc",
    "year=foo",
    "from=31.02.",
    "sort[]=1",
    "kind=&kind=",
    "economy=%00",
    "organisation=%27%22",
    "page=99999999999999999999",
    "to=9999-12-31",
    "from=0000-01-01",
    "words=0&meaning=0&thesaurus=0&folding=0&q=a",
]


@pytest.mark.parametrize("query", RAW)
def test_any_address_gets_an_answer(client, in_step, editor, organisation, query):
    make_record(by=editor, organisation=organisation, title="Heron")
    in_step()

    assert client.get(f"/search?{query}").status_code == 200
    assert client.get(f"/search/export.csv?{query}").status_code == 200
    assert client.get(f"/library/?{query}").status_code == 200


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=300), st.text(max_size=20), st.text(max_size=20))
def test_anything_typed_gets_an_answer(client, in_step, text, facet, day):
    in_step()
    given_values = {
        name: value.encode("utf-8", "replace").decode()
        for name, value in {"q": text, "topic": facet, "year": facet, "from": day}.items()
    }

    assert client.get("/search", {**given_values, "meaning": "0"}).status_code == 200


def test_suggestions_are_titles_the_viewer_may_see(client, in_step, editor, organisation):
    record = make_record(by=editor, organisation=organisation, title="Heron watching")
    make_record(by=editor, organisation=organisation, title="Heron hidden", marking=Marking.AMBER)
    in_step()

    answer = client.get("/search/suggest", {"q": "hero"}).json()

    assert answer == [
        {"label": "Heron watching", "kind": "Publication", "url": f"/records/{record.reference}/"}
    ]


def test_suggestions_come_from_the_thesaurus(client, in_step, lists):
    in_step()

    answer = client.get("/search/suggest", {"q": "radicalis"}).json()

    assert {"label": "radicalisation", "kind": "Topic", "url": "/search?q=radicalisation"} in answer


def test_similar_is_a_fragment_for_htmx_and_a_page_for_others(
    client, in_step, editor, organisation
):
    record = make_record(by=editor, organisation=organisation, title="Heron")
    in_step()

    page = client.get(f"/records/{record.reference}/similar/")
    fragment = client.get(f"/records/{record.reference}/similar/", headers={"hx-request": "true"})

    assert page.templates[0].name == "records/finding/similar.html"
    assert fragment.templates[0].name == "records/_similar.html"
    assert client.get("/records/nowhereatall22/similar/").status_code == 404


def test_similar_never_names_what_the_viewer_may_not_see(editor, organisation, monkeypatch):
    from focal.search import services as engine
    from focal.search.answers import Hit

    record = make_record(by=editor, organisation=organisation, title="Heron")
    hidden = make_record(
        by=editor, organisation=organisation, title="Hidden", marking=Marking.AMBER
    )
    proposal = [Hit(hidden.reference, "", 1.0, (), "en")]
    monkeypatch.setattr(engine, "similar", lambda *_: proposal)

    itself, others = finding.find_similar(ANONYMOUS, record.reference, language="en")
    _itself, for_editor = finding.find_similar(editor, record.reference, language="en")

    assert (itself.title, others) == ("Heron", [])
    assert [item.title for item in for_editor] == ["Hidden"]


def read_table(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_export_holds_what_is_found_and_nothing_else(client, in_step, lists, editor, organisation):
    make_record(
        by=editor,
        organisation=organisation,
        title="=HYPERLINK(1)",
        economies=["XK"],
        issued_date="2021-05-01",
        summary="Heron",
    )
    make_record(by=editor, organisation=organisation, title="Hidden heron", marking=Marking.AMBER)
    in_step()

    head, row, foot, marked = read_table(client.get("/search/export.csv", {"q": "heron"}))

    found = dict(zip(head, row, strict=True))
    assert (found["Title"], found["Economies"], found["Marking"], found["Date"]) == (
        "'=HYPERLINK(1)",
        "Kosovo*",
        "CLEAR",
        "2021-05-01",
    )
    assert foot[0].startswith("* This designation is without prejudice")
    assert marked[0] == "TLP:CLEAR"


@pytest.mark.parametrize("count", [1, 100])
def test_search_and_its_export_cost_the_same_for_any_number_up_to_a_batch(
    client,
    in_step,
    lists,
    editor,
    organisation,
    count,
    django_assert_num_queries,
    django_assert_max_num_queries,
):
    _make_many(count, editor, organisation)
    in_step()
    client.get("/search", {"q": "heron"})  # the shared lists are read once in a process

    with django_assert_num_queries(5):
        response = client.get("/search", {"q": "heron"})
    with django_assert_max_num_queries(17):
        table = read_table(client.get("/search/export.csv", {"q": "heron"}))

    assert len(titles(response)) == min(count, finding.PAGE_SIZE)
    assert len(table) == count + 3  # the heading, the footnote, the marking


def test_pages_show_no_row_numbers(client, in_step, editor, organisation):
    record = make_record(by=editor, organisation=organisation, title="Heron")
    Record._base_manager.filter(pk=record.pk).update(title="Heron")
    in_step()

    for address in ("/search?q=heron", "/library/", record.get_absolute_url()):
        text = client.get(address).content.decode()
        assert re.findall(rf'(?:id|value|data-\w+)="{record.pk}"|/{record.pk}/', text) == []


def _make_many(count, editor, organisation):
    for number in range(count):
        record = make_record(
            by=editor,
            organisation=organisation,
            title=f"Heron {number}",
            economies=["XK", "AL"],
            organisations=[organisation.reference],
        )
        if number % 2 == 0:
            services.save_translation(
                record=record, language="sq", title="Çafka", summary="", body="", by=editor, at=NOON
            )
            add_document(record, language="mk", pages=["Чапја."])
