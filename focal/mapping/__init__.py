"""Needs, responses and initiatives; coverage, gaps and overlaps."""
