"""What the tests of need-to-know have to know of `records`: see `tests/declared.py`."""

from tests.door import Door, plain, record

NOWHERE = "nowhereatall22"
DOORS = (
    record("records:recall"),
    record("records:ask_release"),
    record("records:ask_second", method="post"),
    record("records:as", "CLEAR"),
    plain("records:sharing_requests"),
    Door("records:sharing_decide", "plain", lambda _: [NOWHERE], method="post"),
    Door("records:waiting_file", "plain", lambda _: [NOWHERE]),
    plain("records:notices", method="post"),
    plain("records:glass"),
    Door("records:glass_decide", "plain", lambda _: [NOWHERE], method="post"),
    Door("records:glass_end", "plain", lambda _: [NOWHERE], method="post"),
)
ON_RECORDS = {
    "records.Opening",
    "records.PastRelease",
    "records.Portion",
    "records.SharingRequest",
}
OWN = {"records.GlassRequest", "records.Notice"}
SYSTEM_PLACES = {"records/glass.py"}
