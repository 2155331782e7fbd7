"""What the mapping declares: its addresses, rows and kinds."""

from tests.doors import listing, record

DOORS = (
    listing("mapping:home"),
    listing("mapping:list", "", "?economy=AL", args=("needs",)),
    record("mapping:record"),
)
ON_RECORDS = {
    "mapping.Identifier",
    "mapping.InitiativeFunding",
    "mapping.InitiativePartner",
    "mapping.InitiativePlace",
    "mapping.InitiativeSplit",
}
OPEN = {"mapping.Frame", "mapping.FrameNode"}
SYSTEM_PLACES = {"mapping/details.py", "mapping/example/services.py", "mapping/services.py"}
KINDS = {"need": {}, "response": {}, "initiative": {}}
