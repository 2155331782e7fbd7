"""Living documents whose figures come from records, and their frozen editions."""
