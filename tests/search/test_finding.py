"""What is found, in which order, how it was widened, and what is told of it."""

import datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from focal.search import services
from focal.search.answers import Reason, Suggestion, Widened
from focal.search.building import make_plan
from focal.search.documents import Page, Text
from focal.search.queries import Query, parse
from focal.search.snippets import find_marks
from focal.search.thesaurus import Labels
from tests.search.library import PUBLIC, ask, find, make_document

COMMUNITY = frozenset({"public", "community"})


# Words


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Stručnjak za mlade", "strucnjak"),
        ("Strucnjak za mlade", "стручњак"),
        ("Стручњак за младе", "stručnjak"),
        ("Școala nouă", "şcoala"),
        ("İstanbul", "ıstanbul"),
        ("Η ΟΔΟΣ", "οδος"),
        ("Д\u2019Артањан", "d'artanjan"),
        ("Cˇuvari", "cuvari"),
        ("Ќерка", "kjerka"),
        ("Qëndresa", "qendresa"),
    ],
)
def test_search_finds_a_word_in_any_of_its_spellings(library, written, asked):
    if written.startswith("Cˇ"):
        written = "C\u030cuvari"  # decomposed
    library.add(make_document("here", written, language="xx"), make_document("other", "Rivers"))

    assert find(asked) == ["here"]


def test_search_takes_all_of_few_words_and_most_of_many(library):
    library.add(
        make_document("both", "Youth mentors"),
        make_document("one", "Mentors"),
        make_document("most", "Alpha beta gamma delta"),
    )

    assert find("youth mentors") == ["both"]
    assert find("alpha beta gamma epsilon") == ["most"]


def test_search_without_all_words_shows_those_with_some_and_says_so(library):
    library.add(make_document("one", "Mentors"), make_document("two", "Rivers"))

    answer = ask("mentors rivers")

    assert answer.relaxed
    assert sorted(hit.key for hit in answer.hits) == ["one", "two"]
    assert not ask("mentors").relaxed


def test_words_too_common_need_not_be_there(library):
    library.add(make_document("here", "Mentors prisons"))

    assert find("what is the role of mentors in prisons", thesaurus=False) == ["here"]


def test_search_finds_other_forms_of_a_word_unless_told_not_to(library):
    library.add(make_document("here", "Shkollat e reja", language="sq"))

    assert find("shkolla") == ["here"]
    assert find("shkolla", folding=False) == []


def test_folding_switched_off_finds_words_as_they_are_written_alone(library):
    library.add(
        make_document("with", "Stručnjak", language="xx"),
        make_document("without", "Strucnjak", language="xx"),
        make_document("hyphen", "e-škola", language="xx"),
    )

    assert sorted(find("stručnjak")) == ["with", "without"]
    assert find("STRUČNJAK", folding=False) == ["with"]
    assert find("e-škola", folding=False) == ["hyphen"]
    assert ask("stručnjak").widenings == (Widened("folding"),)
    assert ask("stručnjak", folding=False).widenings == ()


def test_phrase_finds_words_beside_one_another_alone(library):
    library.add(
        make_document("beside", "A report", body="They meet in the open prison of the town."),
        make_document("apart", "A report", body="The prison is open."),
        make_document("lines", "Open", body="Prison"),
    )

    assert find('"open prison"') == ["beside"]
    assert find('"open prison"', folding=False) == ["beside"]
    assert sorted(find("open prison")) == ["apart", "beside", "lines"]


def test_excluded_words_and_phrases_are_left_out(library):
    library.add(
        make_document("keep", "Mentors in towns"),
        make_document("word", "Mentors in villages"),
        make_document("phrase", "Mentors", body="of the old town hall"),
    )

    assert sorted(find("mentors -villages")) == ["keep", "phrase"]
    assert sorted(find('mentors -"old town"')) == ["keep", "word"]
    assert sorted(find("-villages")) == ["keep", "phrase"]


def test_word_in_a_title_weighs_more_than_in_a_text(library):
    library.add(
        make_document("text", "A report", body="Mentors and rivers."),
        make_document("title", "Mentors", body="A report and rivers."),
    )

    assert find("mentors") == ["title", "text"]
    assert find("title:mentors") == ["title"]
    assert find('title:"a report"') == ["text"]


