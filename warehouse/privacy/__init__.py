"""Where a person is in the database, and taking them out."""
