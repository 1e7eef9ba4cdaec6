"""The database server, its roles, locks and dumps. Knows none of Footfall's tables."""
