"""What the mapping declares: its addresses, rows and kinds."""

from tests.doors import listing, plain, record

DOORS = (
    listing("mapping:home"),
    listing("mapping:list", "", "?economy=AL", args=("needs",)),
    record("mapping:record"),
    plain("mapping:organisations"),
    plain("mapping:organisations_decide", method="post"),
    plain("mapping:organisations_undo", 0, method="post"),
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
