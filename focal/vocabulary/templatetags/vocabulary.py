"""Words of the vocabulary in templates, in the language of the page. None asks a query."""

from django import template
from django.utils.translation import get_language

from focal.vocabulary import names
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.selectors import get_vocabulary

register = template.Library()


def _active() -> str:
    return get_language() or "en"


@register.simple_tag
def economy_name(code: str) -> str:
    """An economy's name; 'Kosovo*' with its asterisk."""
    return names.economy_name(code, _active())


@register.simple_tag
def area_name(code: str) -> str:
    """The name of an economy or of a group of economies (WB6, SEE, EU)."""
    return get_vocabulary().area_name(code, _active())


@register.simple_tag
def concept_label(scheme: str, key: str) -> str:
    """A concept's label."""
    return get_vocabulary().label(scheme, key, _active())


@register.simple_tag
def language_name(code: str) -> str:
    """A language's name, for instance of a text that is not in the page's language."""
    return names.language_name(code, _active())


@register.simple_tag
def economy_footnote() -> str:
    """The sentence behind the asterisk, for the foot of the page."""
    return names.get_footnote(_active())


@register.filter
def language_tag(code: str) -> str:
    """A code fit for the `lang` attribute."""
    return canonical_language(code)
