"""Conversations beside a record or between organisations, seen by exactly those they are for."""
