"""Standing questions find in a document what search finds in an index that holds it."""

import pytest

from focal.alerts.standing import Forms, Questions
from focal.records.selectors import load_search_documents
from focal.search.queries import Query
from focal.search.services import search
from focal.search.thesaurus import get_labels
from focal.vocabulary.services import load_vocabulary
from tests.factories import NOON, make_record

TOKENS = frozenset({"public"})
RECORDS = {
    "prisons0000001": {"title": "Youth work in prisons", "body": "<p>Training of staff.</p>"},
    "schools0000001": {
        "title": "Prevention at school",
        "summary": "Teachers and parents against radicalisation",
        "economies": ["AL"],
        "topics": ["prison"],
    },
    "zatvori0000001": {
        "title": "Рад са младима у затворима",
        "body": "<p>Обука особља; стручњак каже да је превенција могућа.</p>",
        "language": "sr-Cyrl",
        "issued_date": "2021-05-04",
    },
    "shkolla0000001": {
        "title": "Parandalimi i ekstremizmit të dhunshëm",
        "summary": "Burgjet dhe shkollat në Shqipëri",
        "language": "sq",
    },
    "reports0000001": {"title": "Annual report 2023", "body": "<p>nothing else</p>"},
}
ASKED = (
    "youth",
    "youths prisons",
    "training staff",
    "prisons training staff school teachers",
    "youth work school teachers parents radicalisation prison",
    '"youth work"',
    '"work youth"',
    '"training of staff"',
    "title:prevention",
    "title:teachers",
    'title:"youth work"',
    "prevention -school",
    "-school",
    "strucnjak",
    "стручњак",
    "мladima",
    "mladima zatvorima",
    "zatvor",
    "violent extremism",
    "ekstremizmit",
    "shkolla",
    "burg",
    "the of and",
    "report 2023",
    "kind:publication youth",
    "economy:AL prevention",
    "language:sq",
    "topic:prison",
    "topic:prisons",
    "year:2021",
    "prison",
    "zatvori",
    "burgu",
    "annual-report",
    "teacher's",
    "nowhere",
    "extremism prevention",
)


@pytest.fixture
def library(in_step, db):
    """The thesaurus and a few records, in the index."""
    load_vocabulary(NOON)
    for reference, content in RECORDS.items():
        make_record(reference=reference, **content)
    in_step()
    return [Forms(document) for document in load_search_documents(list(RECORDS))]


def test_question_finds_what_search_finds(library):
    different = {}
    for text in ASKED:
        for folding in (True, False):
            query = Query(text=text, folding=folding, meaning=False, limit=100)
            questions = Questions()
            questions.add(1, query, get_labels())

            found = {form.document.key for form in library if questions.match_words(form)}

            answer = search(query, TOKENS)
            wanted = set() if answer.relaxed else {hit.key for hit in answer.hits}
            if found != wanted:
                different[text, folding] = (found, wanted)

    assert different == {}