def test_rare_word_weighs_more_than_a_common_one(library):
    library.add(
        *(make_document(f"common{n}", "Report", body="youth " * 3) for n in range(8)),
        make_document("rare", "Report", body="heron"),
    )

    assert find("report youth heron dragons")[0] == "rare"


def test_text_of_every_language_and_page_is_searched(library):
    library.add(
        make_document(
            "one",
            "Bridges",
            others=[Text("sq", "Ura", "", "Lumi i qetë")],
            pages=[Page("doc", 1, "mk", "Вовед."), Page("doc", 2, "mk", "Мирна река.")],
        )
    )

    assert find("ura") == find("lumi") == find("reka") == ["one"]


# Widening by the thesaurus


def test_thesaurus_widens_to_other_languages_and_says_so(library, thesaurus):
    library.add(
        make_document("sq", "Qendra e rehabilitimit", language="sq"),
        make_document("mk", "Рехабилитација во заедницата", language="mk"),
        make_document("en", "Rehabilitation"),
        make_document("none", "Rivers"),
    )

    answer = ask("rehabilitation")

    assert answer.hits[0].key == "en"
    assert {hit.key: hit.why for hit in answer.hits} == {
        "en": (Reason("words"),),
        "sq": (Reason("thesaurus", "rehabilitim"),),
        "mk": (Reason("thesaurus", "рехабилитација"),),
    }
    assert answer.widenings[0] == Widened(
        "thesaurus",
        "rehabilitation",
        (("mk", "рехабилитација"), ("sq", "rehabilitim")),
    )


def test_thesaurus_can_be_switched_off(library, thesaurus):
    library.add(make_document("sq", "Burgje", language="sq"), make_document("en", "Prison"))

    assert sorted(find("prison")) == ["en", "sq"]
    assert find("prison", thesaurus=False) == ["en"]
    assert ask("prison", thesaurus=False).widenings == (Widened("folding"),)


def test_thesaurus_stays_when_folding_is_switched_off(library, thesaurus):
    library.add(make_document("bs", "Zatvor", language="bs"), make_document("en", "Prison"))

    answer = ask("prison", folding=False)

    assert [hit.key for hit in answer.hits] == ["en", "bs"]
    assert [hit.why for hit in answer.hits] == [
        (Reason("words"),),
        (Reason("thesaurus", "zatvor"),),
    ]


def test_thesaurus_takes_a_label_of_several_words_whole(library, thesaurus):
    library.add(make_document("one", "Burg", language="sq"), make_document("two", "Facility"))

    answer = ask("correctional facility")

    assert [hit.key for hit in answer.hits] == ["one"]
    assert find('"correctional facility"') == ["one"]


# Filters, dates, orders, pages


def make_shelf(count=60):
    kinds, economies = ("news", "practice", "publication"), ("AL", "BA", "MK", "XK")
    return [
        make_document(
            f"r{n:03}",
            f"{'alpha' if n % 2 else 'Beta'} number {n % 7}",
            body="heron " * (1 + n % 3),
            kind=kinds[n % 3],
            economy=tuple(economies[: n % 4]),
            year=(str(2015 + n % 5),),
            date=datetime.date(2020, 1, 1) + datetime.timedelta(days=n % 9),
            audience={"public"} if n % 4 else {"community"},
        )
        for n in range(count)
    ]


def test_filters_take_any_value_of_one_and_all_of_different_ones(library):
    shelf = make_shelf()
    library.add(*shelf)

    asked = {"kind": frozenset({"news", "practice"}), "economy": frozenset({"MK"})}
    expected = {
        d.key
        for d in shelf
        if d.kind in asked["kind"] and "MK" in d.facets["economy"] and "public" in d.audience
    }

    assert set(find("heron", filters=asked, limit=100)) == expected
    assert set(find("heron kind:news kind:practice economy:MK", limit=100)) == expected
    assert set(find("kind:practice economy:MK", limit=100)) < expected


def test_filter_of_the_text_narrows_the_filter_of_the_address(library):
    library.add(*make_shelf())

    assert find("kind:news", filters={"kind": frozenset({"practice"})}) == []
    assert find("", filters={"nonsense": frozenset({"x"})}) == []


