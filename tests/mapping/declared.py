"""What the mapping declares: its addresses, rows and kinds."""

from tests.door import listing, plain, record

DOORS = (
    listing("mapping:home"),
    listing("mapping:list", "", "?economy=AL", args=("needs",)),
    record("mapping:record"),
    listing("mapping:new", args=("initiatives",)),
    listing(
        "mapping:likely",
        "?title=quietheron+prevention&economies=AL",
        "?title=prevention+of+radicalisation",
        args=("initiatives",),
    ),
    record("mapping:edit"),
    record("mapping:confirm", method="post"),
    record("mapping:ask"),
    plain("mapping:partner", "nosuchsecretanywhere22"),
    plain("mapping:frame_new"),
    plain("mapping:frame", "nowhereatall22"),
    plain("mapping:frame_carry", "nowhereatall22", method="post"),
    plain("mapping:burden"),
    plain("mapping:import"),
    plain("mapping:template", "owningministry"),
    plain("mapping:import_job", "nowhereatall22"),
    plain("mapping:import_columns", "nowhereatall22"),
    plain("mapping:import_step", "nowhereatall22", "apply", method="post"),
    plain("mapping:import_decide", "nowhereatall22", method="post"),
    plain("mapping:import_errors", "nowhereatall22"),
    plain("mapping:organisations"),
    plain("mapping:organisations_decide", method="post"),
    plain("mapping:organisations_undo", 0, method="post"),
    listing("mapping:donors"),
    listing("mapping:cycle", "", "?kind=response"),
    listing("mapping:cycle_file", "?kind=response", args=("xlsx",)),
    listing("mapping:organisation", args=("owningministry",)),
    listing("mapping:economy", args=("AL",)),
    listing("mapping:overlaps", "", "?kind=overlap", "?economy=AL&mine=1"),
    listing("mapping:overlaps_ledger"),
    listing("mapping:overlaps_blind"),
    plain("mapping:overlaps_blind_side", "nowhereatall22"),
    record("mapping:overlaps_of"),
    record("mapping:overlaps_wish", method="post"),
    record("mapping:overlap", "anotherrecord1"),
    record("mapping:overlap_judge", "anotherrecord1", method="post"),
    record("mapping:overlap_introduce", "anotherrecord1", method="post"),
    listing("mapping:coverage", "", "?by=topic", "?by=topic&economy=AL&from=2020&to=2026"),
    listing("mapping:coverage_picture", "?by=topic"),
    listing(
        "mapping:coverage_map",
        "?by=topic",
        "?by=topic&show=initiatives",
        "?by=topic&within=prison",
    ),
    listing("mapping:coverage_timeline", "?by=topic"),
    listing("mapping:coverage_cell", "?by=topic&economy=AL&node=prison"),
    listing("mapping:coverage_file", "?by=topic", args=("matrix", "csv")),
)
ON_RECORDS = {
    "mapping.BlindSide",
    "mapping.BlindWish",
    "mapping.Identifier",
    "mapping.ImportedState",
    "mapping.InitiativeFunding",
    "mapping.InitiativePartner",
    "mapping.InitiativePlace",
    "mapping.InitiativeSplit",
    "mapping.OverlapPair",
    "mapping.OverlapVerdict",
    "mapping.PartnerQuestion",
}
OWN = {"mapping.MappingImport", "mapping.MappingImportRow"}
# Facts of coverage hold every audience and answer by tokens; no page shows them.
OPEN = {
    "mapping.ColumnMapping",
    "mapping.CoverageFact",
    "mapping.CoverageState",
    "mapping.Effort",
    "mapping.Frame",
    "mapping.FrameNode",
}
SYSTEM_PLACES = {
    "mapping/asking.py",
    "mapping/coverage/loading.py",
    "mapping/overlaps/services.py",
    "mapping/details.py",
    "mapping/example/services.py",
    "mapping/services.py",
}
# In a topic, so that what is counted by topic could leak.
KINDS = {kind: {"topics": ["prison"]} for kind in ("need", "response", "initiative")}
