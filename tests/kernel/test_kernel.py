"""Decisions and references."""

from focal.kernel.decision import YES, no
from focal.kernel.ids import ALPHABET, new_reference


def test_decision_is_true_or_false_and_says_why():
    assert YES
    assert not no("Because.")
    assert no("Because.").reason == "Because."


def test_new_reference_is_fourteen_unmistakable_characters_and_never_the_same():
    references = {new_reference() for _ in range(1000)}

    assert len(references) == 1000
    assert {len(reference) for reference in references} == {14}
    assert set("".join(references)) <= set(ALPHABET)
    assert not set("01lioOu") & set(ALPHABET)
