"""The answer of a rule: yes, or no with a reason fit to show to the person who asked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """A rule's answer. It is true or false in an `if`; `reason` is empty when it is a yes."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Decision(allowed=True)


def no(reason: str) -> Decision:
    """A refusal; `reason` is a whole sentence in the reader's language."""
    return Decision(allowed=False, reason=reason)
