"""The given documents: nine reports in three languages, the Declaration in eighteen."""

from collections import Counter

import pytest

from focal.records.importing import collect, import_documents
from focal.records.models import Attachment, Record
from tests.factories import NOON, OrganisationFactory, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.shared_data, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"


def bring(folder):
    organisation = OrganisationFactory()
    return import_documents(
        collect(folder),
        by=make_viewer(organisation=organisation),
        organisation=organisation,
        at=NOON,
        publish=True,
    )


def test_osce_reports_become_ten_records_in_three_languages(shared_data):
    report = bring(shared_data / "osce")

    assert [refusal.file for refusal in report.refused] == ["SOURCE.md"]
    assert (len(report.new), len(report.new_records)) == (57, 10)
    told = Counter(
        (item.language, item.file.rpartition("/")[2].partition(".")[0]) for item in report.new
    )
    # One Macedonian PDF of 2004 is set in a font that draws Cyrillic over Latin letters.
    assert sum(count for (found, named), count in told.items() if found == named) >= 56
    titles = Record.objects.for_system("a test looks").values_list("title", flat=True)
    assert "ANALYSIS OF DATA COLLECTED FROM TRIAL MONITORING IN 2016" in titles
    assert Attachment.objects.filter(media_type="application/pdf").count() == 27


def test_declaration_is_one_record_in_all_its_languages(shared_data):
    report = bring(shared_data / "texts" / "udhr")

    assert {item.title for item in report.new} == {"Universal Declaration of Human Rights"}
    assert len(report.new_records) == 1
    assert {item.file[5:-4]: item.language for item in report.new} == {
        "als": "sq",
        "bos_cyrl": "bs-Cyrl",
        "bos_latn": "bs",
        "bul": "bg",
        "ell_monotonic": "el",
        "eng": "en",
        "gag": "gag",
        "hrv": "hr",
        "mkd": "mk",
        "rmn": "rmn",
        "rmn_1": "rmn",
        "rmy": "rmy",
        "ron_1993": "ro",
        "ron_2006": "ro",
        "slv": "sl",
        "srp_cyrl": "sr-Cyrl",
        "srp_latn": "sr-Latn",
        "tur": "tr",
    }
