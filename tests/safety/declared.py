"""What a record is said not to hold hangs on it."""

ON_RECORDS = {"records.NotPersons"}
