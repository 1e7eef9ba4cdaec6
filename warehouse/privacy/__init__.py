"""Find a person in the database, and erase them from it."""
