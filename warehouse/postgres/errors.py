"""Which errors of a statement the rows that it reads can cause, and what of such an error may be quoted."""

import re

_BY_ROWS = ("21", "22", "23", "54", "P0")
"""Classes of SQLSTATE: more rows than one, no valid value, a broken constraint, too large, raised by a function."""
_BY_ROWS_OR_LOAD = ("53400", "57014", "XX000")
"""More temporary files than allowed, no end in the time allowed, and what has no code (a value of 1 GB)."""
_RAISED, _CONSTRAINTS = "P0", "23"
_QUOTED = re.compile(r'".*"|".*$', re.DOTALL)


def is_by_rows(sqlstate: str | None) -> bool:
    """Whether rows can be the reason; else it is the statement itself, the server, or another session."""
    return bool(sqlstate) and (str(sqlstate)[:2] in _BY_ROWS or sqlstate in _BY_ROWS_OR_LOAD)


def may_pass(sqlstate: str | None) -> bool:
    """Whether also the server's load or a cancel can be the reason: only what fails again is by rows."""
    return sqlstate in _BY_ROWS_OR_LOAD


def quotable(sqlstate: str, message: str) -> str:
    """Return the message of an error in one line and without values of rows.

    PostgreSQL quotes values, except of constraints, where it quotes names. What a function raises may hold anything.
    """
    if sqlstate.startswith(_RAISED):
        return f"a function raised an error ({sqlstate})"
    said = message if sqlstate.startswith(_CONSTRAINTS) else _QUOTED.sub('"…"', message)
    return next(iter(said.splitlines()), "") or f"error {sqlstate}"
