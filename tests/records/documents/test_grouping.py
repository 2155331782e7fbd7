"""Which files are one document in several languages."""

from pathlib import Path

import pytest

from focal.records.importing.sources import Source, collect, group_sources, parse_name


def group(*names):
    sources = [Source(Path(name), name) for name in names]
    return [[source.name for source in group.sources] for group in group_sources(sources)]


@pytest.mark.parametrize(
    "names",
    [
        ["a/en.pdf", "a/mk.pdf", "a/sq.pdf"],
        ["report_en.pdf", "report_sq.pdf"],
        ["report-EN.docx", "report-MK.docx", "report-SR.docx"],
        ["Annual report (EN).pdf", "Annual report (BS).pdf"],
        ["EN Strategy.pdf", "SQ Strategy.pdf"],
        ["en.pdf", "en.txt", "mk.pdf"],
        [
            "udhr_als.xml", "udhr_bos_cyrl.xml", "udhr_bos_latn.xml", "udhr_ell_monotonic.xml",
            "udhr_rmn.xml", "udhr_rmn_1.xml", "udhr_ron_1993.xml", "udhr_srp_latn.xml",
        ],
    ],
)  # fmt: skip
def test_files_that_differ_in_the_language_alone_are_one_document(names):
    assert group(*names) == [names]


@pytest.mark.parametrize(
    "names",
    [
        [f"{number:04}.txt" for number in range(1, 801)],
        ["a/en.pdf", "b/mk.pdf"],
        ["report_en.pdf", "survey_mk.pdf"],
        ["report_en.pdf", "report_en_2.pdf"],
        ["report 2020.pdf", "report 2021.pdf"],
        ["in.txt", "to.txt", "by.txt"],
    ],
)
def test_other_files_are_documents_of_their_own(names):
    assert group(*names) == [[name] for name in names]


def test_number_after_the_language_belongs_to_the_document_if_other_languages_have_it_too():
    found = group("art_en_1.txt", "art_en_2.txt", "art_sq_1.txt", "art_sq_2.txt")

    assert found == [["art_en_1.txt", "art_sq_1.txt"], ["art_en_2.txt", "art_sq_2.txt"]]


@pytest.mark.parametrize(
    ("stem", "base", "language"),
    [
        ("report_MK", "report", "mk"),
        ("udhr_srp_cyrl", "udhr", "sr-Cyrl"),
        ("udhr_bos_latn", "udhr", "bs"),
        ("report_sr_lat", "report", "sr-Latn"),
        ("en", "", "en"),
        ("0001", "0001", ""),
        ("Annual report", "Annual report", ""),
    ],
)
def test_name_says_base_and_language(stem, base, language):
    parts = parse_name(stem)

    assert (parts.base, parts.language) == (base, language)


def test_collect_passes_hidden_and_lock_files_and_the_sheet(tmp_path):
    names = ("b.pdf", "a/en.pdf", ".DS_Store", "~$b.docx", ".git/x.txt", "Thumbs.db", "sheet.csv")
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")

    found = collect(tmp_path, leave_out=[tmp_path / "sheet.csv"])

    assert [source.name for source in found] == ["a/en.pdf", "b.pdf"]
