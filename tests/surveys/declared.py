"""What the surveys declare; see tests/declared.py."""

from tests.door import Door, listing, plain, record

NOTHING = "nothinghere222"

DOORS = (
    listing("surveys:list"),
    plain("surveys:bring"),
    record("surveys:survey"),
    record("surveys:remove", NOTHING),
    record("surveys:question", NOTHING, "q1"),
    record("surveys:keep", NOTHING, "q1", method="post"),
    Door("surveys:download", "record", lambda reference: [reference, NOTHING, "q1", "csv"]),
)
ON_RECORDS = {"surveys.SurveyEdition", "surveys.Question"}
SYSTEM_PLACES = {"surveys/services.py"}
