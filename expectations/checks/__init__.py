"""One check: what it is, how it is run, what it found."""
