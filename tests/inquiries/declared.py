"""Doors, rows and kinds of the exchange."""

from tests.door import Door, listing, plain, record

NOWHERE = "nowhereatall22"
QUESTION = (("title", "prevention of radicalisation among youth in prison and school"),)
DOORS = (
    listing(
        "inquiries:list",
        "",
        "?status=any",
        "?status=closed",
        "?whose=for-me&status=any",
        "?whose=mine&status=any",
        "?status=any&q=quiet",
        "?status=any&page=2",
    ),
    plain("inquiries:ask"),
    plain("inquiries:ask_autosave"),
    plain("inquiries:ask_afresh", method="post"),
    Door("inquiries:near", "listing", lambda _: [], method="post", data=QUESTION),
    listing("inquiries:report", "", "?from=2020-01-01&to=2030-01-01"),
    listing("inquiries:report_table", "", "?from=2020-01-01&to=2030-01-01"),
    record("inquiries:inquiry"),
    record("inquiries:answer", method="post"),
    record("inquiries:nothing", method="post"),
    record("inquiries:remark", method="post"),
    *(
        record(f"inquiries:{name}", place, method=method)
        for place in ("answer", "remark", "outcome")
        for name, method in (("autosave", "get"), ("afresh", "post"))
    ),
    record("inquiries:edit"),
    record("inquiries:close"),
    record("inquiries:extend", method="post"),
    record("inquiries:reopen", method="post"),
    record("inquiries:draft", method="post"),
    Door("inquiries:pointer", "plain", lambda _: [NOWHERE], method="post"),
    Door("inquiries:agree", "plain", lambda _: [NOWHERE], method="post"),
    Door("inquiries:decline", "plain", lambda _: [NOWHERE], method="post"),
)
ON_RECORDS = {"inquiries.Answer", "inquiries.Pointer", "inquiries.SourceRequest"}
SYSTEM_PLACES = {"inquiries/indexing.py", "inquiries/nudges.py", "inquiries/services.py"}
KINDS = {"inquiry": {"due_date": "2026-04-01", "answer_form": "A few lines"}}
