"""Bad data: each kind of it gives a sentence that says what to do, and what stands stays."""

import os

import pytest

from focal.directory.models import Organisation
from focal.indicators.exchange.importing import import_series
from focal.indicators.models import Observation
from focal.kernel.errors import BadInput
from tests.factories import NOON
from tests.indicators.making import make_series

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HEAD = "key,series,unit,area,value,upper,qualifier,as_of,group,source_title,note\n"
NO_NUMBER = "is not a number that can be kept. Write it as 1234.5."
SAFE = "people-who-left,People who left,%,AL,"


@pytest.fixture
def standing(editor):
    """A series that stands already, as a share of a whole."""
    return make_series(
        editor,
        unit="%",
        measure="share",
        scale="Very safe\nRather safe\nRather unsafe",
        observations=[{"area": "AL", "value": 44, "as_of": "2023", "source_title": "A survey"}],
    )


@pytest.fixture
def bring(editor, tmp_path, standing):
    """Brings these rows in; gives the report."""
    owner = Organisation.objects.get(pk=min(editor.writes_for))

    def bring(content, name="file.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else (HEAD + content).encode())
        return import_series(path=path, owner=owner, by=editor, at=NOON)

    return bring


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (SAFE + "101,,,2024,,x,", "value", "a share of a whole is between 0 and 100 %."),
        (SAFE + "-1,,,2024,,x,", "value", "a share of a whole is between 0 and 100 %."),
        (SAFE + "44,,,2024,,x,\n" + SAFE + "44,,,2024,,x,", "area",
         "this is figure 1 once more; remove one of them."),
        (SAFE + "=1+1,,,2024,,x,", "value", f"'=1+1' {NO_NUMBER}"),
        (SAFE + "1_0,,,2024,,x,", "value", f"'1_0' {NO_NUMBER}"),
        (SAFE + "44,40,,2024,,x,", "upper", "the upper end is below the value."),
        (SAFE + "44,,nearly,2024,,x,", "qualifier", "'nearly' is not one of the choices."),
        (SAFE + "44,,,last year,,x,", "as_of",
         "'last year' is not a day, a month (2024-05) or a year."),
        (SAFE + "44,,,2024,,,", "source_title", "say where it comes from."),
        (SAFE.replace("AL", "Atlantis") + "44,,,2024,,x,", "area",
         "'Atlantis' is neither an economy nor a group of economies."),
    ],
    ids=["101 %", "below nothing", "the same twice", "a formula", "a program's number",
         "ends crossed", "unknown qualifier", "no day", "no source", "no such place"],
)  # fmt: skip
def test_cell_is_named_with_a_sentence_and_nothing_is_lost(bring, row, column, sentence):
    report = bring(row + "\n")

    problems = [p for outcome in report.series for p in outcome.problems]
    assert [(p["column"], p["sentence"]) for p in problems] == [(column, sentence)]
    assert [str(row.value.normalize()) for row in Observation.objects.standing()] == ["44"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (HEAD.encode() + b"k,t,%,AL,44,,,2024,,Sjednotenje \xe9\xff,\n",
         "is not in UTF-8 (line 2)"),
        (b"\xff\xfea\x00r", "is not in UTF-8 (line 1)"),
        (b"area,value,area\nAL,1,AL\n", "The column 'area' is there twice"),
    ],
    ids=["old letters", "half of a letter", "a column twice"],
)  # fmt: skip
def test_file_is_refused_with_a_sentence_and_nothing_is_lost(bring, content, sentence):
    with pytest.raises(BadInput) as refusal:
        bring(content)

    assert sentence in str(refusal.value)
    assert Observation.objects.standing().count() == 1


def test_file_of_two_gigabytes_is_refused_unread(bring, editor, tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 2 * 1024**3)

    with pytest.raises(BadInput, match="has 2048 MB; at most 100 MB"):
        import_series(
            path=path, owner=Organisation.objects.get(pk=min(editor.writes_for)), by=editor, at=NOON
        )

    assert Observation.objects.standing().count() == 1


def test_scale_turned_round_is_warned_of_before_it_goes_out(bring):
    answers = ("Very safe", "Rather safe", "Rather unsafe")
    rows = [
        f"{SAFE}{value},,,{year},{answer},x,"
        for year, values in ((2023, (60, 30, 10)), (2024, (9, 31, 60)))
        for answer, value in zip(answers, values, strict=True)
    ]

    report = bring("\n".join(rows) + "\n")

    assert [warning for outcome in report.series for warning in outcome.warnings] == [
        "Scale turned round: The answers at Albania, Very safe, as of 2024, 9 are those of Albania,"
        " Very safe, as of 2023, 60 read from the other end: is the scale the wrong way round?"
    ]
