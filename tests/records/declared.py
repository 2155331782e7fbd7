"""What the tests of need-to-know have to know of `records`: see `tests/declared.py`."""

ON_RECORDS = {
    "records.Opening",
    "records.PastRelease",
    "records.Portion",
    "records.SharingRequest",
}
OWN = {"records.GlassRequest", "records.Notice"}
SYSTEM_PLACES = {"records/glass.py"}
