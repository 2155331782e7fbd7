"""Names of economies, languages and concepts in the reader's language: `{% load records %}`."""

from django import template
from django.utils.translation import get_language

from focal.vocabulary.selectors import get_vocabulary

register = template.Library()


@register.filter
def economy_name(code: str) -> str:
    """'Kosovo*' for 'XK'."""
    return get_vocabulary().economy_name(code, get_language() or "en")


@register.filter
def area_name(code: str) -> str:
    """The name of an economy or of a group of them."""
    return get_vocabulary().area_name(code, get_language() or "en")


@register.filter
def language_name(code: str) -> str:
    """'Macedonian' for 'mk'."""
    return get_vocabulary().language_name(code, get_language() or "en")


@register.filter
def own_language_name(code: str) -> str:
    """'Македонски' for 'mk': a language as its readers call it."""
    return get_vocabulary().language_name(code, code)


@register.filter
def concept_name(key: str) -> str:
    """The label of a topic, target group or other concept."""
    entry = get_vocabulary().concepts.get(key)
    return entry.get_label(get_language() or "en") if entry else key
