"""One frozen snapshot: no queries on pages, noticed when another process changes the rows."""

from types import SimpleNamespace

import pytest

from focal.vocabulary import services, snapshot
from focal.vocabulary.files import LANGUAGES
from focal.vocabulary.models import Concept, ConceptLabel, Scheme, VocabularyVersion
from focal.vocabulary.selectors import get_version, get_vocabulary, load_terms, reset
from tests.factories import NOON


def make_concept(key, *, broader=None, scheme="topics", retired=False, **labels):
    concept = Concept.objects.create(
        key=key, scheme=scheme, broader=broader, retired_at=NOON if retired else None
    )
    for language, label in labels.items():
        ConceptLabel.objects.create(
            concept=concept, language=language.replace("_", "-"), label=label
        )
    return concept


def test_pages_ask_no_query(vocabulary, django_assert_num_queries):
    with django_assert_num_queries(0):
        known = get_vocabulary()
        known.choices("topics", "sq")
        known.economy_choices("mk")
        known.narrower("prevention")
        get_version()


@pytest.mark.django_db
def test_a_label_comes_from_the_nearest_language():
    make_concept("only-english", en="prison")
    make_concept("only-latin", en="prison", sr_Latn="zatvor")
    make_concept("only-bosnian", en="prison", bs="zatvor")

    known = get_vocabulary()

    assert known.label("topics", "only-english", "el") == "prison"
    assert known.label("topics", "only-latin", "sr") == "затвор"
    assert known.label("topics", "only-bosnian", "cnr") == "zatvor"
    assert known.label("topics", "only-bosnian", "cnr-Cyrl") == "затвор"
    assert known.label("topics", "only-bosnian", "hr") == "prison"


@pytest.mark.django_db
def test_a_label_of_an_unknown_concept_is_its_key():
    make_concept("prison", en="prison")

    assert get_vocabulary().label("topics", "nothing-here", "en") == "nothing-here"
    assert get_vocabulary().label("target-groups", "prison", "en") == "prison"


def test_a_label_that_waits_for_a_native_reader_says_so(vocabulary):
    concept = vocabulary.concepts["disengagement"]

    assert [concept.needs_check(language) for language in ("en", "bs", "el", "cnr")] == [
        False, True, False, True,
    ]  # fmt: skip


@pytest.mark.django_db
def test_choices_stand_in_the_order_of_the_tree():
    first = make_concept("first", en="first")
    make_concept("second", en="second")
    below = make_concept("below", broader=first, en="below")
    make_concept("deep", broader=below, en="deep")
    make_concept("elsewhere", scheme="target-groups", en="elsewhere")

    assert get_vocabulary().choices("topics", "en") == [
        ("first", "first"),
        ("below", "\u2003below"),
        ("deep", "\u2003\u2003deep"),
        ("second", "second"),
    ]


@pytest.mark.django_db
def test_a_retired_concept_is_named_but_not_offered():
    old = make_concept("old", retired=True, en="old word")
    make_concept("below", broader=old, en="below")

    known = get_vocabulary()

    assert known.choices("topics", "en") == [("below", "below")]
    assert known.label("topics", "old", "en") == "old word"


@pytest.mark.django_db
def test_narrower_is_everything_below_however_deep():
    first = make_concept("first")
    below = make_concept("below", broader=first)
    make_concept("deep", broader=below)
    make_concept("aside")

    known = get_vocabulary()

    assert known.narrower("first") == {"below", "deep"}
    assert known.with_narrower("below") == {"below", "deep"}
    assert known.narrower("aside") == frozenset()
    assert known.get_path("deep") == ("first", "below")


@pytest.mark.django_db
def test_a_circle_in_the_rows_ends_nowhere_but_does_not_hang():
    one = make_concept("one", en="one")
    two = make_concept("two", broader=one, en="two")
    Concept.objects.filter(pk=one.pk).update(broader=two)

    known = get_vocabulary()

    assert known.choices("topics", "en") == []
    assert set(known.get_path("one")) == {"one", "two"}


def test_another_process_changing_the_rows_is_noticed(stored, monkeypatch):
    clock = iter([1000.0, 1010.0, 1031.0])
    monkeypatch.setattr(snapshot, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    reset()
    before = get_vocabulary()
    ConceptLabel.objects.filter(label="prison", language="en").update(label="gaol")
    VocabularyVersion.objects.update(token="from-elsewhere")

    soon = get_vocabulary().label("topics", "prison", "en")
    later = get_vocabulary()

    assert (before.label("topics", "prison", "en"), soon) == ("prison", "prison")
    assert (later.label("topics", "prison", "en"), later.version) == ("gaol", "from-elsewhere")


def test_an_unchanged_version_keeps_the_snapshot(stored, monkeypatch, django_assert_num_queries):
    before = get_vocabulary()
    later = snapshot._looked_at + 31
    monkeypatch.setattr(snapshot, "time", SimpleNamespace(monotonic=lambda: later))

    with django_assert_num_queries(1):
        assert get_vocabulary() is before


def test_the_version_changes_with_the_rows_and_only_then(stored):
    first = get_version()
    services.load_vocabulary(NOON)
    second = get_version()
    ConceptLabel.objects.filter(label="prison", language="en").update(label="gaol")
    services.load_vocabulary(NOON)

    assert first == second
    assert get_version() != first


@pytest.mark.django_db
def test_terms_for_search_are_the_labels_of_topics_and_target_groups_in_use():
    prison = make_concept("prison", en="prison", sq="burg")
    ConceptLabel.objects.create(concept=prison, language="en", label="gaol", kind="hidden")
    make_concept("teachers", scheme="target-groups", en="teachers")
    make_concept("police", scheme="organisation-kinds", en="police")
    make_concept("old", retired=True, en="old")

    assert sorted(load_terms()) == [
        ("prison", "en", "gaol", False),
        ("prison", "en", "prison", True),
        ("prison", "sq", "burg", True),
        ("teachers", "en", "teachers", True),
    ]


def test_languages_of_one_readership_are_found_together(vocabulary):
    assert vocabulary.get_found_together("hr") == {
        "bs", "bs-Cyrl", "cnr", "cnr-Cyrl", "hr", "sr-Latn", "sr-Cyrl",
    }  # fmt: skip
    assert vocabulary.get_found_together("sq") == {"sq"}
    assert vocabulary.get_found_together("sr") == vocabulary.get_found_together("cnr")


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("sr-latn", "en", "Serbian (Latin)"),
        ("sr", "sl", "srbščina (cirilica)"),
        ("cnr", "sq", "malazezisht"),
        ("mk", "el", "Μακεδονικά"),
        ("xx", "en", "xx"),
    ],
)
def test_language_name_in_another_language(vocabulary, code, language, name):
    assert vocabulary.language_name(code, language) == name


@pytest.mark.parametrize("scheme", Scheme.values)
def test_every_concept_has_a_label_of_its_own_in_every_language(vocabulary, scheme):
    missing = [
        (entry.key, language)
        for entry in vocabulary.get_concepts(scheme)
        for language in LANGUAGES
        if language not in {row.language for row in entry.labels if row.kind == "preferred"}
    ]

    assert vocabulary.get_concepts(scheme)
    assert missing == []
