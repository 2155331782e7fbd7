"""Files as others publish them, each read here a second time, by other means, and compared."""

import csv
from collections import Counter, defaultdict
from decimal import Decimal

import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from focal.mapping.coverage.loading import load_facts
from focal.mapping.importing import jobs
from focal.mapping.importing.columns import find_header, propose_columns
from focal.mapping.importing.entries import FileNotes
from focal.mapping.importing.tables import open_table
from focal.mapping.models import Identifier, Initiative, InitiativeFunding, MappingImportRow
from focal.records.content import read_content
from focal.records.models import Translation
from focal.vocabulary.services import load_vocabulary
from tests.factories import NOON
from tests.mapping.importing import verdicts

pytestmark = [pytest.mark.django_db, pytest.mark.shared_data, pytest.mark.slow]
REGION = {"AL", "BA", "BG", "HR", "GR", "XK", "MD", "ME", "MK", "RO", "RS", "SI", "TR"}
STORED = Initiative.objects.for_system


@pytest.fixture(autouse=True)
def words(db):
    load_vocabulary(NOON)


def text_of(element, name, language=None):
    for narrative in element.findall(f"{name}/narrative"):
        if narrative.get("{http://www.w3.org/XML/1998/namespace}lang") == language:
            return " ".join("".join(narrative.itertext()).split())
    return ""


@pytest.fixture
def published(shared_data):
    path = shared_data / "iati" / "unhcr-2023" / "UNHCR-Activities-2023.xml"
    activities = etree.parse(path).getroot().findall("iati-activity")
    here = {}
    for activity in activities:
        codes = {each.get("code") for each in activity.iter("recipient-country")} & REGION
        if codes:
            here[text_of_identifier(activity)] = (activity, codes)
    return path, activities, here


def text_of_identifier(activity):
    return activity.findtext("iati-identifier").strip()


def test_iati_of_a_large_publisher_says_here_what_it_says_there(take, published):
    path, activities, here = published

    job = take(path.read_bytes(), name=path.name, apply=True)

    assert verdicts(job) == {"new": len(here), "refused": len(activities) - len(here)}
    stored = {
        row.value: STORED("test").get(pk=row.record_id)
        for row in Identifier.objects.filter(scheme="iati")
    }
    assert set(stored) == set(here)
    for identifier, (activity, codes) in here.items():
        record = stored[identifier]
        content = read_content(record)
        french = Translation.objects.filter(record_id=record.pk, language="fr").first()
        assert record.title == text_of(activity, "title")
        assert (french.title if french else "") == text_of(activity, "title", "fr")
        assert set(content["economies"]) == codes
        days = {each.get("type"): each.get("iso-date") for each in activity.iter("activity-date")}
        assert content["start_date"] == (days.get("2") or days.get("1"))[:10]
        assert sum_of(content["funding"], "budget") == budget_of(activity)
        assert sum_of(content["funding"], "committed") == {}  # it publishes incoming ones alone
        assert len(content["partners"]) == len(participants_of(activity))


def sum_of(funding, stage):
    sums = defaultdict(Decimal)
    for row in funding:
        if row[1] == stage:
            sums[row[3]] += Decimal(row[2])
    return dict(sums)


def budget_of(activity):
    """What is budgeted, by currency: of an original and a revised budget the latter counts."""
    latest = {}
    for budget in sorted(activity.findall("budget"), key=lambda each: each.get("type") or "1"):
        latest[budget.find("period-start").get("iso-date")] = budget.find("value")
    sums = defaultdict(Decimal)
    for value in latest.values():
        sums[value.get("currency")] += Decimal(value.text.strip())
    return {currency: total for currency, total in sums.items() if total}


def participants_of(activity):
    roles = {"1": "donor", "2": "partner", "3": "partner", "4": "implementer"}
    found = {
        (text_of_first(each), roles[each.get("role")])
        for each in activity.iter("participating-org")
    }
    found.add((text_of_first(activity.find("reporting-org")), "lead"))
    return found


