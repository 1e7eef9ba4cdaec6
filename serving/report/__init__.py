"""The morning report: a day of a site against the same weekday before, as one file."""
