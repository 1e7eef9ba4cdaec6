"""One query for all checks of a mart's columns: the rows that offend against any of them.

Great Expectations works on each check for two milliseconds, however small the mart is, and counts each one's offending
rows over all rows. Nearly always there are none, which one short query shows.
"""

from collections.abc import Sequence

from psycopg import sql

from expectations.checks.check import Check, Suite


def decided_at_once(suite: Suite) -> tuple[Check, ...]:
    """Return the checks that all pass if `offenders` finds nothing."""
    return tuple(check for check in suite.checks if _repeated(check) or _offence(check))


def offenders(suite: Suite) -> str:
    """Return the query of all rows and keys that offend against one of these checks."""
    checks = decided_at_once(suite)
    offences = [offence for check in checks if (offence := _offence(check))]
    mart = sql.Identifier(suite.mart)
    parts = [sql.SQL("select 1 from {} where {}").format(mart, sql.SQL(" or ").join(offences))] if offences else []
    parts += [
        sql.SQL("select 1 from {} group by {} having count(*) > 1").format(mart, key)
        for check in checks
        if (key := _repeated(check))
    ]
    return sql.SQL(" union all ").join(parts).as_string()


def _offence(check: Check) -> sql.Composable | None:
    """Return the condition of an offending row, for kinds and arguments that are known here."""
    match dict(check.arguments):
        case {"column": str(column), **limits} if check.expectation == "ExpectColumnValuesToBeBetween":
            return _beyond(sql.Identifier(column), limits)
        case {"column": str(column), "value_set": list(values)} if (
            check.expectation == "ExpectColumnValuesToBeInSet" and len(check.arguments) == 2
        ):
            return sql.SQL("{} not in ({})").format(sql.Identifier(column), _listed(values))
        case {"column": str(column)} if (
            check.expectation == "ExpectColumnValuesToNotBeNull" and len(check.arguments) == 1
        ):
            return sql.SQL("{} is null").format(sql.Identifier(column))
    return None


def _beyond(column: sql.Identifier, limits: dict[str, float]) -> sql.Composable | None:
    signs = {"min_value": "<", "max_value": ">"}
    if not limits or limits.keys() - signs.keys():
        return None
    return sql.SQL(" or ").join(
        sql.SQL(f"{{}} {signs[name]} {{}}").format(column, sql.Literal(limit)) for name, limit in limits.items()
    )


def _repeated(check: Check) -> sql.Composable | None:
    """Return the key of a check that no two rows have the same."""
    if check.expectation != "ExpectCompoundColumnsToBeUnique" or check.arguments.keys() != {"column_list"}:
        return None
    return sql.SQL(", ").join(map(sql.Identifier, check.arguments["column_list"]))


def _listed(values: Sequence[object]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Literal, values))
