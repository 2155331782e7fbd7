"""How a cell of the matrix is read: one function from numbers to a word, and the words.

The rules are those that users of the region's own needs and response mapping expect: a need and
nobody is a gap, an economy that pays alone is a donor's opportunity, two funders at the same
measure for the same people at the same time may be doing the same, support without a stated need
is led by supply. And what is only known from statements past their date is not known: with
stale input every cell would look like a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Reading(models.TextChoices):
    """What a cell says, the most urgent first."""

    GAP = "gap", _("Gap")
    OPPORTUNITY = "opportunity", _("Opportunity")
    THIN = "thin", _("Thin")
    COVERED = "covered", _("Covered")
    CROWDED = "crowded", _("Crowded")
    SUPPLY_LED = "supply-led", _("Supply-led")
    UNKNOWN = "unknown", _("Unknown")


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is counted in a cell, for a period: records that still hold, and those past their date.

    `is_doubled`: two initiatives of different funders serve the same measure or topic, in the
    same economy, for the same target group, and run at the same time.
    """

    needs: int = 0
    responses: int = 0
    initiatives: int = 0
    stale_needs: int = 0
    stale_responses: int = 0
    stale_initiatives: int = 0
    is_doubled: bool = False

    @property
    def known(self) -> int:
        """How many records hold."""
        return self.needs + self.responses + self.initiatives

    @property
    def stale(self) -> int:
        """How many are past the day on which they had to be confirmed again."""
        return self.stale_needs + self.stale_responses + self.stale_initiatives

    @property
    def is_empty(self) -> bool:
        """Nothing at all is recorded, not even something past its date."""
        return not (self.known or self.stale)


def read_cell(numbers: Numbers) -> Reading:
    """What the numbers of a cell mean. What is past its date never decides, it only casts doubt."""
    if numbers.needs:
        return _read_needed(numbers)
    if numbers.stale_needs:
        return Reading.UNKNOWN
    if numbers.initiatives:
        return Reading.SUPPLY_LED
    return Reading.COVERED if numbers.responses else Reading.UNKNOWN


def _read_needed(numbers: Numbers) -> Reading:
    if numbers.initiatives:
        if numbers.is_doubled:
            return Reading.CROWDED
        alone = numbers.initiatives == 1 and not numbers.responses
        return Reading.THIN if alone else Reading.COVERED
    if numbers.stale_initiatives:
        return Reading.UNKNOWN
    if numbers.responses:
        return Reading.OPPORTUNITY
    return Reading.UNKNOWN if numbers.stale_responses else Reading.GAP


@dataclass(frozen=True, slots=True)
class Rule:
    """A reading in words: when it holds, and what it asks of whoever reads it."""

    reading: Reading
    when: str | Promise
    so: str | Promise


RULES: Sequence[Rule] = (
    Rule(
        Reading.GAP,
        _("A need is stated, and nobody acts: no response of the economy's own, no initiative."),
        _("Somebody should. Donors: start here."),
    ),
    Rule(
        Reading.OPPORTUNITY,
        _("A need is stated and the economy acts itself, with no support from outside."),
        _("A donor can join something that already stands."),
    ),
    Rule(
        Reading.THIN,
        _("A need is stated and one initiative answers it, with nothing beside it."),
        _("When it ends, a gap opens."),
    ),
    Rule(
        Reading.COVERED,
        _(
            "A need is stated and answered by more than one, without two funders doing the same; "
            "or no need is stated and the economy's own response stands."
        ),
        _("Nothing, but to keep it so."),
    ),
    Rule(
        Reading.CROWDED,
        _(
            "A need is stated, and two funders or more support the same measure or topic for the "
            "same target group at the same time."
        ),
        _("Ask the owners whether they know of one another."),
    ),
    Rule(
        Reading.SUPPLY_LED,
        _("Initiatives run, and no need is stated."),
        _("Ask why, or ask the economy to state the need."),
    ),
    Rule(
        Reading.UNKNOWN,
        _(
            "Nothing is recorded, or what would decide has passed the day on which it had to be "
            "confirmed."
        ),
        _("Not a gap: ask for an update."),
    ),
)
