"""The starter content speaks the vocabulary's language, and everything in it has a source."""

import json
import re
from pathlib import Path

import pytest

import focal.web
from focal.vocabulary import files
from focal.vocabulary.languages import canonical_language

FOLDER = Path(focal.web.__file__).parent / "starter"
STATUSES = {"member", "associate", "observer", "guest"}
AREAS = {"WB6", "SEE", "EU", "world"}


FILES = {"series": "figures", "sections": "statements"}


def read(name):
    path = FOLDER / f"{FILES.get(name, name)}.json"
    return json.loads(path.read_text(encoding="utf-8"))[name]


def walk(value):
    """All texts in a piece of JSON."""
    if isinstance(value, str):
        yield value
    for part in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from walk(part)


def read_all():
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]


@pytest.fixture(scope="module")
def keys():
    return {
        scheme: {row.key for row in files.read_concepts(scheme)}
        for scheme in (
            "topics", "target-groups", "organisation-kinds", "prevention-levels", "extremism-kinds"
        )
    }  # fmt: skip


@pytest.fixture(scope="module")
def economies():
    return {row.code for row in files.read_economies()}


@pytest.fixture(scope="module")
def organisations():
    return {row["acronym"] or row["name"] for row in read("organisations")}


def test_organisations_are_of_a_known_kind_and_have_a_source(keys, economies):
    for row in read("organisations"):
        assert row["kind"] in keys["organisation-kinds"]
        assert row["economy"] in economies | {""}
        assert row["source_url"].startswith("http")


def test_one_organisation_is_the_secretariat():
    assert [row["acronym"] for row in read("organisations") if row["is_secretariat"]] == ["RCC"]


def test_formats_have_known_members_and_sources(economies, organisations):
    for body in read("formats"):
        assert body["sources"]
        for row in body["members"]:
            named = [row["economy"], row["organisation"], row["other"]]
            assert len(list(filter(None, named))) == 1
            assert row["economy"] in economies | {""}
            assert row["organisation"] in organisations | {""}
            assert row["status"] in STATUSES
        for row in body["chairs"]:
            assert bool(row["economy"]) != bool(row["organisation"])
            assert row["organisation"] in organisations | {""}


@pytest.mark.parametrize(
    ("slug", "count", "has_kosovo"),
    [("nfp", 13, True), ("rnnc", 6, True), ("seemic", 12, False), ("seensa", 13, True),
     ("selec", 12, False), ("pcc-see", 10, False), ("racviac", 9, False), ("iisg", 6, True)],
)  # fmt: skip
def test_rights_and_names_hang_on_the_format(slug, count, has_kosovo):
    body = next(row for row in read("formats") if row["slug"] == slug)

    members = {row["economy"] for row in body["members"] if row["status"] == "member"} - {""}

    assert (len(members), "XK" in members) == (count, has_kosovo)


def test_every_figure_says_what_it_counts_where_and_who_says_so(keys, economies):
    for series in read("series"):
        assert all(series[name] for name in ("title", "unit", "counted", "population"))
        assert set(series["topics"]) <= keys["topics"]
        assert set(series["economies"]) <= economies
        for row in series["observations"]:
            assert row["area"] in AREAS | economies
            assert row["source"]["title"]
            assert row["source"]["url"] or "brochure" in row["source"]["title"]
            assert row["upper"] is None or row["upper"] >= row["value"]


def test_the_brochures_figures_are_all_there():
    shown = {
        (series["key"], row["area"], row["qualifier"], row["value"])
        for series in read("series")
        for row in series["observations"]
        if row["is_headline"]
    }

    assert shown == {
        ("ftf-travelled-western-balkans", "WB6", "about", 1000),
        ("ftf-returned-western-balkans", "WB6", "about", 300),
        ("ftf-killed-western-balkans", "WB6", "more_than", 200),
        ("ftf-remained-western-balkans", "WB6", "some", 400),
        ("ftf-sentenced-western-balkans", "WB6", "more_than", 70),
        ("ftf-sentence-years-western-balkans", "WB6", "more_than", 380),
        ("ftf-travelled-eu", "EU", "about", 7500),
        ("interpol-notices", "EU", "exact", 140),
        ("crime-top-concern", "SEE", "exact", 16),
        ("crime-top-concern", "EU", "exact", 11),
        ("regional-cooperation-helps", "SEE", "exact", 73),
        ("security-dissatisfied", "SEE", "exact", 44),
        ("security-satisfied", "SEE", "exact", 27),
    }


def test_records_use_known_words_and_have_sources(keys, economies, organisations):
    seen = set()
    for row in read("records"):
        fields = row["fields"]
        assert set(row["economies"]) <= economies
        assert set(row["topics"]) <= keys["topics"]
        assert set(row["target_groups"]) <= keys["target-groups"]
        assert set(row["organisations"]) <= organisations
        assert set(fields.get("prevention_levels", [])) <= keys["prevention-levels"]
        assert set(fields.get("extremism_kinds", [])) <= keys["extremism-kinds"]
        assert row["sources"] or row["kind"] == "toolkit"
        assert {item["record"] for item in row["items"]} <= seen
        assert row["key"] not in seen
        seen.add(row["key"])


def test_translations_by_machine_wait_for_a_native_reader():
    languages = {row.code for row in files.read_languages()}
    for row in read("records"):
        codes = [row["language"], *(text["language"] for text in row["translations"])]
        assert set(codes) <= languages
        assert len(codes) == len(set(map(canonical_language, codes)))
        assert all(
            text["needs_check"] for text in row["translations"] if text["origin"] == "machine"
        )


def test_invented_records_say_so():
    for row in read("records"):
        says = [row["title"], row["body"], *(text["title"] for text in row["translations"])]
        if any(source["note"] == "DEMO" for source in row["sources"]):
            assert all("DEMO" in text for text in says)
        else:
            assert not any("DEMO" in text for text in says)


def test_kosovo_never_stands_without_its_asterisk():
    bare = re.compile(r"(Kosov[oaë]|Косово|Κόσοβο|Κοσσυφοπέδιο)\b(?!\*)")
    texts = [text for data in read_all() for text in walk(data) if not text.startswith("http")]

    assert [text for text in texts if bare.search(text)] == []


def test_economies_are_not_called_countries_and_nobody_can_be_rung_up():
    texts = [text for data in read_all() for text in walk(data) if not text.startswith("http")]

    assert [text for text in texts if re.search(r"\bcountr|@|\+\d{2}", text, re.IGNORECASE)] == []


@pytest.mark.shared_data
def test_the_statements_are_our_own_words(shared_data):
    mission = shared_data.parent / "mission" / "rcc-security-cooperation.txt"
    theirs = re.sub(r"\W+", " ", mission.read_text("utf-8").lower()).split()
    runs = {tuple(theirs[at : at + 9]) for at in range(len(theirs) - 8)}

    for section in read("sections"):
        for statement in section["statements"]:
            ours = re.sub(r"\W+", " ", statement["text"].lower()).split()
            copied = [
                ours[at : at + 9] for at in range(len(ours) - 8) if tuple(ours[at : at + 9]) in runs
            ]
            assert copied == []
