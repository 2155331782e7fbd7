"""Pages of briefings: reading them, and writing them."""

from focal.briefings.views import reading, writing

__all__ = ["reading", "writing"]
