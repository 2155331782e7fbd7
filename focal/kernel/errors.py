"""The errors that may reach a person."""


class Refused(Exception):
    """A deed that a rule forbids. Its text is a sentence fit to show to whoever asked."""


class BadInput(Exception):
    """Something that cannot be used as it is. Its text says what is wrong and what to do."""
