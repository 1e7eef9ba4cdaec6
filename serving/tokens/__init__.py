"""Who asks: the tokens that are known, their limits, and their connections to the database."""
