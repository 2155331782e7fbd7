"""A small survey with a design, made the same each time."""

import csv
import json
import random
from pathlib import Path

from focal.sharing.markings import Marking
from focal.surveys import services
from focal.surveys.models import Question
from tests.factories import NOON

SCALE = [
    {"value": 1, "label": {"en": "Very satisfied", "sq": "Shumë i kënaqur"}},
    {"value": 2, "label": {"en": "Satisfied"}},
    {"value": 3, "label": {"en": "Dissatisfied"}},
]
DESIGN = {
    "survey": {"key": "barometer", "title": "A barometer", "population": "Adults"},
    "edition": {
        "name": "2024",
        "fieldwork_start": "2024-02-01",
        "fieldwork_end": "2024-03-01",
        "mode": "face to face",
        "base": "Adults in two economies",
        "source_title": "The barometer's tables",
    },
    "weight": "weight",
    "strata": "region",
    "clusters": ["point"],
    "groups": [
        {
            "key": "economy",
            "label": "Economy",
            "is_economy": True,
            "values": {"1": "AL", "2": "XK"},
        },
        {"key": "sex", "label": "Sex", "values": {"f": "Women", "m": "Men"}},
    ],
    "questions": [
        {
            "code": "q1",
            "text": {"en": "How satisfied are you with security?", "sq": "Sa i kënaqur jeni?"},
            "scale": SCALE,
            "direction": "best_first",
            "missing": [9],
        },
        {"code": "age", "text": "How old are you?", "kind": "number", "missing": [-1]},
    ],
}


def make_rows(count=400, seed=1):
    """Answers: two economies, four regions, twenty points; Kosovo's third answer is rare."""
    dice = random.Random(seed)
    rows = []
    for number in range(count):
        economy = 1 + number % 2
        is_rare = number in {1, 3, 7}
        answers = [1, 1, 2, 9] if economy == 2 else [1, 2, 3]
        rows.append(
            {
                "name": f"Person {number}",
                "economy": economy,
                "sex": "fm"[number // 2 % 2],
                "region": f"{economy}{number // 4 % 2}",
                "point": number % 20,
                "weight": round(0.5 + dice.random(), 3),
                "q1": 3 if is_rare else dice.choice(answers),
                "age": dice.choice([18, 35, 52, -1]),
            }
        )
    return rows


def write_csv(path: Path, rows, separator=","):
    """The rows as a file."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)
    return path


def change(design=None, **changes):
    """A copy of a design with other parts."""
    return {**json.loads(json.dumps(design or DESIGN)), **changes}


def bring(
    editor, organisation, folder, *, rows=None, design=None, marking=Marking.CLEAR, publish=True
):
    """An edition in the store; its survey published."""
    from focal.records.services import take_step
    from focal.surveys.selectors import get_survey

    path = write_csv(folder / "answers.csv", rows or make_rows())
    brought = services.import_edition(
        path=path,
        design=design or DESIGN,
        owner_organisation=organisation,
        by=editor,
        at=NOON,
        marking=marking,
    )
    survey = get_survey(editor, brought.edition.survey.reference)
    if publish and survey.state == "draft":
        take_step(record=survey, step="publish", by=editor, at=NOON)
        survey = get_survey(editor, survey.reference)
    return survey, brought.edition


def find(edition, code="q1"):
    """A question with its edition."""
    return Question.objects.select_related("edition").get(edition=edition, code=code)
