"""What the indicators declare; see tests/declared.py."""

ON_RECORDS = {"indicators.FiguresVersion", "indicators.Preference"}
SYSTEM_PLACES = {"indicators/disclosure.py"}
