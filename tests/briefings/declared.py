"""What the briefings declare; see tests/declared.py."""

from tests.door import listing, plain, record

NOTHING = "nothinghere222"

DOORS = (
    listing("briefings:list"),
    plain("briefings:new"),
    record("briefings:briefing"),
    record("briefings:briefing_file", "en", "docx"),
    record("briefings:edit"),
    record("briefings:add", "text"),
    record("briefings:change", NOTHING),
    record("briefings:arrange", NOTHING, "up", method="post"),
    record("briefings:undo", method="post"),
    record("briefings:freeze"),
    record("briefings:edition"),
    record("briefings:edition_file", "en", "pdf"),
)
ON_RECORDS = {"briefings.Binding", "briefings.EditionFile"}
SYSTEM_PLACES = {"briefings/nudges.py", "briefings/services.py", "briefings/starter.py"}
KINDS = {"briefing": {"template": "factsheet", "blocks": []}}
