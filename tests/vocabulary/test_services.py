"""Loading the data files: as often as one likes, and never over what a person wrote."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import ProtectedError

from focal.kernel.errors import BadInput
from focal.outbox import registry
from focal.outbox.models import Entry
from focal.outbox.registry import Consumer
from focal.vocabulary import files, services
from focal.vocabulary.files import ConceptRow, LabelRow
from focal.vocabulary.models import Concept, ConceptLabel, Economy, EconomyName, VocabularyVersion
from focal.vocabulary.selectors import get_vocabulary
from focal.vocabulary.services import Changes
from tests.factories import NOON

LATER = NOON + timedelta(days=1)


def read_labels(key, language):
    return sorted(
        ConceptLabel.objects.filter(concept__key=key, language=language).values_list(
            "kind", "label", "origin"
        )
    )


@pytest.fixture
def topics(monkeypatch):
    """A data file of topics that a test can change."""
    rows = [
        ConceptRow("top", "", (LabelRow("en", "top"),)),
        ConceptRow("below", "top", (LabelRow("en", "below"), LabelRow("sq", "poshtë"))),
    ]
    monkeypatch.setattr(files, "read_concepts", lambda scheme: rows if scheme == "topics" else [])
    return rows


@pytest.mark.django_db
def test_loading_twice_changes_nothing_the_second_time():
    first = services.load_vocabulary(NOON)
    version = VocabularyVersion.objects.get()
    rows = set(ConceptLabel.objects.values_list("pk", flat=True))

    second = services.load_vocabulary(LATER)

    assert first.total > 2000
    assert second == Changes()
    assert VocabularyVersion.objects.get() == version
    assert VocabularyVersion.objects.get().changed_at == NOON
    assert set(ConceptLabel.objects.values_list("pk", flat=True)) == rows


@pytest.mark.django_db
def test_what_somebody_changed_in_a_loaded_row_is_put_right_again(topics):
    services.load_vocabulary(NOON)
    EconomyName.objects.filter(economy="TR", language="en").update(is_display=False)
    EconomyName.objects.filter(economy="TR", name="Turkey").update(until=None, is_display=True)
    Economy.objects.filter(pk="XK").update(asterisk=False)

    changes = services.load_vocabulary(LATER)

    assert changes == Changes(changed={"economy": 1, "economyname": 2})
    assert get_vocabulary().economy_name("TR", "en") == "Türkiye"
    assert get_vocabulary().economy_name("XK", "en") == "Kosovo*"


@pytest.mark.django_db
def test_a_concept_that_left_the_file_is_retired_and_comes_back_with_it(topics):
    services.load_vocabulary(NOON)
    gone = topics.pop()

    without = services.load_vocabulary(LATER)

    assert without == Changes(retired={"concept": 1})
    assert Concept.objects.get(key="below").retired_at == LATER

    topics.append(gone)
    services.load_vocabulary(LATER)

    assert Concept.objects.get(key="below").retired_at is None


@pytest.mark.django_db
def test_a_concept_added_by_hand_stays(topics):
    services.load_vocabulary(NOON)
    hers = Concept.objects.create(key="hers", scheme="topics")
    ConceptLabel.objects.create(concept=hers, language="en", label="hers")

    assert services.load_vocabulary(LATER) == Changes()
    assert get_vocabulary().choices("topics", "en")[0] == ("hers", "hers")


@pytest.mark.django_db
def test_a_label_corrected_by_hand_stays_the_one_that_is_shown(topics):
    services.load_vocabulary(NOON)
    ConceptLabel.objects.filter(concept__key="below", language="sq").update(
        label="më poshtë", origin="hand"
    )

    services.load_vocabulary(LATER)
    again = services.load_vocabulary(LATER)

    assert again == Changes()
    assert read_labels("below", "sq") == [
        ("alternative", "poshtë", "file"),
        ("preferred", "më poshtë", "hand"),
    ]


@pytest.mark.django_db
def test_labels_may_change_places_and_back(topics):
    one, two = LabelRow("en", "one"), LabelRow("en", "two")
    before = ConceptRow("below", "top", (one, replace(two, kind="alternative")))
    topics[1] = before
    services.load_vocabulary(NOON)

    topics[1] = ConceptRow("below", "top", (two, replace(one, kind="alternative")))
    there = services.load_vocabulary(LATER)
    shown = get_vocabulary().label("topics", "below", "en")
    topics[1] = before
    back = services.load_vocabulary(LATER)

    assert there == back == Changes(changed={"conceptlabel": 2})
    assert (shown, get_vocabulary().label("topics", "below", "en")) == ("two", "one")


@pytest.mark.django_db
def test_a_concept_can_move_in_the_tree(topics):
    services.load_vocabulary(NOON)
    topics[1] = ConceptRow("below", "", topics[1].labels)

    changes = services.load_vocabulary(LATER)

    assert changes == Changes(changed={"place in the tree": 1})
    assert get_vocabulary().get_path("below") == ()


@pytest.mark.django_db
def test_every_change_is_told_to_whoever_listens(topics, monkeypatch):
    listener = Consumer("listener", frozenset({"vocabulary"}), lambda keys: None)
    monkeypatch.setattr(registry, "_consumers", {"listener": listener})

    services.load_vocabulary(NOON)
    services.load_vocabulary(LATER)

    assert list(Entry.objects.values_list("consumer", "key")) == [
        ("listener", VocabularyVersion.objects.get().token)
    ]


@pytest.mark.django_db
def test_a_concept_with_others_below_cannot_be_deleted(topics):
    services.load_vocabulary(NOON)

    with pytest.raises(ProtectedError):
        Concept.objects.get(key="top").delete()


@pytest.mark.parametrize(
    ("second", "sentence"),
    [("below,nowhere", "'below' stands below 'nowhere'"), ("top,", "'top' is there twice")],
)
def test_a_broken_data_file_is_refused(tmp_path, monkeypatch, second, sentence):
    columns = ["key", "broader", *files.LANGUAGES, "hidden", "uncertain", "note"]
    empty = "," * (len(columns) - 2)
    text = "\n".join([",".join(columns), "top," + empty, second + empty])
    (tmp_path / "topics.csv").write_text(text, encoding="utf-8")
    monkeypatch.setattr(files, "FOLDER", tmp_path)

    with pytest.raises(BadInput, match=sentence):
        files.read_concepts("topics")


def test_alternatives_doubts_and_hidden_words_are_read_from_a_row(vocabulary):
    labels = vocabulary.concepts["exit-programme"].labels

    assert [
        (row.label, row.kind, row.needs_check, row.note)
        for row in labels
        if row.language in ("en", "mk", "el")
    ] == [
        ("exit programme", "preferred", False, ""),
        ("програма за излез", "preferred", True, "needs a native reader's check"),
        ("πρόγραμμα εξόδου", "preferred", False, ""),
        ("exit program", "hidden", False, ""),
    ]


def test_all_given_terms_are_topics(vocabulary):
    assert len(vocabulary.get_concepts("topics")) == 103
    assert len([key for key, _depth in vocabulary.get_tree("topics")]) == 103
