"""The database server, its roles, locks and dumps. Knows no table of ours."""
