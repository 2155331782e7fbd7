"""Surveys, their editions and microdata; estimates with their uncertainty."""
