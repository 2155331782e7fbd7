"""What holds for any file: shares make the whole, each row is accounted for, names are steady."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from focal.directory.matching import has_mixed_alphabets, mend_alphabets
from focal.mapping.details import check_shares
from focal.mapping.importing.columns import find_header, propose_columns
from focal.mapping.importing.entries import FileNotes
from focal.mapping.importing.iati import _Activity
from focal.mapping.importing.table import TableReader
from focal.mapping.importing.tables import open_table

pytestmark = pytest.mark.django_db
FEW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SHARES = st.dictionaries(
    st.sampled_from(["", "AL", "ME", "RS", "XK"]),
    st.none() | st.decimals(min_value=0, max_value=100, places=2),
    min_size=1,
)


@FEW
@given(SHARES)
def test_shares_of_any_activity_make_the_whole_or_are_not_told(shares):
    activity = _Activity(etree.fromstring("<iati-activity/>"), 1)

    rows = activity._complete(shares, "recipient-country")

    if rows:
        total = sum(check_shares(rows).values(), Decimal(0))
        assert abs(total - 100) <= Decimal("0.5")


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters=';"'),
    max_size=20,
)


@FEW
@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=8))
def test_every_row_of_any_table_is_an_entry_or_has_its_reason(tmp_path, rows):
    path = tmp_path / "any.csv"
    lines = ["id;Title;Country;Budget;Start"]
    lines += [";".join((f"R{number}", *row)) for number, row in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = open_table(path, FileNotes())
    header = find_header(table)
    reader = TableReader(table, header, propose_columns(header), scheme="any")

    entries = list(reader.read())

    assert [entry.row for entry in entries] == list(range(2, len(rows) + 2))
    assert all(entry.is_refused or entry.title for entry in entries)


@FEW
@given(st.text(st.sampled_from("abcoехсороАВС ДЖ"), max_size=20))
def test_a_mended_name_is_in_one_alphabet_and_stays_so(name):
    mended = mend_alphabets(name)

    assert mend_alphabets(mended) == mended or has_mixed_alphabets(mended)
    assert len(mended) == len(name)