@pytest.mark.parametrize("tokens", [PUBLIC, COMMUNITY])
@pytest.mark.parametrize("text", ["", "heron", "alpha heron", "number -alpha", "kind:news"])
def test_facets_count_what_a_count_by_hand_counts(library, text, tokens):
    shelf = make_shelf()
    library.add(*shelf)

    answer = ask(text, tokens, limit=100)
    found = [library.documents[hit.key] for hit in answer.hits]

    assert answer.total == len(found) > 0
    for name in ("kind", "economy", "year"):
        counted: dict[str, int] = {}
        for document in found:
            values = (document.kind,) if name == "kind" else document.facets[name]
            for value in values:
                counted[value] = counted.get(value, 0) + 1
        expected = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        assert answer.facets[name] == tuple(expected)


def test_facets_of_restricted_records_are_for_their_viewers_alone(library):
    library.add(
        make_document("open", "Heron", kind="news", economy=("AL",)),
        make_document("quiet", "Heron", kind="practice", economy=("XK",), audience={"community"}),
    )

    assert ask("heron").facets["economy"] == (("AL", 1),)
    assert ask("heron", COMMUNITY).facets["economy"] == (("AL", 1), ("XK", 1))


@pytest.mark.parametrize("tokens", [PUBLIC, COMMUNITY])
@pytest.mark.parametrize("text", ["", "heron", "number"])
@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest", "title"])
def test_pages_follow_one_another_without_gap_or_repeat(library, sort, text, tokens):
    for start in range(0, 60, 13):
        library.add(*make_shelf()[start : start + 13])

    whole = find(text, tokens, sort=sort, limit=100)
    pages = [find(text, tokens, sort=sort, offset=n, limit=7) for n in range(0, 60, 7)]

    assert [key for page in pages for key in page] == whole
    assert len(set(whole)) == (45 if tokens == PUBLIC else 60)


def test_equals_keep_their_order_beyond_the_depth_that_is_looked_at(library):
    library.add(*(make_document(f"a{n}", "Heron") for n in range(700)))
    library.add(*(make_document(f"b{n}", "Heron", audience={"community"}) for n in range(700)))

    pages = [find("heron", COMMUNITY, offset=n, limit=100) for n in range(0, 1400, 100)]

    assert len({key for page in pages for key in page}) == 1400


def test_orders_by_date_and_title(library):
    library.add(
        make_document("a", "Çelësi", language="sq", date=datetime.date(2020, 1, 1)),
        make_document("b", "Национална стратегија 2", date=datetime.date(2022, 1, 1)),
        make_document("c", "Nacionalna strategija 10", date=datetime.date(2021, 1, 1)),
        make_document("d", "Αθήνα", date=None),
    )

    assert find(sort="newest") == ["b", "c", "a", "d"]
    assert find(sort="oldest") == ["d", "a", "c", "b"]
    assert find(sort="title") == ["a", "c", "b", "d"]
    assert find() == ["b", "c", "a", "d"]


def test_dates_bound_on_both_sides(library):
    days = [datetime.date(2020, 1, 1), datetime.date(2021, 6, 1), datetime.date(2023, 1, 1)]
    library.add(*(make_document(str(n), "Heron", date=day) for n, day in enumerate(days)))
    library.add(make_document("undated", "Heron", date=None))

    assert find("heron", date_from=days[1], sort="oldest") == ["1", "2"]
    assert find("heron", date_to=days[1], sort="oldest") == ["0", "1"]
    assert find("heron", date_from=days[1], date_to=days[1]) == ["1"]
    assert find("heron", date_from=days[2], date_to=days[0]) == []


# What is told of a hit


def test_snippet_shows_the_passage_with_the_words_marked(library):
    body = "Nothing here. " * 60 + "The quiet heron waits by the river. " + "Nothing more. " * 60
    library.add(make_document("one", "Birds", body=body))

    pieces = ask("heron river").hits[0].snippet

    assert [text for text, marked in pieces if marked] == ["heron", "river"]
    assert len("".join(text for text, _marked in pieces)) < 300
    assert "".join(text for text, marked in pieces[1:4]).endswith("heron waits by the ")


@pytest.mark.parametrize(
    ("question", "text", "marked"),
    [
        ("prison staff's training", "Training za osoblje s djecom, с децом", ["Training"]),
        ("don't fear the heron", "Сите т и s: the heron, don't", ["heron", "don"]),
        ("e-mail", "Nuk e di; mail te e-mail", ["mail", "mail"]),
        ("plan c heron", "The plan: heron ц c", ["plan", "heron", "c"]),
        ("children-at-risk", "Look at the children who risk it", ["children", "risk"]),
    ],
)
def test_no_letter_and_no_small_word_is_marked_by_itself(question, text, marked):
    plan = make_plan(parse(question), Query(text=question), Labels(()))

    found = find_marks(text, "bs", plan)
    assert [text[mark.start : mark.end] for mark in found] == marked


