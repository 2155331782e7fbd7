"""Figures in from files and out to files: spreadsheets, SDMX, the World Bank's tables."""
