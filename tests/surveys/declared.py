"""What the surveys declare; see tests/declared.py."""

from tests.doors import Door, listing, plain, record

NOWHERE = "nowhereatall22"

DOORS = (
    listing("surveys:list"),
    plain("surveys:bring"),
    record("surveys:survey"),
    record("surveys:remove", NOWHERE),
    record("surveys:question", NOWHERE, "q1"),
    Door("surveys:download", "record", lambda reference: [reference, NOWHERE, "q1", "csv"]),
)
ON_RECORDS = {"surveys.SurveyEdition", "surveys.Question"}
SYSTEM_PLACES = {"surveys/services.py"}
