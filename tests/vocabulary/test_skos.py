"""SKOS out and in: what goes out comes back the same, and a broken file is refused in words."""

import pytest

from focal.kernel.errors import BadInput
from focal.vocabulary import services, skos
from focal.vocabulary.files import ConceptRow, LabelRow
from focal.vocabulary.models import Concept, ConceptLabel, Scheme
from focal.vocabulary.selectors import get_vocabulary
from focal.vocabulary.services import Changes, ImportSummary
from tests.factories import NOON

HEAD = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix x: <http://example.org/> .
"""
SOUND = (
    HEAD
    + """
x:prison a skos:Concept ; skos:prefLabel "prison"@en, "burg"@sq ; skos:altLabel "gaol"@en .
x:probation a skos:Concept ; skos:prefLabel "probation"@en ; skos:broader x:prison .
"""
)


@pytest.fixture
def write(tmp_path):
    def write(text, name="list.ttl"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("scheme", "form", "name"),
    [
        ("topics", "turtle", "a.ttl"),
        ("topics", "xml", "a.rdf"),
        ("topics", "json-ld", "a.jsonld"),
        *((scheme, "turtle", "a.ttl") for scheme in Scheme.values if scheme != "topics"),
    ],
)
def test_what_goes_out_comes_back_the_same(stored, write, scheme, form, name):
    path = write(skos.serialise(skos.export_skos(scheme), form), name)
    count = len(stored.get_concepts(scheme))

    summary = services.import_concepts(scheme=scheme, rows=skos.read_skos(path, scheme), at=NOON)

    assert summary == ImportSummary(new=(), changed=(), retired=(), unchanged=count)
    assert services.load_vocabulary(NOON) == Changes()


def test_a_list_taken_to_an_empty_house_is_the_same_there(stored, write):
    path = write(skos.serialise(skos.export_skos("topics")))
    ConceptLabel.objects.all().delete()
    Concept.objects.update(broader=None)
    Concept.objects.all().delete()

    services.import_concepts(scheme="topics", rows=skos.read_skos(path, "topics"), at=NOON)

    there = get_vocabulary()
    assert there.get_tree("topics") == stored.get_tree("topics")
    assert there.choices("topics", "bg") == stored.choices("topics", "bg")
    assert {(e.key, frozenset(e.labels), e.note) for e in there.get_concepts("topics")} == {
        (e.key, frozenset(e.labels), e.note) for e in stored.get_concepts("topics")
    }


def test_a_retired_concept_goes_out_as_deprecated_and_stays_retired(stored, write):
    Concept.objects.filter(key="strategic-communication").update(retired_at=NOON)
    services.mark_changed(NOON)
    path = write(skos.serialise(skos.export_skos("topics")))

    rows = skos.read_skos(path, "topics")

    assert "strategic-communication" not in {row.key for row in rows}
    assert {row.broader for row in rows if row.key == "counter-narrative"} == {"communication"}


@pytest.mark.django_db
def test_a_file_is_read_into_rows(write):
    assert skos.read_skos(write(SOUND), "topics") == [
        ConceptRow(
            "prison",
            "",
            (
                LabelRow("en", "prison"),
                LabelRow("sq", "burg"),
                LabelRow("en", "gaol", "alternative"),
            ),
        ),
        ConceptRow("probation", "prison", (LabelRow("en", "probation"),)),
    ]


@pytest.mark.django_db
def test_a_trial_says_what_would_happen_and_writes_nothing(write):
    old = Concept.objects.create(key="old", scheme="topics")
    Concept.objects.create(key="prison", scheme="topics")
    rows = skos.read_skos(write(SOUND), "topics")

    summary = services.import_concepts(scheme="topics", rows=rows, at=NOON, dry_run=True)

    assert summary == ImportSummary(
        new=("probation",), changed=("prison",), retired=("old",), unchanged=0
    )
    assert list(Concept.objects.order_by("key").values_list("key", "retired_at")) == [
        ("old", None),
        ("prison", None),
    ]
    old.refresh_from_db()
    assert not ConceptLabel.objects.exists()


@pytest.mark.django_db
def test_an_import_writes_what_the_trial_said(write):
    Concept.objects.create(key="old", scheme="topics")
    Concept.objects.create(key="untouched", scheme="target-groups")
    rows = skos.read_skos(write(SOUND), "topics")

    services.import_concepts(scheme="topics", rows=rows, at=NOON)

    assert list(
        Concept.objects.order_by("key").values_list("key", "broader__key", "retired_at", "origin")
    ) == [
        ("old", None, NOON, "hand"),
        ("prison", None, None, "hand"),
        ("probation", "prison", None, "hand"),
        ("untouched", None, None, "hand"),
    ]
    assert get_vocabulary().label("topics", "prison", "sq") == "burg"


@pytest.mark.django_db
def test_a_partial_import_retires_nothing(write):
    Concept.objects.create(key="old", scheme="topics")
    rows = skos.read_skos(write(SOUND), "topics")

    summary = services.import_concepts(scheme="topics", rows=rows, at=NOON, partial=True)

    assert summary.retired == ()
    assert Concept.objects.get(key="old").retired_at is None


def test_an_import_is_not_undone_by_loading_the_files(stored, write):
    text = HEAD + 'x:prison a skos:Concept ; skos:prefLabel "correctional institution"@en .'
    rows = skos.read_skos(write(text), "topics")
    services.import_concepts(scheme="topics", rows=rows, at=NOON, partial=True)

    services.load_vocabulary(NOON)

    assert get_vocabulary().label("topics", "prison", "en") == "correctional institution"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "There is no concept in this file"),
        ("this is no turtle", "cannot be read as SKOS"),
        ("x:a a skos:Concept .", "'a' has no preferred label"),
        (
            'x:a a skos:Concept ; skos:prefLabel "a"@en ; skos:broader x:nowhere .',
            "'a' stands below 'http://example.org/nowhere', which is not in the file",
        ),
        (
            'x:a a skos:Concept ; skos:prefLabel "a"@en .'
            ' x:b a skos:Concept ; skos:prefLabel "b"@en .'
            ' x:c a skos:Concept ; skos:prefLabel "c"@en ; skos:broader x:a, x:b .',
            r"'c' stands below several concepts \(a, b\)",
        ),
        (
            'x:a a skos:Concept ; skos:prefLabel "a"@en ; skos:broader x:b .'
            ' x:b a skos:Concept ; skos:prefLabel "b"@en ; skos:broader x:a .',
            "stand in a circle: a > b > a",
        ),
        (
            'x:a a skos:Concept ; skos:prefLabel "a"@en ; skos:broader x:a .',
            "stand in a circle: a > a",
        ),
        (
            'x:a a skos:Concept ; skos:prefLabel "a"@en, "b"@en .',
            "'a' has two preferred labels in the language 'en'",
        ),
        (
            'x:a a skos:Concept ; skos:prefLabel "a"@abcdefghijklmnop .',
            "'abcdefghijklmnop' is not the code of a language",
        ),
        ('x:a a skos:Concept ; skos:prefLabel " "@en .', "A label of 'a' is empty"),
        (f'x:a a skos:Concept ; skos:prefLabel "{"x" * 201}"@en .', "longer than 200"),
        (
            'x:a a skos:Concept ; skos:prefLabel "a"@en .'
            ' <http://other.org/a> a skos:Concept ; skos:prefLabel "a"@en .',
            "Two concepts have the same key 'a'",
        ),
    ],
)
def test_a_broken_file_is_refused_in_words(write, body, sentence):
    with pytest.raises(BadInput, match=sentence):
        skos.read_skos(write(HEAD + body), "topics")


@pytest.mark.django_db
def test_narrower_is_broader_the_other_way_round(write):
    body = (
        'x:a a skos:Concept ; skos:prefLabel "a"@en ; skos:narrower x:b .'
        ' x:b a skos:Concept ; skos:prefLabel "b"@en .'
    )

    rows = skos.read_skos(write(HEAD + body), "topics")

    assert [(row.key, row.broader) for row in rows] == [("a", ""), ("b", "a")]


@pytest.mark.django_db
def test_british_and_american_labels_stand_side_by_side(write):
    body = 'x:a a skos:Concept ; skos:prefLabel "programme"@en-GB, "program"@en-US .'

    rows = skos.read_skos(write(HEAD + body), "topics")

    assert rows[0].labels == (
        LabelRow("en", "programme"),
        LabelRow("en", "program", "alternative"),
    )


def test_a_key_of_another_list_is_refused(stored, write):
    body = 'x:teachers a skos:Concept ; skos:prefLabel "teachers"@en .'

    with pytest.raises(
        BadInput, match=r"'teachers' already stands in another list \(target-groups"
    ):
        skos.read_skos(write(HEAD + body), "topics")


@pytest.mark.parametrize(
    "text",
    [
        '{"@context": "https://example.org/context.json", "@id": "x:a"}',
        '{"@context": [{}, "https://example.org/context.json"], "@id": "x:a"}',
        '{"@graph": [{"@context": {"@import": "https://example.org/c.json"}}]}',
    ],
)
def test_a_file_cannot_make_the_server_fetch_an_address(write, text):
    with pytest.raises(BadInput, match="JSON-LD context elsewhere"):
        skos.read_skos(write(text, "a.jsonld"), "topics")


@pytest.mark.django_db
def test_an_external_entity_is_not_read(write, tmp_path):
    secret = write("the-secret", "secret.txt")
    text = f"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e SYSTEM "{secret.as_uri()}">]>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
             xmlns:skos="http://www.w3.org/2004/02/skos/core#">
    <skos:Concept rdf:about="http://example.org/a">
      <skos:prefLabel xml:lang="en">a&e;</skos:prefLabel></skos:Concept></rdf:RDF>"""

    rows = skos.read_skos(write(text, "a.rdf"), "topics")

    assert rows == [ConceptRow("a", "", (LabelRow("en", "a"),))]


def test_other_kinds_of_file_are_refused(write):
    with pytest.raises(BadInput, match=r"this one is 'a\.docx'"):
        skos.read_skos(write("", "a.docx"), "topics")


@pytest.mark.django_db
@pytest.mark.shared_data
def test_a_piece_of_eurovoc_comes_in(shared_data, write):
    wanted = {"4452", "5634", "3955", "6215", "3347"}
    lines = (shared_data / "eurovoc" / "eurovoc_labels.tsv").read_text("utf-8").splitlines()
    languages = lines[0].split("\t")[1:]
    body = ""
    for line in lines[1:]:
        key, *labels = line.split("\t")
        if key in wanted:
            for language, label in zip(languages, labels, strict=True):
                if label:
                    body += (
                        f'<http://eurovoc.europa.eu/{key}> skos:prefLabel "{label}"@{language} .'
                    )
            body += f"<http://eurovoc.europa.eu/{key}> a skos:Concept ."

    rows = skos.read_skos(write(HEAD + body), "topics")

    assert {row.key for row in rows} == wanted
    terrorism = next(row for row in rows if row.key == "4452")
    assert ("sr-Cyrl", "тероризам") in {(row.language, row.label) for row in terrorism.labels}