def text_of_first(element):
    return " ".join("".join(element.find("narrative").itertext()).split())


def test_iati_brought_a_second_time_adds_nothing(take, published):
    path, activities, here = published
    take(path.read_bytes(), name=path.name, apply=True)
    before = count_all()

    again = take(path.read_bytes(), name=path.name, apply=True)

    assert verdicts(again) == {"unchanged": len(here), "refused": len(activities) - len(here)}
    assert count_all() == before


def count_all():
    facts = load_facts(list(STORED("test").values_list("reference", flat=True)))
    return (
        STORED("test").count(),
        sorted(STORED("test").values_list("version", flat=True)),
        InitiativeFunding.objects.count(),
        Translation.objects.count(),
        round(sum(fact.euro for fact in facts), 2),
    )


def test_iati_leaves_whole_when_it_is_taken_back(take, published, editor):
    path, _activities, here = published
    job = take(path.read_bytes(), name=path.name, apply=True)

    assert jobs.undo(job, by=editor, at=NOON) == []

    assert not Identifier.objects.exists()
    assert verdicts(take(path.read_bytes(), name=path.name))["new"] == len(here)


# Who does what where


def read_groups(rows, *, who, what, title=None):
    """Who does what, by the words of the file: how many rows each has."""
    found = Counter()
    for row in rows:
        key = tuple(" ".join(str(row[name]).split()) for name in (who, what, title) if name)
        if all(key):
            found[key] += 1
    return found


def test_who_does_what_where_of_somalia_is_counted_as_in_its_rows(take, shared_data, editor):
    path = shared_data / "needs_responses" / "3w" / "input"
    path /= "3w_operational_presence_dataset_january_april_2025.xlsx"
    lines = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    rows = [dict(zip(lines[0], line, strict=False)) for line in lines[1:]]
    groups = read_groups(rows, who="Organization_Name", what="Cluster")
    job = take(path.read_bytes(), name=path.name, form="3w")
    assert verdicts(job) == {"refused": len(rows)}  # no economy of the region stands in it

    jobs.set_constant(job, "economy", "AL")
    jobs.check(job, by=editor, at=NOON)

    kept = MappingImportRow.objects.filter(batch=job, verdict="new")
    assert kept.count() == len(groups)
    assert verdicts(job) == {"new": len(groups)}
    places = {tuple(p) for row in kept for p in row.entry["content"].get("places", ())}
    assert {name for _code, name in places} >= {str(row["District"]).strip() for row in rows} - {""}


def test_tables_of_other_regions_are_refused_row_by_row(take, shared_data):
    path = shared_data / "needs_responses" / "3w" / "input" / "3w_august_2025.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if any(row.values())]

    job = take(path.read_bytes(), name=path.name, form="3w", apply=True)

    assert verdicts(job) == {"refused": len(rows)}
    reasons = Counter(
        problem["reason"]
        for row in MappingImportRow.objects.filter(batch=job).iterator()
        for problem in row.problems
        if problem["level"] == "error"
    )
    assert set(reasons) == {"It does not say which economy it is about."}
    assert not STORED("test").exists()


@pytest.mark.parametrize(
    "name", ["input-valid.csv", "input-valid.tsv", "input-valid.ssv", "input-valid.xls",
             "input-valid.xlsx", "input-valid-latin1.csv", "input-merged.xlsx"],
)  # fmt: skip
def test_tags_say_which_column_is_which_whatever_the_file(shared_data, name):
    path = shared_data / "needs_responses" / "hxl_parser_tests" / name

    header = find_header(open_table(path, FileNotes()))

    assert propose_columns(header) == {
        "Sector/Cluster": "topics",
        "Subsector": "topics",
        "Organización": "lead",
        "País": "economy",
        "Departamento/Provincia/Estado": "place",
        "#date+reported": "confirmed",
    }
