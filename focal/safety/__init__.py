"""Persons are not content, and files cannot execute: finds identifiers, cleans files."""