def test_hit_tells_the_page_of_a_document_and_its_language(library):
    pages = [
        Page("doc", 1, "mk", "Вовед во темата."),
        Page("doc", 2, "mk", "Наставниците рано ги забележуваат промените кај учениците."),
        Page("doc", 3, "mk", "Крај."),
    ]
    library.add(make_document("one", "Report", pages=pages, audience={"community"}))

    hit = ask("nastavnicite", COMMUNITY).hits[0]

    assert (hit.attachment, hit.page, hit.language) == ("doc", 2, "mk")
    assert [text for text, marked in hit.snippet if marked] == ["Наставниците"]


def test_hit_in_its_own_text_tells_no_page(library):
    library.add(make_document("one", "Heron", pages=[Page("doc", 1, "en", "heron")]))

    assert (ask("heron").hits[0].attachment, ask("heron").hits[0].page) == (None, None)


def test_hit_tells_the_language_of_the_text_that_matched(library):
    library.add(make_document("one", "Bridges", others=[Text("sq", "Ura mbi lumë")]))

    assert ask("lumë").hits[0].language == "sq"
    assert ask("bridges").hits[0].language == "en"


# Suggestions


def test_suggest_titles_and_labels_as_one_types(library, thesaurus):
    library.add(
        make_document("new", "Rehearsal of plans", date=datetime.date(2024, 1, 1)),
        make_document("old", "The rehearsal", date=datetime.date(2020, 1, 1)),
        make_document("quiet", "Rehearsal in secret", audience={"community"}),
    )

    suggested = services.suggest("reh", PUBLIC)

    assert suggested == [
        Suggestion("rehabilitim", "sq", concept="rehabilitation"),
        Suggestion("rehabilitation", "en", concept="rehabilitation"),
        Suggestion("рехабилитација", "mk", concept="rehabilitation"),
        Suggestion("Rehearsal of plans", "en", key="new"),
        Suggestion("The rehearsal", "en", key="old"),
    ]
    assert "quiet" in {s.key for s in services.suggest("rehearsal se", COMMUNITY)}
    assert [s.key for s in services.suggest("the reh", PUBLIC)] == ["old"]
    assert services.suggest(" * ", PUBLIC) == []


# Any input


ODD = ["", "*", '"', '""', "-", "-*", '-"', "kind:", 'kind:""', "kind:\ud800", "title:", "😀", "ь"]
ODD += ["a" * 10_000, "a " * 5_000, "\x00", "\ud800", "(((", "AND OR NOT", "a:b:c", "[1 TO 2}"]
ODD += ["\u0301", "title:\x00", "year:2020 year:2021", "'" * 50, "\\", "/.*/", "ß" * 61, "-ь b"]
QUESTIONS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet='"-: *ab\x00\ud800ь\u0301kind', max_size=60),
    st.sampled_from(ODD),
)


@examples(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)
@given(text=QUESTIONS, flags=st.tuples(*[st.booleans()] * 3), offset=st.integers(-5, 10**12))
def test_any_question_gets_an_answer(library, thesaurus, text, flags, offset):
    if not library.documents:
        library.add(*make_shelf(9))

    words, thesaurus_, folding = flags
    asked = {"words": words, "thesaurus": thesaurus_, "folding": folding, "offset": offset}
    answer = ask(text, COMMUNITY, **asked)

    assert answer.index_ready
    services.suggest(text, COMMUNITY)


def test_parse_takes_a_question_apart():
    parsed = parse('old "open prison" -new title:report kind:news target:youth odd:thing')

    assert parsed.words == ("old", "odd", "thing")
    assert parsed.phrases == ("open prison",)
    assert (parsed.excluded, parsed.titles) == (("new",), ("report",))
    assert parsed.filters == {"kind": frozenset({"news"}), "target_group": frozenset({"youth"})}


def test_search_of_nothing_shows_everything_the_viewer_may_see(library):
    library.add(*make_shelf(12))

    assert ask("*").total == 9
    assert services.search(Query(meaning=False), COMMUNITY).total == 12
