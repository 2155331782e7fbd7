"""What the mapping keeps. A package, because frames, records and their details are three things."""

from focal.mapping.models.details import (
    Identifier,
    InitiativeFunding,
    InitiativePartner,
    InitiativePlace,
    InitiativeSplit,
)
from focal.mapping.models.frames import Frame, FrameNode
from focal.mapping.models.importing import (
    ColumnMapping,
    ImportedState,
    MappingImport,
    MappingImportRow,
)
from focal.mapping.models.insight import (
    BlindSide,
    BlindWish,
    CoverageFact,
    CoverageState,
    OverlapPair,
    OverlapVerdict,
    PairKind,
)
from focal.mapping.models.records import (
    KINDS,
    Initiative,
    MappedRecord,
    Need,
    Response,
    is_known,
)
from focal.mapping.models.upkeep import Effort, PartnerQuestion

__all__ = [
    "KINDS",
    "BlindSide",
    "BlindWish",
    "ColumnMapping",
    "CoverageFact",
    "CoverageState",
    "Effort",
    "Frame",
    "FrameNode",
    "Identifier",
    "ImportedState",
    "Initiative",
    "InitiativeFunding",
    "InitiativePartner",
    "InitiativePlace",
    "InitiativeSplit",
    "MappedRecord",
    "MappingImport",
    "MappingImportRow",
    "Need",
    "OverlapPair",
    "OverlapVerdict",
    "PairKind",
    "PartnerQuestion",
    "Response",
    "is_known",
]
